//! What happens to a shipment on its way, told by whichever system saw it.

use super::Draft;
use super::codes::PLACES;
use super::container::Stay;
use super::dcsa::Goods;
use super::epcis::{Of, set, temperature};
use super::happening::Happening;
use super::order::Order;
use super::pen::Pen;
use super::tracking::{self, Report};
use crate::error::Error;
use serde_json::json;

/// An event, alone in its message or yet to be put in one.
#[derive(Debug)]
pub(crate) enum Told {
    Alone(Draft),
    Of(Happening),
}

/// A step of the way.
#[derive(Debug, Clone, Copy)]
struct Step<'a> {
    what: &'static str,
    place: &'a str,
    at: f64,
}

/// Gives each shipment its number of events: at least one, all of `budget`,
/// unevenly, as carriers report; `hot` percent of them to the first.
pub(crate) fn share_out(pen: &mut Pen<'_>, budget: u32, shipments: u32, hot: u32) -> Vec<u32> {
    let mut counts = vec![1_u32; shipments as usize];
    for _ in 0..budget.saturating_sub(shipments) {
        let first = hot > 0 && pen.chance(hot);
        let at = if first { 0 } else { pen.dice.usize(0..counts.len()) };
        if let Some(count) = counts.get_mut(at) {
            *count += 1;
        }
    }
    counts
}

/// A shipment's way: picked up, departed, here and there, perhaps delayed,
/// damaged or too warm, perhaps delivered. While it is in a container, only the
/// container is seen.
pub(crate) fn of(
    pen: &mut Pen<'_>,
    order: &Order,
    stay: Option<Stay>,
    count: u32,
) -> Result<Vec<Told>, Error> {
    let delivers = !order.overseas && count >= 4 && pen.chance(40);
    let trouble = (count >= 3).then(|| pen.dice.u32(2..count));
    let times = times(pen, order, stay, count);
    let mut told: Vec<Told> = Vec::new();
    let mut last_seen: Option<Happening> = None;
    for (number, at) in (0..count).zip(times) {
        let (what, place) = match number {
            0 => ("picked_up", order.origin),
            1 => ("departed", order.origin),
            _ if number + 1 == count && delivers => ("delivered", order.destination),
            _ if number % 2 == 0 => ("arrived", pen.pick(&PLACES)),
            _ => ("departed", pen.pick(&PLACES)),
        };
        let step = Step { what, place, at };
        let luck = pen.dice.u32(0..100);
        let next = match (trouble == Some(number) && what != "delivered", luck, &last_seen) {
            (true, 0..=39, _) => late(pen, order, step)?,
            (true, 40..=45, _) => damaged(pen, order, step)?,
            (true, 46..=60, _) => Told::Of(measured(pen, order, step)?),
            (true, 61..=75, Some(old)) => Told::Of(pen.withdrawn(old, at)?),
            (true, 76..=80, _) if order.booking.is_some() => stopped(pen, order, step)?,
            _ => plain(pen, order, step)?,
        };
        if let Told::Of(seen) = &next
            && seen.what != "withdrawn"
            && seen.data.get("epcList").is_some()
        {
            last_seen = Some(seen.clone());
        }
        told.push(next);
    }
    Ok(told)
}

/// Each event lies within its own slice of the time there is, so that the order
/// of events is real: all of the rest of the day, or before and after the stay in
/// a container.
fn times(pen: &mut Pen<'_>, order: &Order, stay: Option<Stay>, count: u32) -> Vec<f64> {
    let slices = |pen: &mut Pen<'_>, from: f64, to: f64, count: u32| {
        let step = (to - from) / f64::from(count + 1);
        let at = |number: u32| from + step * (f64::from(number) + 0.2 + 0.6 * pen.dice.f64());
        (0..count).map(at).collect::<Vec<_>>()
    };
    let Some(stay) = stay else { return slices(pen, order.ordered, 1.0, count) };
    let before = count.min(2);
    let mut times = slices(pen, order.ordered, stay.from, before);
    times.extend(slices(pen, stay.to, 1.0, count - before));
    times
}

fn of_order(order: &Order, step: Step<'_>) -> Of {
    Of { what: step.what, tenant: order.tenant(), at: step.at, expected: order.task() }
}

