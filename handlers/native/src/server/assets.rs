//! The files of `static/`, inside the program: `build.rs` lists them.

use render_signal_handlers::http::File;

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

#[cfg(test)]
mod tests {
    use super::FILES;

    #[test]
    fn every_file_of_the_folder_is_there_and_the_platforms_own_are_not() {
        let paths: Vec<_> = FILES.iter().map(|file| file.path).collect();
        assert!(paths.contains(&"/favicon.svg") && paths.contains(&"/robots.txt"), "{paths:?}");
        assert!(!paths.contains(&"/_headers"), "it tells the platform what to send, and is no file of ours");
        for file in FILES {
            assert!(!file.bytes.is_empty() && file.etag.len() == 18, "{}", file.path);
        }
    }

    /// As `run_worker_first` of wrangler.toml has it on the platform.
    #[test]
    fn no_file_hides_a_route() {
        for file in FILES {
            assert!(!file.path.starts_with("/api/") && !["/health", "/ready"].contains(&file.path), "{}", file.path);
        }
    }
}
