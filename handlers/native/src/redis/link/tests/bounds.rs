//! What an outage costs, and what a large call costs the others.

use super::*;
use futures_util::future::join_all;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

fn keep() -> Script {
    Script::new("#!lua\nreturn redis.call('SET', KEYS[1], ARGV[1])")
}

/// In a process of its own: the memory that is measured is nobody else's.
#[test]
fn a_frozen_server_costs_little() {
    let name = "redis::link::tests::bounds::a_frozen_server_costs_bounded_memory";
    let test = std::env::current_exe().unwrap();
    let ran = std::process::Command::new(test).args(["--exact", name, "--ignored", "--nocapture"]).output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&ran.stderr));
}

/// Sixty thousand mails at a frozen server, five thousand at a time: most are refused at once, the others within the deadline, and
/// memory stays where it was.
#[tokio::test]
#[ignore = "run by the test above, in a process of its own"]
async fn a_frozen_server_costs_bounded_memory() {
    let server = RedisServer::start(&[]);
    let link = Link::open(&server.url()).await.unwrap();
    let script = keep();
    let body = "x".repeat(3 << 10);
    for n in 0..200 {
        link.run(script.key(n).arg(&body)).await.unwrap();
    }
    let before = resident();
    server.freeze();
    let start = Instant::now();
    let mut refused_at_once = 0;
    let mut peak = before;
    for _ in 0..12 {
        let calls = (0..5_000).map(|n| {
            let (link, script, body) = (&link, &script, &body);
            async move {
                let begun = Instant::now();
                assert!(link.run(script.key(n).arg(body.as_str())).await.is_err());
                begun.elapsed()
            }
        });
        let times = join_all(calls).await;
        peak = peak.max(resident());
        assert!(times.iter().all(|time| *time < Duration::from_millis(3_600)), "{:?}", times.iter().max());
        refused_at_once += times.iter().filter(|time| **time < Duration::from_secs(1)).count();
    }
    let grown = peak - before;
    println!("60,000 calls in {:?}, {refused_at_once} of them refused at once, {grown} KiB", start.elapsed());
    assert!(grown < 20 << 10, "{grown} KiB");
    assert!(refused_at_once >= 60_000 - 2_048, "{refused_at_once}");
    server.thaw();
    recovery(&link).await;
}

/// A slow way to the server: each connection passes so many bytes in a millisecond.
async fn slow_way(server: &RedisServer, bytes: usize) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let path = server.url().trim_start_matches("unix://").to_owned();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = tokio::net::UnixStream::connect(&path).await.unwrap();
            tokio::spawn(async move {
                let (mut from_client, mut to_client) = client.into_split();
                let (mut from_server, mut to_server) = server.into_split();
                let up = async {
                    let mut buffer = vec![0; bytes];
                    while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
                        if to_server.write_all(&buffer[..read]).await.is_err() {
                            break;
                        }
                        sleep(Duration::from_millis(1)).await;
                    }
                };
                let down = tokio::io::copy(&mut from_server, &mut to_client);
                tokio::select! { () = up => {}, _ = down => {} }
            });
        }
    });
    port
}

/// Ten MiB on their way for seconds: the small ones do not wait behind them, and the large one has the time it needs.
#[tokio::test]
async fn a_large_call_does_not_hold_up_small_ones() {
    let server = RedisServer::start(&[]);
    let port = slow_way(&server, 4 << 10).await;
    let link = Link::open(&format!("redis://127.0.0.1:{port}")).await.unwrap();
    let script = keep();
    link.run(script.key("warm").arg("")).await.unwrap();
    let body = "x".repeat(10 << 20);
    let start = Instant::now();
    let large = async {
        link.run(script.key("large").arg(&body)).await.unwrap();
        start.elapsed()
    };
    let small = async {
        sleep(Duration::from_millis(300)).await;
        let mut longest = Duration::ZERO;
        for n in 0..50 {
            let begun = Instant::now();
            link.run(script.key(n).arg("small")).await.unwrap();
            longest = longest.max(begun.elapsed());
        }
        (longest, start.elapsed())
    };
    let (took, (longest, ended)) = tokio::join!(large, small);
    println!("large: {took:?}, the longest small one: {longest:?}");
    assert!(took > Duration::from_secs(3), "it takes longer than a small call may: {took:?}");
    assert!(ended < took, "the small ones were under way meanwhile");
    assert!(longest < Duration::from_millis(500), "{longest:?}");
}