/// A warehouse sees the parcels, a line moves the booking, or a carrier's own
/// system says so.
fn plain(pen: &mut Pen<'_>, order: &Order, step: Step<'_>) -> Result<Told, Error> {
    let of = of_order(order, step);
    match (pen.dice.u32(0..100), &order.booking) {
        (0..=59, _) => {
            let business_step = match step.what {
                "picked_up" => "collecting",
                "departed" => pen.pick(&["departing", "shipping"]),
                "arrived" => pen.pick(&["arriving", "receiving"]),
                _ => "receiving",
            };
            let goods = parcels(pen, order);
            let mut seen = pen.seen(of, &goods, business_step, step.place)?;
            if let Some(waybill) = &order.waybill {
                let document = format!("urn:epcglobal:cbv:bt:9521234000013:{waybill}");
                let list = json!([{"type": "bol", "bizTransaction": document}]);
                set(&mut seen.data, "bizTransactionList", list);
            }
            Ok(Told::Of(seen))
        }
        (60..=76, booking) if matches!(step.what, "departed" | "arrived") => {
            let leaves = step.what == "departed";
            match (&order.container, booking) {
                (Some(number), _) => {
                    let code = if leaves { "GTOT" } else { "DISC" };
                    pen.handled(of, code, number, false, step.place).map(Told::Of)
                }
                (None, Some(booking)) => {
                    let code = if leaves { "DEPA" } else { "ARRI" };
                    pen.moved(of, code, Goods::Booking(booking), step.place).map(Told::Of)
                }
                (None, None) => simple(pen, order, step),
            }
        }
        _ => simple(pen, order, step),
    }
}

/// As the fleet's own kind of event.
fn simple(pen: &mut Pen<'_>, order: &Order, step: Step<'_>) -> Result<Told, Error> {
    let Step { what: milestone, place, at } = step;
    tracking::event(pen, order, Report { milestone, place, at, estimate: None }).map(Told::Alone)
}

/// Most delays break the promise, by hours up to more than a day.
fn late(pen: &mut Pen<'_>, order: &Order, step: Step<'_>) -> Result<Told, Error> {
    let estimate = (order.promised + pen.dice.f64() * 1.6 - 0.3).max(step.at + 0.1);
    match &order.booking {
        Some(booking) if pen.chance(35) => {
            let of = of_order(order, Step { what: "estimated", ..step });
            let goods = Goods::Booking(booking);
            pen.estimated(of, goods, order.destination, estimate).map(Told::Of)
        }
        _ => {
            let (place, at) = (step.place, step.at);
            let report = Report { milestone: "delayed", place, at, estimate: Some(estimate) };
            tracking::event(pen, order, report).map(Told::Alone)
        }
    }
}

fn damaged(pen: &mut Pen<'_>, order: &Order, step: Step<'_>) -> Result<Told, Error> {
    if pen.chance(40) {
        return simple(pen, order, Step { what: "damaged", ..step });
    }
    let of = of_order(order, Step { what: "damaged", ..step });
    let goods = parcels(pen, order);
    let mut seen = pen.seen(of, &goods, "inspecting", step.place)?;
    set(&mut seen.data, "disposition", json!("damaged"));
    Ok(Told::Of(seen))
}

/// A sensor travels with the goods; at times it raises an alarm.
fn measured(pen: &mut Pen<'_>, order: &Order, step: Step<'_>) -> Result<Happening, Error> {
    let alarm = pen.chance(30);
    let what = if alarm { "alarm" } else { "measured" };
    let goods = parcels(pen, order);
    let mut seen =
        pen.seen(of_order(order, Step { what, ..step }), &goods, "sensor_reporting", step.place)?;
    let time = pen.utc(step.at)?;
    let celsius = if alarm { 31.5 } else { 6.5 };
    set(&mut seen.data, "sensorElementList", temperature(celsius, &time, alarm));
    Ok(seen)
}

/// An authority or the line stops the booking.
fn stopped(pen: &mut Pen<'_>, order: &Order, step: Step<'_>) -> Result<Told, Error> {
    let Some(booking) = &order.booking else { return plain(pen, order, step) };
    pen.papers(of_order(order, Step { what: "stopped", ..step }), "HOLD", booking).map(Told::Of)
}

fn parcels(pen: &mut Pen<'_>, order: &Order) -> Vec<String> {
    order.parcels.iter().map(|sscc| pen.parcel(sscc)).collect()
}
