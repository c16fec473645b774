//! What environments share about partners, on a strict DynamoDB: the conditions of
//! its writes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops by panicking")]

use flotilla_runtime::store::pause::Noted;
use flotilla_shipment::partner::{Breaker, Changed, Rate, Seen, Shared, Taken};
use flotilla_task::{AgentPause, Pauses, Stage, Timestamp};
use flotilla_tests::Strict;
use futures_util::future::join_all;
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_millis(1_795_852_805_000);
const OPEN: Breaker = Breaker::Open { until: NOW, times: 1 };

/// Of many that see the same breaker and want to probe, one does.
#[tokio::test]
async fn of_many_environments_that_change_a_breaker_one_wins_and_the_others_learn_it() {
    let strict = Strict::start();
    let mut seen = Seen::default();
    for round in 1..=3 {
        let until = NOW.plus(Duration::from_secs(round));
        let tries = (1..=8).map(|times| {
            let to = Breaker::Probing { until, times };
            strict.records.change("swift", seen, to)
        });
        let (mut won, mut learned) = (Vec::new(), Vec::new());
        for changed in join_all(tries).await {
            match changed.unwrap() {
                Changed::Written(seen) => won.push(seen),
                Changed::Lost(seen) => learned.push(seen),
            }
        }
        assert_eq!((won.len(), learned.len()), (1, 7));
        assert!(learned.iter().all(|seen| *seen == won[0]), "{learned:?}");
        assert_eq!(strict.records.breaker("swift").await.unwrap(), won[0]);
        assert_eq!(won[0].version, round);
        seen = won[0];
    }
    assert_eq!(strict.records.breaker("steady").await.unwrap(), Seen::default());
}

#[tokio::test]
async fn what_is_old_news_changes_no_breaker() {
    let strict = Strict::start();
    let first = Seen { version: 1, breaker: OPEN, paused_until: None };
    let opened = strict.records.change("swift", Seen::default(), OPEN).await.unwrap();
    assert_eq!(opened, Changed::Written(first));
    let closed = strict.records.change("swift", Seen::default(), Breaker::Closed).await.unwrap();
    assert_eq!(closed, Changed::Lost(first));
}

/// Whatever the breaker does meanwhile, only a person takes a pause back.
#[tokio::test]
async fn every_write_of_the_breaker_keeps_a_pause_and_none_overwrites_it_unseen() {
    let strict = Strict::start();
    let records = &strict.records;
    let until = NOW.plus(Duration::from_secs(7200));
    let unpaused = Seen { version: 1, breaker: OPEN, paused_until: None };
    records.change("swift", Seen::default(), OPEN).await.unwrap();
    let mut seen = Seen { version: 2, paused_until: Some(until), ..unpaused };
    let paused = records.pause_partner("swift", unpaused, until).await.unwrap();
    assert_eq!(paused, Changed::Written(seen));
    let unseen = records.change("swift", unpaused, Breaker::Closed).await.unwrap();
    assert_eq!(unseen, Changed::Lost(seen), "an environment that did not know of it");
    for to in [
        Breaker::Probing { until, times: 1 },
        Breaker::Closing { step: 0, times: 1 },
        Breaker::Closed,
        Breaker::Open { until, times: 1 },
    ] {
        let after = Seen { version: seen.version + 1, breaker: to, ..seen };
        assert_eq!(records.change("swift", seen, to).await.unwrap(), Changed::Written(after));
        assert_eq!(records.breaker("swift").await.unwrap(), after);
        seen = after;
    }
    let lost = records.resume_partner("swift", unpaused, NOW).await.unwrap();
    assert_eq!(lost, Changed::Lost(seen));
    let resumed = records.resume_partner("swift", seen, NOW).await.unwrap();
    let after = Seen { version: seen.version + 1, breaker: OPEN, paused_until: None };
    assert_eq!(resumed, Changed::Written(after), "it may be probed at once");
    assert_eq!(records.breaker("swift").await.unwrap(), after);
}

/// A partner that nobody has ever called is paused as well, and by one of many.
#[tokio::test]
async fn a_partner_without_a_breaker_is_paused_once() {
    let strict = Strict::start();
    let tries = (1..=4).map(|hour| {
        let until = NOW.plus(Duration::from_secs(3600 * hour));
        strict.records.pause_partner("steady", Seen::default(), until)
    });
    let mut written = Vec::new();
    for changed in join_all(tries).await {
        if let Changed::Written(seen) = changed.unwrap() {
            written.push(seen);
        }
    }
    assert_eq!(written.len(), 1, "{written:?}");
    let read = strict.records.breaker("steady").await.unwrap();
    assert_eq!((read, read.breaker), (written[0], Breaker::Closed));
}

/// Two who change an agent's pause at the same time: one of them, and the other
/// learns it.
#[tokio::test]
async fn of_two_who_note_an_agents_pause_one_wins_and_the_other_learns_it() {
    let strict = Strict::start();
    let tasks = &strict.tasks;
    let paused = AgentPause::begun(None, NOW);
    assert_eq!(tasks.note_pause(Stage::State, &paused).await.unwrap(), Noted::Mine);
    let late = AgentPause::begun(None, NOW.plus(Duration::from_secs(1)));
    let lost = tasks.note_pause(Stage::State, &late).await.unwrap();
    assert_eq!(lost, Noted::Lost(Some(paused)));
    let resumed = AgentPause::ended(Some(&paused), Some(20), NOW);
    assert_eq!(tasks.note_pause(Stage::State, &resumed).await.unwrap(), Noted::Mine);
    let over = AgentPause::ended(Some(&resumed), None, NOW);
    assert_eq!(tasks.note_pause(Stage::State, &over).await.unwrap(), Noted::Mine);
    assert_eq!(tasks.noted_pauses().await.unwrap(), Pauses::from([(Stage::State, over)]));
}

/// Blocks taken at the same moment add up to the burst, and to no more later than
/// what the rate allows.
#[tokio::test]
async fn blocks_taken_at_the_same_time_add_up_to_what_the_rate_allows() {
    let strict = Strict::start();
    let rate = Rate { per_second: 10.0, burst: 20 };
    let granted = |now: Timestamp| {
        let strict = &strict;
        async move {
            let tries = (0..16).map(|_| strict.records.take("swift", rate, 2, now));
            let taken = join_all(tries).await;
            let granted = |taken: &Taken| *taken == Taken::Granted;
            2 * taken.into_iter().map(Result::unwrap).filter(granted).count()
        }
    };
    assert_eq!(granted(NOW).await, 20);
    assert_eq!(granted(NOW).await, 0);
    let wait = strict.records.take("swift", rate, 2, NOW).await.unwrap();
    assert_eq!(wait, Taken::NotYet(Duration::from_millis(200)));
    assert_eq!(granted(NOW.plus(Duration::from_secs(1))).await, 10);
    assert_eq!(granted(NOW.plus(Duration::from_secs(600))).await, 20, "no more than the burst");
}
