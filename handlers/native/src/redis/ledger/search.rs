//! Finding mails by words of their sender and subject, without an index of words.

use render_signal::ledger::MailSummary;

/// The words of a search that are long enough to be looked up, in lower case.
pub(super) struct Words(Vec<String>);

impl Words {
    /// Those of a text. Blanks and NULs part words; of fewer than three characters they are ignored.
    pub(super) fn of(text: Option<&str>) -> Self {
        let words = text.unwrap_or_default().split(|c: char| c.is_whitespace() || c == '\0');
        Self(words.filter(|word| word.chars().count() >= 3).map(folded).collect())
    }

    /// Whether there is nothing to look for: then every mail is found.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether each word stands in the mail's sender or in its subject.
    pub(super) fn are_in(&self, mail: &MailSummary) -> bool {
        let (sender, subject) = (folded(&mail.sender), folded(&mail.subject));
        self.0.iter().all(|word| sender.contains(word) || subject.contains(word))
    }
}

/// In lower case, character by character: a letter is the same wherever it stands in its word.
fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}
