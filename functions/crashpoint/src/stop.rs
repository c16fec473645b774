//! Stopping at a point, in test builds.
//!
//! The announcement is a connection, so that whoever waits for it sees it at
//! once, and the process needs nobody's help to stand still: it reads a byte that
//! does not come. The whole process stands, as one does that is stopped or starved.

use crate::{Point, VARIABLE};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// What the environment asks for.
struct Order {
    point: Point,
    /// How often it has yet to be reached.
    left: AtomicU32,
    tell: String,
}

pub(crate) fn at(point: Point) {
    static ORDER: OnceLock<Option<Order>> = OnceLock::new();
    let Some(order) = ORDER.get_or_init(|| std::env::var(VARIABLE).ok().map(|text| read(&text)))
    else {
        return;
    };
    if order.point == point && order.left.fetch_sub(1, Ordering::Relaxed) == 1 {
        stand(order);
    }
}

/// A test that asks for what there is not must not pass by it.
fn read(text: &str) -> Order {
    parse(text).unwrap_or_else(|| give_up(&format!("{VARIABLE}: not NAME[:N]@HOST:PORT: {text}")))
}

fn parse(text: &str) -> Option<Order> {
    let (what, tell) = text.split_once('@')?;
    let (name, times) = what.split_once(':').unwrap_or((what, "1"));
    let point = Point::ALL.iter().copied().find(|point| point.name() == name)?;
    let times: u32 = times.parse().ok().filter(|times| *times > 0)?;
    Some(Order { point, left: AtomicU32::new(times), tell: tell.to_owned() })
}

fn stand(order: &Order) {
    let announced = TcpStream::connect(&order.tell).and_then(|mut line| {
        writeln!(line, "{} {}", order.point.name(), std::process::id())?;
        // A byte, or the end of the line: go on.
        line.read(&mut [0])
    });
    if let Err(error) = announced {
        give_up(&format!("{VARIABLE}: nobody listens at {}: {error}", order.tell));
    }
}

#[allow(clippy::print_stderr, reason = "a process that ends at once can tell nobody else why")]
fn give_up(why: &str) -> ! {
    eprintln!("{why}");
    std::process::abort()
}
