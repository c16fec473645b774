//! The points, each named by what has just happened or is about to.

macro_rules! points {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A place between two steps.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Point { $($(#[$doc])* $variant,)* }

        impl Point {
            /// Every point. The crash matrix has a row for each.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name in the variable.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

points! {
    /// A record is in hand and nothing is done about it.
    Taken = "taken",
    /// The claim stands, the work has not begun.
    Claimed = "claimed",
    /// The work is done, the commit not made.
    Worked = "worked",
    /// The commit stands, its message has not left.
    Committed = "committed",
    /// The task is created, its message has not left.
    Created = "created",
    /// The task is about to be failed for good.
    Failing = "failing",
    /// The task is failed, its message not in the dead-letter queue.
    Failed = "failed",
    /// Recovery has taken its turn, and looked at nothing.
    TurnTaken = "turn_taken",
    /// Recovery has written the task that it mends, and sent nothing.
    Mended = "mended",
    /// Every record is worked on and nothing has left.
    Flushing = "flushing",
    /// One batch of a flush has left and the next has not.
    BetweenSends = "between_sends",
    /// Everything has left and what goes back is not visible again.
    GivingBack = "giving_back",
    /// The flush is over and the invocation not answered.
    Flushed = "flushed",
    /// The booking slot is reserved, nobody is called.
    Reserved = "reserved",
    /// The booking that is replaced is cancelled, the new one not made.
    Cancelled = "cancelled",
    /// The intent is on record, the carrier is not called.
    Intended = "intended",
    /// The carrier has booked, and nothing says so.
    Answered = "answered",
    /// The carrier refused and the checkpoint says so; the slot is not freed.
    Refused = "refused",
    /// The booking's checkpoint stands, the slot is not settled.
    Noted = "noted",
    /// The slot is settled, nobody is notified.
    Settled = "settled",
    /// Names are registered, the events that waited for them not released.
    Registered = "registered",
    /// The event is parked or kept, and not looked at once more.
    Parked = "parked",
    /// Waiting events have left, and are not forgotten.
    Released = "released",
    /// A source's page has left as messages, the cursor still stands before it.
    Pulled = "pulled",
    /// The cursor stands behind the page, the next is not asked for.
    Turned = "turned",
    /// The shipment's state is remembered, the decision not logged.
    Remembered = "remembered",
    /// The decision is logged, its outcome not counted.
    Logged = "logged",
}
