//! The batch loop around an agent that does nothing. Measured by `bench overhead`.

fn main() {}
