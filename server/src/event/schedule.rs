//! How long a delivery that failed waits before the next try: seconds at first, hours in the end, three days in all.

/// After the first failure, the second and so on; then always the last. What restarts is back within seconds; what a
/// person must mend takes hours, and six of them keep a dead endpoint from costing anything.
const DELAYS_SECONDS: [i64; 12] = [5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 14_400, 21_600];
/// A weekend and a working day: then somebody must look.
pub const PATIENCE_SECONDS: i64 = 3 * 86_400;

/// `failures`: since it was last ordered, this one with them; `trying_seconds`: since the first of them. `None`: it is to be
/// parked. Both count: a Coffer that was off for days doesn't park at its first try, nor does an endpoint that comes and goes,
/// which is tried more often.
pub fn next_delay_seconds(failures: i64, trying_seconds: i64) -> Option<i64> {
    let at = usize::try_from(failures.saturating_sub(1)).unwrap_or(0);
    let tried_all = at >= DELAYS_SECONDS.len();
    if tried_all && trying_seconds >= PATIENCE_SECONDS {
        return None;
    }
    Some(DELAYS_SECONDS[at.min(DELAYS_SECONDS.len() - 1)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_endpoint_is_tried_from_seconds_to_hours_for_three_days() {
        let (mut failures, mut seconds) = (1, 0);
        while let Some(delay) = next_delay_seconds(failures, seconds) {
            failures += 1;
            seconds += delay;
        }
        assert!((PATIENCE_SECONDS..PATIENCE_SECONDS + 21_600).contains(&seconds), "{seconds}");
        assert!((20..30).contains(&failures), "{failures}");
    }

    #[test]
    fn neither_a_pause_of_days_nor_many_quick_failures_park() {
        assert!(next_delay_seconds(2, 30 * 86_400).is_some());
        assert!(next_delay_seconds(1_000, 3_600).is_some());
    }
}
