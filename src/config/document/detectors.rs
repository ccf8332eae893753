//! `detectors`: what the built-in detectors do with what they recognise.

mod save;
#[cfg(test)]
mod tests;

pub(super) use save::check;

use super::DocumentKey;
use super::fields::Fields;
use super::report::Report;
use crate::delivery::{TargetUrl, UrlPolicy};
use serde_json::Value;

/// The document with its defaults.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Detectors {
    /// Where mails that `recadrage` recognises go; `None`: to the default target.
    pub recadrage_target: Option<TargetUrl>,
    /// What becomes of them outside the sending window.
    pub recadrage_outside_window: OutsideWindow,
    /// Where mails that `desabo` recognises go; `None`: to the default target.
    pub desabo_target: Option<TargetUrl>,
}

/// What becomes of a recognised mail outside the sending window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OutsideWindow {
    /// It is skipped and recorded, as the predecessor does.
    #[default]
    Skip,
    /// It is held until the window opens.
    Hold,
}

impl OutsideWindow {
    /// The choice of that name; `None` when there is none.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_lowercase().as_str() {
            "skip" => Some(Self::Skip),
            "hold" => Some(Self::Hold),
            _ => None,
        }
    }

    /// The choice's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Hold => "hold",
        }
    }
}

impl Detectors {
    /// Reads the stored document.
    pub fn load(stored: Option<&Value>, policy: &UrlPolicy, reports: &mut Vec<Report>) -> Self {
        let mut fields = Fields::open(DocumentKey::Detectors, stored, reports);
        let mut recadrage = fields.inner("recadrage");
        let recadrage_target = recadrage.target("target", policy).ok().flatten();
        let outside = recadrage
            .text("outside_window")
            .and_then(|text| recadrage.expect("outside_window", OutsideWindow::parse(text), "skip or hold"));
        let desabo_target = fields.inner("desabo").target("target", policy).ok().flatten();
        Self { recadrage_target, recadrage_outside_window: outside.unwrap_or_default(), desabo_target }
    }
}
