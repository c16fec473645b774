//! How much may go wrong at most: what makes the search finite.

use flotilla_task::Stage;

/// How often each thing may still happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Budget {
    /// Workers and operators that die.
    pub(crate) crashes: u8,
    /// Messages that SQS delivers twice.
    pub(crate) duplicates: u8,
    /// Messages that become visible while their worker still works.
    pub(crate) lapses: u8,
    /// Writes that are applied and whose answer is lost.
    pub(crate) lost: u8,
    /// Writes without an answer that reach the store at some later time.
    pub(crate) late: u8,
    /// Messages that SQS does not take.
    pub(crate) unsent: u8,
    /// Failures that a retry may mend.
    pub(crate) retries: u8,
    /// Failures that it cannot mend.
    pub(crate) permanents: u8,
    /// Times that an agent has to wait.
    pub(crate) waits: u8,
    /// Calls of which nobody can say whether they happened.
    pub(crate) ambiguous: u8,
    /// Rounds from communication back to decision.
    pub(crate) rounds: u8,
    /// Commands of operators.
    pub(crate) commands: u8,
    /// Scans by recovery while nothing is lost.
    pub(crate) scans: u8,
}

/// What the partner does with idempotency keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Partner {
    HonoursKeys,
    IgnoresKeys,
}

/// The protection that is taken away, to see that the search notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Without {
    Nothing,
    EpochInCommit,
    ConditionOnCommit,
    KeepingOnFailure,
    CommitBeforeSend,
    ResendOnReplay,
    LookAfterRefusedCreate,
    FenceBesideLease,
    CommitBeforeAcknowledge,
    GivingBackWhenBusy,
    KeyWithoutEpoch,
    IntentBeforeCall,
    PatienceOfThePerson,
    Recovery,
}

/// One search.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) name: &'static str,
    /// Where the task stands at first; ingestion: there is only its event.
    pub(crate) start: Stage,
    /// Where decision hands to.
    pub(crate) after_decision: Stage,
    pub(crate) partner: Partner,
    /// Whether a call may still be made when the limit noted for it has passed.
    pub(crate) slow_calls: bool,
    /// Workers at the same stage at the same time.
    pub(crate) workers: usize,
    /// After so many receives SQS moves a message away; none: receives do not count.
    pub(crate) max_receives: Option<u32>,
    /// Failures at one stage before the task fails.
    pub(crate) retry_budget: u32,
    pub(crate) budget: Budget,
    pub(crate) without: Without,
    /// What the search must reach, by name.
    pub(crate) reaches: &'static [&'static str],
}
