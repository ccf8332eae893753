//! The redis-server of a run: of its own, on a socket in a folder of its own, each write synced to the disk before it is answered.

use crate::redis_server::{DURABLE, RedisServer};

/// Starts one. A rewrite of its file in the middle of a round would be measured as somebody's own work.
pub(crate) fn start() -> RedisServer {
    let server = RedisServer::start(&[DURABLE, &["--auto-aof-rewrite-percentage", "0"]].concat());
    assert_on_a_disk(&server);
    server
}

/// How many mails stand in a state.
pub(crate) fn mails(server: &RedisServer, state: &str) -> usize {
    server.ask(&["ZCARD", &format!("r:ss:{{ledger}}:state:{state}")])
}

/// A sync to memory costs nothing and is none.
fn assert_on_a_disk(server: &RedisServer) {
    let socket = server.socket();
    let mounts = std::fs::read_to_string("/proc/mounts").unwrap();
    let of_folder = mounts
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ').skip(1);
            Some((words.next()?, words.next()?))
        })
        .filter(|(place, _)| socket.starts_with(place))
        .max_by_key(|(place, _)| place.len());
    let kind = of_folder.map_or("unknown", |(_, kind)| kind);
    assert!(
        !matches!(kind, "tmpfs" | "ramfs"),
        "{} lies on {kind}: set TMPDIR to a folder on a disk",
        socket.display()
    );
}
