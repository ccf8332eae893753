//! When mails arrive: both sides of everything that happens at a moment.

use render_signal::calendar::Timestamp;
use std::time::Duration;

/// A moment of 2026 in UTC, reckoned by hand from the zone's rules, not by the code under test: month, day, hour, minute.
pub(super) type Edge = (i64, i64, i64, i64);

/// The millisecond before each edge, and the edge itself.
pub(super) fn both_sides(edges: &[Edge]) -> Vec<Timestamp> {
    edges.iter().flat_map(|edge| [utc(edge).minus(Duration::from_millis(1)), utc(edge)]).collect()
}

fn utc(&(month, day, hour, minute): &Edge) -> Timestamp {
    const DAYS_TO_2026: i64 = 20_454;
    const BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let days = DAYS_TO_2026 + BEFORE[usize::try_from(month - 1).unwrap()] + day - 1;
    Timestamp::from_millis(((days * 24 + hour) * 60 + minute) * 60_000)
}

#[test]
fn edges_are_where_they_are_said_to_be() {
    assert_eq!(utc(&(3, 29, 1, 0)).as_millis(), 1_774_746_000_000);
    assert_eq!(both_sides(&[(3, 29, 1, 0)])[0].to_rfc3339(), "2026-03-29T00:59:59.999000+00:00");
}
