//! Medians and shares of what was measured.

/// The value below which this share of a list lies.
pub(crate) fn share(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let at = ((sorted.len() - 1) as f64 * share) as usize;
    sorted[at]
}

/// The middle one.
pub(crate) fn median(values: &[f64]) -> f64 {
    share(values, 0.5)
}

/// The middle one, and between which two all lie.
pub(crate) fn spread(values: &[f64], digits: usize) -> String {
    let (least, most) = (share(values, 0.0), share(values, 1.0));
    format!("{:.digits$} ({least:.digits$} to {most:.digits$})", median(values))
}

/// How many a second.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn per_second(count: usize, time: std::time::Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

/// Milliseconds.
pub(crate) fn ms(time: std::time::Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
