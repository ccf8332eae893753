//! A server that goes away, freezes, and comes back.

use super::*;
use std::sync::Mutex;

#[tokio::test]
async fn a_frozen_server_costs_one_deadline_and_then_nothing() {
    let server = RedisServer::start(DURABLE);
    let link = Link::open(&server.url()).await.unwrap();
    server.freeze();
    let start = Instant::now();
    let error = link.command(&ping()).await.unwrap_err();
    let took = start.elapsed();
    assert!((Duration::from_millis(2_900)..Duration::from_millis(3_500)).contains(&took), "{took:?}");
    assert!(error.to_string().contains("within 3s"), "{error}");
    // It is known now: nobody else waits, however often the connection is tried meanwhile.
    let start = Instant::now();
    for _ in 0..200 {
        assert!(link.command(&ping()).await.is_err());
        sleep(Duration::from_millis(10)).await;
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
    server.thaw();
    let back = recovery(&link).await;
    assert!(back < Duration::from_secs(3), "{back:?}");
}

#[tokio::test]
async fn a_server_that_comes_back_is_found_and_its_return_is_told() {
    let lines: Arc<Mutex<Vec<Line>>> = Arc::default();
    let log: Log = Arc::new({
        let lines = Arc::clone(&lines);
        move |line| lines.lock().unwrap().push(line)
    });
    let server = RedisServer::start(DURABLE);
    let link = Link::start(Servers::parse(&server.url()).unwrap(), log);
    link.connected(Duration::from_secs(5)).await.unwrap();
    let script = Script::new("#!lua\nreturn redis.call('INCR', KEYS[1])");
    assert_eq!(link.run(&script.key("n")).await, Ok(Value::Int(1)));
    server.kill();
    assert!(link.run(&script.key("n")).await.is_err());
    sleep(Duration::from_secs(3)).await;
    let start = Instant::now();
    assert!(link.run(&script.key("n")).await.is_err());
    assert!(start.elapsed() < Duration::from_millis(50), "fails at once: {:?}", start.elapsed());
    server.run();
    let back = recovery(&link).await;
    assert!(back < Duration::from_millis(2_500), "{back:?}");
    assert_eq!(link.run(&script.key("n")).await, Ok(Value::Int(2)));
    let lines = lines.lock().unwrap();
    let codes: Vec<_> = lines.iter().map(|line| line.code).collect();
    assert_eq!((codes.first(), codes.last()), (Some(&"store_available"), Some(&"store_available")), "{lines:#?}");
    let between = codes.iter().filter(|code| **code == "store_unavailable").count();
    assert!((1..4).contains(&between), "one line for each cause, not for each attempt: {lines:#?}");
}

#[tokio::test]
async fn it_starts_without_a_server_and_heals() {
    let server = RedisServer::start(&[]);
    server.kill();
    let link = Link::start(Servers::parse(&server.url()).unwrap(), Arc::new(|_| {}));
    assert!(matches!(link.connected(Duration::from_millis(300)).await, Err(Outage::Down(_))));
    server.run();
    assert!(recovery(&link).await < Duration::from_millis(2_500));
}

#[tokio::test]
async fn a_dropped_link_leaves_no_connection() {
    let server = RedisServer::start(&[]);
    let watcher = Link::open(&server.url()).await.unwrap();
    let clients = || async {
        let list = watcher.command(redis::cmd("CLIENT").arg("LIST")).await.unwrap();
        redis::from_redis_value::<String>(list).unwrap().lines().count()
    };
    let before = clients().await;
    let link = Link::open(&server.url()).await.unwrap();
    assert_eq!(clients().await, before + 10);
    drop(link);
    let start = Instant::now();
    while clients().await > before {
        assert!(start.elapsed() < Duration::from_secs(5));
        sleep(Duration::from_millis(20)).await;
    }
}
