//! Starting, and refusing to.

use crate::harness::{Answer, Ended, Home as _, Mail, Native, Server, TOKEN, command_in};
use std::os::unix::fs::PermissionsExt as _;

/// Runs a command in an empty directory with these variables only.
fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
    let directory = tempfile::tempdir().unwrap();
    Ended::of(&mut command_in(directory.path(), arguments, variables))
}

#[test]
fn missing_secrets_stop_a_production_start() {
    for variables in [vec![("PORT", "0")], vec![("PORT", "10000")], vec![("BIND", "0.0.0.0:0")]] {
        let ended = run(&[], &variables);
        assert_eq!(ended.code, Some(78), "{variables:?}: {ended:?}");
        let expected = if variables[0].1 == "0" { "PORT" } else { "Not set: PROCESS_API_TOKEN." };
        assert!(ended.stderr.contains(expected), "{ended:?}");
        assert_eq!(ended.stdout, "");
    }
}

#[test]
fn bad_values_are_told_all_at_once_and_hidden_ones_not_shown() {
    let ended = run(
        &[],
        &[
            ("POLLING_TIMEZONE", "Mars/Olympus"),
            ("TRUSTED_PROXY", "everybody"),
            ("INGRESS_RATE_PER_MINUTE", "-1"),
            ("WEBHOOK_SENDING_ENABLED", "maybe"),
            ("WEBHOOK_URL", "ftp://qzhook.client.fr/qzhook"),
            ("WEBHOOK_SECRET", "whsec_qzsecret!"),
        ],
    );
    assert_eq!(ended.code, Some(78), "{ended:?}");
    for name in [
        "POLLING_TIMEZONE",
        "TRUSTED_PROXY",
        "INGRESS_RATE_PER_MINUTE",
        "WEBHOOK_SENDING_ENABLED",
        "WEBHOOK_URL",
        "WEBHOOK_SECRET",
    ] {
        assert!(ended.stderr.contains(&format!("{name}:")), "{name}: {ended:?}");
    }
    assert!(!ended.stderr.contains("qzhook") && !ended.stderr.contains("qzsecret"), "{ended:?}");
}

#[test]
fn on_render_a_disk_that_is_lost_at_each_deploy_is_refused() {
    // A directory on the disk that holds `/`; the tests' temporary directory may be a disk of its own.
    let root = std::path::Path::new(env!("CARGO_BIN_EXE_render-signal")).parent().unwrap();
    let device = |path: &std::path::Path| std::os::unix::fs::MetadataExt::dev(&std::fs::metadata(path).unwrap());
    let candidates = [root.to_owned(), std::path::PathBuf::from("/var/tmp"), std::path::PathBuf::from("/")];
    let on_root = candidates.iter().find(|path| device(path) == device("/".as_ref())).unwrap();
    let data = on_root.join("render-signal-never-made").display().to_string();
    let ended = run(&[], &[("RENDER", "true"), ("PORT", "10000"), ("PROCESS_API_TOKEN", TOKEN), ("DATA_DIR", &data)]);
    assert_eq!(ended.code, Some(78), "{ended:?}");
    assert!(ended.stderr.contains("DATA_DIR") && ended.stderr.contains("REDIS_URL"), "{ended:?}");
    assert!(!std::path::Path::new(&data).exists(), "nothing was made");
}

#[tokio::test]
async fn in_development_a_token_is_made_once_and_shown_once() {
    let native = Native::new(&[("PROCESS_API_TOKEN", "")]);
    let server = Server::on(native.clone());
    let file = native.directory().join("data/ingress-token");
    let token = std::fs::read_to_string(&file).unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(token.len() >= 32, "{}", token.len());
    let shown = || native.stdout().iter().filter(|line| line.contains(&token)).count();
    assert_eq!(shown(), 1);
    let push =
        || server.request("POST", "/api/ingress/gmail").bearer_auth(&token).header("content-type", "application/json");
    assert_eq!(Answer::of(push().body(Mail::new("first").to_json())).await.status_word(), (200, "queued".to_owned()));
    server.crash();
    assert_eq!(Answer::of(push().body(Mail::new("second").to_json())).await.status_word(), (200, "queued".to_owned()));
    assert_eq!((std::fs::read_to_string(&file).unwrap(), shown()), (token.clone(), 1), "kept, and not shown again");
    assert!(!native.log().iter().any(|line| line.contains(&token)), "the token is in the log");
}

#[test]
fn check_says_what_is_set_and_what_a_start_would_do() {
    let good = run(&["check"], &[("PORT", "9000"), ("PROCESS_API_TOKEN", TOKEN), ("TRIGGER_PAGE_USER", "x")]);
    assert_eq!(good.code, Some(0), "{good:?}");
    assert!(good.stdout.contains("a start would succeed: the server listens on http://0.0.0.0:9000"), "{good:?}");
    assert!(good.stdout.contains("PROCESS_API_TOKEN") && !good.stdout.contains(TOKEN), "{good:?}");
    let development = run(&["check"], &[]);
    assert!(development.stdout.contains("http://127.0.0.1:8080 in development mode"), "{development:?}");
    let missing = run(&["check"], &[("PORT", "9000")]);
    assert_eq!(missing.code, Some(78), "{missing:?}");
    assert!(
        missing.stderr.contains("a start would be refused") && missing.stderr.contains("PROCESS_API_TOKEN"),
        "{missing:?}"
    );
}

#[test]
fn help_lists_every_variable_and_version_tells_it() {
    let help = run(&["--help"], &[]);
    assert_eq!(help.code, Some(0));
    for name in
        ["PROCESS_API_TOKEN", "WEBHOOK_URL", "DATA_DIR", "POLLING_TIMEZONE", "TRUSTED_PROXY", "RETENTION_BODY_DAYS"]
    {
        assert!(help.stdout.contains(name), "{name}");
    }
    assert!(run(&["--version"], &[]).stdout.contains(env!("CARGO_PKG_VERSION")));
    assert_eq!(run(&["nonsense"], &[]).code, Some(2));
}

#[test]
fn a_file_beside_it_fills_what_the_environment_leaves_open() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(
        directory.path().join(".env"),
        format!("PORT=9001\nPROCESS_API_TOKEN={TOKEN}\nTRUSTED_PROXY=nonsense\n"),
    )
    .unwrap();
    let check = |variables: &[(&str, &str)]| Ended::of(&mut command_in(directory.path(), &["check"], variables));
    let alone = check(&[]);
    assert!(alone.code == Some(78) && alone.stderr.contains("TRUSTED_PROXY:"), "{alone:?}");
    let over = check(&[("TRUSTED_PROXY", "cloudflare")]);
    assert!(over.stdout.contains("a start would succeed: the server listens on http://0.0.0.0:9001"), "{over:?}");
}

#[tokio::test]
async fn two_servers_never_share_a_directory() {
    let native = Native::new(&[]);
    let server = Server::on(native.clone());
    let second = native.operate(&["serve"]);
    assert_eq!(second.code, Some(1), "{second:?}");
    assert!(second.stderr.contains("another server runs on the data directory"), "{second:?}");
    server.take(&Mail::new("still-here")).await;
    // The lock goes with its process, however that ends.
    server.crash();
    server.take(&Mail::new("and-again")).await;
}

#[test]
fn commands_without_a_store_say_where_they_looked() {
    let ended = run(&["mails", "list"], &[("DATA_DIR", "./nowhere")]);
    assert_eq!(ended.code, Some(64), "{ended:?}");
    assert!(ended.stderr.contains("./nowhere"), "{ended:?}");
}
