//! The faults of these tests are faults.

use super::durable;
use crate::harness::{Fault, FaultProxy};
use redis::{Connection, RedisResult};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(2);

fn connect(proxy: &FaultProxy) -> RedisResult<Connection> {
    let connection = redis::Client::open(proxy.url()).unwrap().get_connection_with_timeout(SOON)?;
    connection.set_read_timeout(Some(SOON)).unwrap();
    Ok(connection)
}

fn ping(connection: &mut Connection) -> bool {
    redis::cmd("PING").query::<String>(connection).is_ok()
}

#[test]
fn the_way_to_redis_is_as_bad_as_it_is_told_to_be() {
    let redis = durable();
    let proxy = FaultProxy::to(&redis);
    let there = || connect(&proxy).unwrap();
    assert!(ping(&mut there()));

    let mut kept = there();
    proxy.set(Fault::Frozen);
    assert!(!ping(&mut kept));
    proxy.set(Fault::Slow(Duration::from_millis(100)));
    let (mut slow, start) = (there(), Instant::now());
    assert!(ping(&mut slow));
    assert!(start.elapsed() >= Duration::from_millis(100), "{:?}", start.elapsed());
    proxy.set(Fault::NoAnswerTo("echo"));
    assert!(ping(&mut slow));
    assert!(redis::cmd("ECHO").arg("x").query::<String>(&mut slow).is_err());
    assert!(ping(&mut there()));
    proxy.set(Fault::Refused);
    assert!(!connect(&proxy).is_ok_and(|mut connection| ping(&mut connection)));
    proxy.set(Fault::None);
    let mut kept = there();
    proxy.cut();
    assert!(!ping(&mut kept));
    assert!(ping(&mut there()));

    let mut kept = there();
    redis.freeze();
    assert!(!ping(&mut kept));
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
