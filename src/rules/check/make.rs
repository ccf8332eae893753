//! Make.com targets given as a token.

/// The URL meant by `text`: itself when it is one, the Make.com hook of a bare token or of `token@hook.eu2.make.com`.
/// `None` when it is neither.
pub(super) fn normalise(text: &str) -> Option<String> {
    const HOST: &str = "hook.eu2.make.com";
    let text = text.trim();
    if text.starts_with("https://") || text.starts_with("http://") {
        return Some(text.to_owned());
    }
    let token = if text.contains(&format!("@{HOST}")) { text.split('@').next()? } else { text };
    let bare = !token.is_empty() && !token.contains(|c: char| c == '/' || c == '@' || c.is_whitespace());
    bare.then(|| format!("https://{HOST}/{token}"))
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[test]
    fn tokens_become_urls() {
        for (text, expected) in [
            ("https://hooks.example.net/x", Some("https://hooks.example.net/x")),
            (" https://hooks.example.net/x ", Some("https://hooks.example.net/x")),
            ("http://hooks.example.net/x", Some("http://hooks.example.net/x")),
            ("abc123@hook.eu2.make.com", Some("https://hook.eu2.make.com/abc123")),
            ("abc123", Some("https://hook.eu2.make.com/abc123")),
            ("@hook.eu2.make.com", None),
            ("abc@hook.eu1.make.com", None),
            ("a b", None),
            ("ftp://host/x", None),
            ("", None),
        ] {
            assert_eq!(normalise(text).as_deref(), expected, "{text:?}");
        }
    }
}
