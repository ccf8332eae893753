//! The secrets that development mode makes by itself, kept in the data directory.

use render_signal::config::settings::ApiToken;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

/// A token, and whether it was made just now.
#[derive(Debug)]
pub struct Kept {
    /// The token.
    pub token: ApiToken,
    /// Whether this is the first start with it: the one time it is shown.
    pub made: bool,
}

/// The ingress token kept in a data directory, made if there is none. The file is readable by its owner only.
pub fn ingress_token(data_dir: &Path, random: impl Fn() -> u128) -> io::Result<Kept> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(data_dir)?;
    let path = data_dir.join("ingress-token");
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            let token = ApiToken::new(text.trim());
            let token = token
                .ok_or_else(|| io::Error::other(format!("{} is empty: remove it and start again", path.display())))?;
            Ok(Kept { token, made: false })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let text = format!("{:032x}{:032x}", random(), random());
            let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            let token = ApiToken::new(&text).ok_or_else(|| io::Error::other("no token could be made"))?;
            Ok(Kept { token, made: true })
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_made_once_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let first = ingress_token(dir.path(), || 7).unwrap();
        let second = ingress_token(dir.path(), || 8).unwrap();
        assert!(first.made && !second.made);
        assert_eq!(first.token.reveal(), second.token.reveal());
    }
}
