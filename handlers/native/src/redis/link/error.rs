//! What went wrong on the way to Redis, by what follows from it. No text here holds a URL, a password or what a call carried.

use redis::{ErrorKind, RedisError};
use render_signal::ledger::LedgerError;

/// Why the server did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// It did not answer, not in time, or that it cannot work now. The step may have been applied or not.
    #[error("Redis is unavailable: {0}")]
    Unavailable(String),
    /// It does not allow it to the user of `REDIS_URL`.
    #[error("the Redis user lacks a permission: {0}")]
    Refused(String),
    /// It holds what only newer servers understand.
    #[error("Redis holds a ledger that only newer servers understand: run the newer server again, or restore a backup")]
    Newer,
    /// It has no memory left. Nothing was written.
    #[error("Redis is out of memory")]
    Full,
    /// It answered something that cannot be, or a script of ours failed.
    #[error("Redis answered {0}")]
    Unexpected(String),
}

impl From<LinkError> for LedgerError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Unavailable(cause) => Self::Unavailable(cause),
            LinkError::Refused(_) | LinkError::Newer => Self::Unavailable(error.to_string()),
            LinkError::Full => Self::Full,
            LinkError::Unexpected(cause) => Self::Corrupt(cause),
        }
    }
}

/// As much of an answer as a message shows.
const SHOWN: usize = 200;

impl LinkError {
    pub(super) fn unavailable(cause: impl Into<String>) -> Self {
        Self::Unavailable(cause.into())
    }
}

impl From<&RedisError> for LinkError {
    fn from(error: &RedisError) -> Self {
        if error.kind() == ErrorKind::AuthenticationFailed {
            return Self::unavailable("Redis refuses the user name or the password of REDIS_URL");
        }
        match error.code() {
            Some("OOM") => Self::Full,
            Some("NEWER") => Self::Newer,
            Some(code) => refused(code, error),
            None if error.is_timeout() => Self::unavailable("the connection to Redis is not answered in time"),
            None => match error.kind() {
                ErrorKind::Parse | ErrorKind::UnexpectedReturnType => Self::Unexpected(shown(&error.to_string())),
                ErrorKind::RESP3NotSupported => Self::unavailable("Redis does not speak RESP3"),
                _ => Self::unavailable(format!("the connection to Redis failed: {}", shown(&error.to_string()))),
            },
        }
    }
}

/// What an error of the server means, by its code.
fn refused(code: &str, error: &RedisError) -> LinkError {
    let meaning = match code {
        "READONLY" => "Redis is a read-only replica",
        "LOADING" => "Redis is loading its data",
        "MASTERDOWN" => "Redis is a replica that lost its primary",
        "CLUSTERDOWN" | "MOVED" | "ASK" | "CROSSSLOT" | "TRYAGAIN" => "Redis runs in cluster mode",
        "NOAUTH" => "Redis wants a password, and REDIS_URL has none",
        "WRONGPASS" => "Redis refuses the user name or the password of REDIS_URL",
        "NOPERM" => return LinkError::Refused(shown(error.detail().unwrap_or_default())),
        "MISCONF" => "Redis cannot write to its disk",
        "NOREPLICAS" => "Redis has fewer replicas than min-replicas-to-write",
        "BUSY" => "Redis is busy with a script",
        "UNBLOCKED" => "Redis changed its role",
        _ => return LinkError::Unexpected(format!("{code}: {}", shown(error.detail().unwrap_or_default()))),
    };
    match (code, error.detail()) {
        ("MISCONF", Some(detail)) => LinkError::unavailable(format!("{meaning}: {}", shown(detail))),
        _ => LinkError::unavailable(meaning),
    }
}

/// A text of Redis's, cut short, and without the arguments that it quotes: they may be of a mail.
fn shown(text: &str) -> String {
    let text = text.split(", with args").next().unwrap_or_default();
    text.chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An error as Redis sends it.
    fn sent(line: &str) -> LinkError {
        let value = redis::parse_redis_value(format!("-{line}\r\n").as_bytes()).unwrap();
        LinkError::from(&value.extract_error().unwrap_err())
    }

    #[test]
    fn each_refusal_has_its_meaning() {
        assert_eq!(sent("OOM command not allowed when used memory > 'maxmemory'."), LinkError::Full);
        for (line, part) in [
            ("READONLY You can't write against a read only replica.", "read-only replica"),
            ("LOADING Redis is loading the dataset in memory", "loading"),
            ("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", "lost its primary"),
            ("CLUSTERDOWN Hash slot not served", "cluster mode"),
            ("MOVED 3999 127.0.0.1:6381", "cluster mode"),
            ("NOAUTH Authentication required.", "wants a password"),
            ("WRONGPASS invalid username-password pair or user is disabled.", "refuses the user name"),
            ("MISCONF Errors writing to the AOF file: No space left on device", "No space left"),
            ("NOREPLICAS Not enough good replicas to write.", "min-replicas-to-write"),
            ("BUSY Redis is busy running a script.", "busy with a script"),
        ] {
            let LinkError::Unavailable(cause) = sent(line) else { panic!("{line}") };
            assert!(cause.contains(part), "{line}: {cause}");
        }
        let refused = sent("NOPERM User app has no permissions to run the 'info' command");
        assert!(matches!(refused, LinkError::Refused(cause) if cause.contains("'info' command")));
        assert!(
            matches!(sent("ERR user_script:3: attempt to index nil"), LinkError::Unexpected(text) if text.contains("index nil"))
        );
    }

    #[test]
    fn what_a_call_carried_is_not_shown() {
        let LinkError::Unexpected(text) = sent("ERR unknown command 'FOO', with args beginning with: 's3cret' ") else {
            panic!()
        };
        assert!(text.contains("FOO") && !text.contains("s3cret"), "{text}");
        let LinkError::Unexpected(text) = sent(&format!("ERR {}", "x".repeat(10_000))) else { panic!() };
        assert!(text.len() < 300);
    }
}
