//! The faults of these tests are faults.

use super::durable;
use crate::harness::{Fault, FaultProxy};
use redis::{Connection, RedisResult};
use std::time::{Duration, Instant};

/// An answer that comes is here by then, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(30);

/// What has not come by then was held back.
const SOON: Duration = Duration::from_secs(1);

fn connect(proxy: &FaultProxy) -> RedisResult<Connection> {
    redis::Client::open(proxy.url()).unwrap().get_connection_with_timeout(PATIENCE)
}

fn answers(connection: &mut Connection, wait: Duration, words: &[&str]) -> bool {
    connection.set_read_timeout(Some(wait)).unwrap();
    redis::Cmd::new().arg(words).query::<String>(connection).is_ok()
}

fn ping(connection: &mut Connection) -> bool {
    answers(connection, PATIENCE, &["PING"])
}

fn is_silent(connection: &mut Connection) -> bool {
    !answers(connection, SOON, &["PING"])
}

#[test]
fn the_way_to_redis_is_as_bad_as_it_is_told_to_be() {
    let redis = durable();
    let proxy = FaultProxy::to(&redis);
    let there = || connect(&proxy).unwrap();
    assert!(ping(&mut there()));

    let mut kept = there();
    proxy.set(Fault::Frozen);
    assert!(is_silent(&mut kept));
    proxy.set(Fault::Slow(Duration::from_millis(100)));
    let (mut slow, start) = (there(), Instant::now());
    assert!(ping(&mut slow));
    assert!(start.elapsed() >= Duration::from_millis(100), "{:?}", start.elapsed());
    proxy.set(Fault::NoAnswerTo("echo"));
    assert!(ping(&mut slow));
    assert!(!answers(&mut slow, SOON, &["ECHO", "x"]));
    assert!(ping(&mut there()));
    proxy.set(Fault::Refused);
    assert!(!connect(&proxy).is_ok_and(|mut connection| ping(&mut connection)));
    proxy.set(Fault::None);
    let mut kept = there();
    proxy.cut();
    assert!(is_silent(&mut kept));
    assert!(ping(&mut there()));

    let mut kept = there();
    redis.freeze();
    assert!(is_silent(&mut kept));
    redis.thaw();
    assert!(ping(&mut there()));
    let () = redis.ask(&["SET", "a", "b"]);
    redis.kill();
    redis.run();
    assert_eq!(redis.ask::<String>(&["GET", "a"]), "b");
    redis.lose_everything();
    assert_eq!(redis.ask::<Option<String>>(&["GET", "a"]), None);
}

/// A run of tests that is killed drops nothing.
#[test]
fn a_server_that_was_started_here_does_not_outlive_its_tests() {
    let redis = durable();
    redis.freeze();
    assert!(!redis.outlives_its_tests());
}
