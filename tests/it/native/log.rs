//! Lines of a process: a Worker has no end to speak of, and no heart.

use crate::harness::{Home as _, Native, Server, eventually};
use crate::logs::message;

#[tokio::test]
async fn the_beat_and_the_end_of_a_process_are_logged() {
    let native = Native::new(&[]);
    let _server = Server::on(native.clone());
    let has = |wanted: &str| native.log().iter().any(|line| message(line).contains(wanted)).then_some(());
    eventually("it beats", || has("HEARTBEAT: alive")).await;
    native.terminate();
    assert_eq!(native.wait(), Some(0));
    has("PROCESS: SIGTERM received").expect("it says why it ends");
}
