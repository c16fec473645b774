//! What to do when something happens, and who hears of it.

/// What to do when an event comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What to do.
    pub act: Act,
    /// Whether the customer hears of it.
    pub customer: TellCustomer,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Nothing.
    Keep,
    /// Tell the dispatch desk.
    Notify,
    /// Wait for a person, if the goods are worth it; else notify.
    Hold {
        /// The least value in cents, when the rule has one.
        from_value_cents: Option<i64>,
    },
    /// Find a faster service when the slack is below so many minutes.
    Rebook {
        /// The slack that is enough.
        when_slack_below_minutes: i64,
    },
    /// Likewise, but only over a hub other than where the goods are.
    Reroute {
        /// The slack that is enough.
        when_slack_below_minutes: i64,
    },
}

impl Act {
    /// Whether it may pay for another booking.
    #[must_use]
    pub const fn rescues(&self) -> bool {
        match self {
            Self::Rebook { .. } | Self::Reroute { .. } => true,
            Self::Keep | Self::Notify | Self::Hold { .. } => false,
        }
    }
}

/// Whether the customer hears of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TellCustomer {
    /// Of what it means for the promise: it will be broken, it was saved by
    /// another booking, it was broken.
    OfThePromise,
    /// Always, unless a person has to decide first.
    Always,
    /// Never.
    Never,
}

/// What to do with an order that no carrier takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unbookable {
    /// Wait for a person.
    Hold,
    /// Tell the dispatch desk.
    Notify,
}
