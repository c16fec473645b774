//! The steps by which an agent comes back.

/// The least that Lambda lets a mapping have (MaximumConcurrency, Lambda API reference).
pub(super) const LEAST: u32 = 2;

/// Environments at each step up to the maximum, which is the last. `at` is what an
/// interrupted climb has already.
pub(super) fn steps(at: Option<u32>, maximum: u32) -> Vec<u32> {
    let first = at.map_or(LEAST, |at| at.saturating_mul(2));
    let mut steps: Vec<u32> = std::iter::successors(Some(first), |step| step.checked_mul(2))
        .take_while(|step| *step < maximum)
        .collect();
    steps.push(maximum);
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_has_twice_as_many_and_the_last_is_the_maximum() {
        assert_eq!(steps(None, 20), [2, 4, 8, 16, 20]);
        assert_eq!(steps(None, 16), [2, 4, 8, 16]);
        assert_eq!(steps(None, 2), [2]);
        assert_eq!(steps(Some(8), 20), [16, 20], "an interrupted climb goes on");
        assert_eq!(steps(Some(16), 20), [20]);
        assert_eq!(steps(Some(20), 20), [20]);
        assert_eq!(steps(None, 1000).len(), 10);
    }
}
