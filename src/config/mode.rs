//! The two words for how a body is sent, as people write them.

use crate::delivery::outcome::Mode;

/// `json` or `form`, in any case, blanks around it ignored.
pub(super) fn parse(text: &str) -> Option<Mode> {
    match text.trim().to_lowercase().as_str() {
        "json" => Some(Mode::Json),
        "form" => Some(Mode::Form),
        _ => None,
    }
}
