//! Negative controls: the same model with one protection taken away must break,
//! and break what that protection is for.

use crate::bounds::{Bounds, Budget, Partner, Without};
use crate::fleet::Fleet;
use crate::properties::*;
use crate::searches::{BASE, NONE};
use crate::words::{say, story};
use flotilla_task::Stage;
use stateright::{Checker, HasDiscoveries, Model};

/// Searches until the property breaks, prints the shortest way there, and checks
/// that nothing breaks in the same bounds with the protection.
#[track_caller]
fn breaks(what: &str, bounds: Bounds, property: &'static str) {
    let mut seen = 0;
    let path = (2..).find_map(|depth| {
        let checker = Fleet(bounds).checker().target_max_depth(depth).spawn_bfs().join();
        let is_all = checker.unique_state_count()
            == std::mem::replace(&mut seen, checker.unique_state_count());
        let path = checker.discovery(property);
        assert!(path.is_some() || !is_all, "without {what}, nothing breaks: {property}");
        path
    });
    let lines = story(path.unwrap().into_vec());
    say(&format!("model, without {what}, is broken: {property}\n{}", lines.join("\n")));
    let protected = Fleet(Bounds { without: Without::Nothing, ..bounds });
    let finish = HasDiscoveries::AnyFailures;
    let checker = protected.checker().finish_when(finish).spawn_bfs().join();
    assert!(checker.discoveries().is_empty(), "broken with the protection as well");
}

#[test]
fn without_the_epoch_in_the_commit_a_stage_commits_twice() {
    let bounds = Bounds {
        start: Stage::Decision,
        budget: Budget { duplicates: 1, rounds: 1, ..NONE },
        without: Without::EpochInCommit,
        ..BASE
    };
    breaks("the epoch in the commit", bounds, COMMITTED_ONCE);
    breaks("the epoch in the commit", bounds, FENCED_INVISIBLE);
}

#[test]
fn with_an_unconditional_completion_what_ended_is_overwritten() {
    let bounds = Bounds {
        budget: Budget { lapses: 1, ..NONE },
        without: Without::ConditionOnCommit,
        ..BASE
    };
    breaks("a condition on the commit", bounds, ENDED_STAYS);
    breaks("a condition on the commit", bounds, COMMITTED_ONCE);
}

#[test]
fn with_a_delete_on_failure_the_task_is_gone() {
    let bounds = Bounds {
        budget: Budget { retries: 1, ..NONE },
        without: Without::KeepingOnFailure,
        ..BASE
    };
    breaks("keeping the record on a failure", bounds, NEVER_LOST);
}

#[test]
fn with_a_send_before_the_commit_what_was_never_decided_leaves() {
    let bounds = Bounds {
        start: Stage::Decision,
        budget: Budget { duplicates: 1, ..NONE },
        without: Without::CommitBeforeSend,
        ..BASE
    };
    breaks("committing before sending", bounds, SENDS_STORED);
    breaks("committing before sending", bounds, NEVER_LOST);
}

#[test]
fn without_the_resend_on_replay_a_crash_loses_the_task() {
    let bounds = Bounds {
        start: Stage::Decision,
        budget: Budget { crashes: 1, ..NONE },
        without: Without::ResendOnReplay,
        ..BASE
    };
    breaks("the resend on a replay", bounds, NEVER_LOST);
}

#[test]
fn with_a_create_that_drops_duplicates_a_crash_loses_the_event() {
    let bounds = Bounds {
        start: Stage::Ingestion,
        budget: Budget { crashes: 1, ..NONE },
        without: Without::LookAfterRefusedCreate,
        ..BASE
    };
    breaks("a look after a refused create", bounds, NEVER_LOST);
}

#[test]
fn with_a_lease_trusted_for_correctness_two_owners_commit() {
    let bounds =
        Bounds { budget: Budget { lapses: 1, ..NONE }, without: Without::FenceBesideLease, ..BASE };
    breaks("a fence beside the lease", bounds, COMMITTED_ONCE);
    breaks("a fence beside the lease", bounds, FENCED_INVISIBLE);
}

#[test]
fn with_an_acknowledgement_before_the_commit_the_task_hangs_on_one_worker() {
    let bounds =
        Bounds { start: Stage::Decision, without: Without::CommitBeforeAcknowledge, ..BASE };
    breaks("committing before acknowledging", bounds, NEVER_LOST);
}

#[test]
fn with_a_loser_that_acknowledges_the_winner_is_left_without_a_message() {
    let bounds = Bounds {
        budget: Budget { lapses: 1, ..NONE },
        without: Without::GivingBackWhenBusy,
        ..BASE
    };
    breaks("giving back what another works on", bounds, NEVER_LOST);
}

#[test]
fn with_the_epoch_in_the_key_a_takeover_books_twice() {
    let bounds =
        Bounds { budget: Budget { crashes: 1, ..NONE }, without: Without::KeyWithoutEpoch, ..BASE };
    breaks("a key that no attempt changes", bounds, BOOKED_ONCE);
}

#[test]
fn without_an_intent_a_crash_books_twice_where_keys_are_ignored() {
    let bounds = Bounds {
        partner: Partner::IgnoresKeys,
        budget: Budget { crashes: 1, ..NONE },
        without: Without::IntentBeforeCall,
        ..BASE
    };
    breaks("an intent before the call", bounds, BOOKED_ONCE);
}

/// The one place where a clock decides more than when somebody may try: whoever
/// answers for a call must not answer while it may still be made.
#[test]
fn with_an_answer_while_the_call_may_still_happen_it_happens_twice() {
    let bounds = Bounds {
        partner: Partner::IgnoresKeys,
        budget: Budget { lapses: 1, commands: 1, ..NONE },
        without: Without::PatienceOfThePerson,
        ..BASE
    };
    breaks("waiting for lease and call to pass", bounds, BOOKED_ONCE);
}

#[test]
fn without_recovery_a_crash_on_the_last_receive_leaves_the_task_behind() {
    let bounds = Bounds {
        max_receives: Some(1),
        budget: Budget { crashes: 1, ..NONE },
        without: Without::Recovery,
        ..BASE
    };
    breaks("recovery", bounds, AT_REST);
}
