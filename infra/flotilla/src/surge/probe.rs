//! What the emulator carries by itself, before the load: the kinds of requests that the
//! fleet makes, from more and more clients until no more come back.

use crate::cloud::Cloud;
use crate::cloud::throwaway::Throwaway;
use crate::counts::float;
use crate::error::Error;
use futures_util::future::try_join_all;
use std::time::{Duration, Instant};

/// How long each number of clients is tried.
const STEP: Duration = Duration::from_millis(1000);
/// Clients of each step.
const CLIENTS: [usize; 5] = [1, 2, 4, 8, 16];
/// A step that brings less than this much more is the last.
const GROWTH: f64 = 1.1;
/// Of one round: a message of the fleet costs about as many writes and reads of the
/// table for each batch that it travels in.
const WRITES: u64 = 6;
const READS: u64 = 4;
const PASSES: u64 = 3;

/// Requests a second that came back.
///
/// # Errors
/// [`Error::Environment`] when the cloud does not answer.
pub(super) async fn run(cloud: &Cloud, run: &str) -> Result<f64, Error> {
    let throwaway = Throwaway::make(cloud, format!("flotilla-surge-probe-{run}")).await?;
    let measured = steps(&throwaway).await;
    throwaway.remove().await;
    measured
}

async fn steps(throwaway: &Throwaway<'_>) -> Result<f64, Error> {
    let mut best = 0.0;
    for clients in CLIENTS {
        let rate = step(throwaway, clients).await?;
        let grew = rate > best * GROWTH;
        best = rate.max(best);
        if !grew {
            break;
        }
    }
    Ok(best)
}

async fn step(throwaway: &Throwaway<'_>, clients: usize) -> Result<f64, Error> {
    let began = Instant::now();
    let clients = (0..clients).map(|client| client_of(throwaway, clients, client, began));
    let requests: u64 = try_join_all(clients).await?.iter().sum();
    Ok(float(requests) / began.elapsed().as_secs_f64())
}

/// One client, until the step is over; says how many requests it made.
async fn client_of(
    throwaway: &Throwaway<'_>,
    clients: usize,
    client: usize,
    began: Instant,
) -> Result<u64, Error> {
    let mut requests = 0;
    for round in 0_u64.. {
        if began.elapsed() >= STEP {
            break;
        }
        let key = format!("{clients}-{client}-{round}");
        for epoch in 0..WRITES {
            throwaway.write(&key, epoch).await?;
        }
        for _ in 0..READS {
            throwaway.read(&key).await?;
        }
        throwaway.pass().await?;
        requests += WRITES + READS + PASSES;
    }
    Ok(requests)
}
