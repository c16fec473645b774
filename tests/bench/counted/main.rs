//! `empty` and `noop` once more, with every allocation counted. A program of its own,
//! because counting takes time, and the others' time is measured.
//!
//! At the begin of each invocation a line says what was allocated since the begin of the
//! one before: its handling, its answer, and reading the event that is at hand now.
#![allow(clippy::print_stdout, reason = "what it prints is its result")]

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use flotilla_bench::overhead::{allocations, noop};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use std::sync::Mutex;

#[global_allocator]
static COUNTED: dhat::Alloc = dhat::Alloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let _counts = dhat::Profiler::builder().testing().build();
    let last = Mutex::new((0, 0));
    let tell = || {
        let Ok(mut last) = last.lock() else { return };
        let now = counted();
        println!("{}", allocations::line(now.0 - last.0, now.1 - last.1));
        *last = counted();
    };
    if std::env::var(allocations::WHICH).as_deref() == Ok("noop") {
        let function = noop::start().await?;
        let function = &function;
        let handler = |event| {
            tell();
            function.invoke(event)
        };
        return lambda_runtime::run(service_fn(handler)).await;
    }
    let handler = |_: LambdaEvent<SqsEvent>| {
        tell();
        async { Ok::<_, Error>(SqsBatchResponse::default()) }
    };
    lambda_runtime::run(service_fn(handler)).await
}

/// Allocations so far, and their bytes.
fn counted() -> (u64, u64) {
    let stats = dhat::HeapStats::get();
    (stats.total_blocks, stats.total_bytes)
}
