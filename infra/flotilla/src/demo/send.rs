//! Sends the plan at its pace, one batch after the other.

use super::Options;
use crate::books::SentBook;
use crate::cloud::Cloud;
use crate::error::Error;
use crate::generate::Plan;
use crate::offer::{Sender, batch_length};
use crate::watch::live::Live;
use flotilla_task::Stage;
use std::cell::RefCell;
use std::time::{Duration, Instant};

/// Small batches are gathered for so long.
const TICK: Duration = Duration::from_millis(20);

pub(super) async fn run(
    cloud: &Cloud,
    plan: &Plan,
    run: &str,
    options: &Options,
    live: &RefCell<Live>,
) -> Result<SentBook, Error> {
    let url = cloud.stack.queue(Stage::Ingestion)?;
    let book = RefCell::new(plan.book(run, options.seed));
    let sender = Sender { cloud, url, plan, book: &book, live };
    let begun = Instant::now();
    let mut next = 0;
    while let Some(first) = plan.messages.get(next) {
        let due = options.send_for.mul_f64(first.share.clamp(0.0, 1.0));
        tokio::time::sleep_until((begun + due).into()).await;
        let share = begun.elapsed().as_secs_f64() / options.send_for.as_secs_f64().max(0.001);
        let is_due = |place: usize| plan.messages.get(place).is_some_and(|m| m.share <= share);
        let length = batch_length(plan, next..plan.messages.len(), is_due);
        sender.offer(next..next + length).await?;
        next += length;
        if begun.elapsed() < options.send_for {
            tokio::time::sleep(TICK).await;
        }
    }
    live.borrow_mut().all_sent = true;
    Ok(book.into_inner())
}
