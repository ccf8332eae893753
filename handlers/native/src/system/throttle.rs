//! Which lines about an outage are written: at most one in ten seconds, whatever fails and however many ask meanwhile. It counts,
//! and writes nothing itself.

use render_signal::ports::Line;
use std::collections::BTreeSet;
use std::time::Duration;

/// The time between two lines about an outage.
const BETWEEN: Duration = Duration::from_secs(10);

/// What a line says while a store does not do its work. Each request that meets it would write one.
const OUTAGE: [&str; 5] =
    ["store_unavailable", "store_not_durable", "store_full", "config_unavailable", "config_stale"];

/// What a line says when it does it again.
const RECOVERED: [&str; 2] = ["store_available", "store_durable"];

/// What was written and what was left out.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    /// When the last line about an outage was written, counted from the start.
    written: Option<Duration>,
    /// How many were left out since, and their codes.
    left_out: u64,
    codes: BTreeSet<&'static str>,
}

impl Throttle {
    /// The line to write, which says how many were left out before it; `None` when it is left out itself. A line about a recovery
    /// is always written, and any other one as it is.
    pub(super) fn pass(&mut self, mut line: Line, now: Duration) -> Option<Line> {
        if RECOVERED.contains(&line.code) {
            self.count_in(&mut line);
            return Some(line);
        }
        if !OUTAGE.contains(&line.code) {
            return Some(line);
        }
        if self.written.is_some_and(|written| now < written + BETWEEN) {
            self.left_out += 1;
            self.codes.insert(line.code);
            return None;
        }
        self.written = Some(now);
        self.count_in(&mut line);
        Some(line)
    }

    fn count_in(&mut self, line: &mut Line) {
        let count = core::mem::take(&mut self.left_out);
        let codes = core::mem::take(&mut self.codes).into_iter().collect::<Vec<_>>().join(", ");
        if count > 0 {
            line.msg = format!("{} (and {count} left out: {codes})", line.msg);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use render_signal::ports::Level;

    fn line(code: &'static str) -> Line {
        Line::new(Level::Error, "ingest", code, "said")
    }

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// Ten minutes without a store, a thousand lines a second of every kind: one in ten seconds is written, and each is counted.
    #[test]
    fn ten_minutes_of_an_outage_are_sixty_lines() {
        let mut throttle = Throttle::default();
        let (mut written, mut counted) = (0, 0);
        for millis in 0..600_000 {
            let code = OUTAGE[usize::try_from(millis).unwrap() % OUTAGE.len()];
            if let Some(line) = throttle.pass(line(code), at(millis)) {
                written += 1;
                counted += left_out(&line);
            }
        }
        assert_eq!(written, 60);
        let last = throttle.pass(line("store_available"), at(600_001)).expect("the return is always said");
        assert_eq!(counted + left_out(&last), 600_000 - 60);
        let all = "config_stale, config_unavailable, store_full, store_not_durable, store_unavailable)";
        assert!(last.msg.ends_with(all), "{}", last.msg);
    }

    fn left_out(line: &Line) -> u64 {
        line.msg.split_once("(and ").map_or(0, |(_, rest)| rest.split(' ').next().unwrap().parse().unwrap())
    }

    #[test]
    fn the_first_line_and_the_return_are_written_and_nothing_else_is_held_back() {
        let mut throttle = Throttle::default();
        let mut pass = |code, millis| throttle.pass(line(code), at(millis)).map(|line| line.msg);
        assert_eq!(pass("store_unavailable", 0).as_deref(), Some("said"));
        assert_eq!(pass("config_unavailable", 9_999), None);
        assert_eq!(pass("queued", 9_999).as_deref(), Some("said"));
        let counted = "said (and 1 left out: config_unavailable)";
        assert_eq!(pass("store_available", 9_999).as_deref(), Some(counted));
        assert_eq!(pass("store_available", 9_999).as_deref(), Some("said"));
        // A second outage soon after is held to the same ten seconds.
        assert_eq!(pass("store_unavailable", 9_999), None);
        assert_eq!(pass("store_unavailable", 10_000).as_deref(), Some("said (and 1 left out: store_unavailable)"));
    }
}
