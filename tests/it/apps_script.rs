//! The shipped Apps Script, run by Node against the running server.

use crate::harness::{Ended, PROMPT, Received, TOKEN, one_default_target};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

fn run(server: &str, extra: &[&str]) -> Ended {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut command = Command::new("node");
    command.current_dir(root).args([
        "tests/gmail/support/push.mjs",
        "--server",
        server,
        "--token",
        TOKEN,
        "--count",
        "5",
    ]);
    Ended::of(command.args(extra))
}

async fn five_arrive(extra: &[&str], label: &Value) {
    let (receiver, server) = one_default_target(&[]);
    let ended = run(&server.base(), extra);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let finished = Instant::now();
    let lines: Vec<Value> = ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 5, "{ended:?}");
    for line in &lines {
        assert_eq!(
            (&line["label"], &line["http"][0], &line["answers"][0]),
            (label, &200.into(), &"queued".into()),
            "{line}"
        );
    }
    let all = receiver.at_least("/hook", 5).await;
    let late = all.iter().map(|one| one.at.saturating_duration_since(finished)).max().unwrap();
    assert!(late < PROMPT, "{late:?}");
    assert_eq!(all.iter().map(Received::subject).collect::<BTreeSet<_>>().len(), 5);
    assert!(all.iter().all(|one| one.json()["detector"] == "recadrage"));
    assert_eq!(all.len(), 5);
}

#[tokio::test]
async fn the_shipped_script_delivers() {
    five_arrive(&[], &"Signal/Envoyé".into()).await;
}

#[tokio::test]
async fn the_predecessors_script_delivers() {
    five_arrive(&["--legacy"], &Value::Null).await;
}
