//! What a server says of itself in `INFO`, and whether it is one that the stores can be on. Reads text; asks nothing.

use std::collections::HashMap;

/// What is known of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The version of Redis that it is, or is compatible with.
    pub version: (u32, u32),
    /// How it runs.
    pub mode: Mode,
    /// Its process.
    pub run: String,
    /// What it is to others.
    pub role: Role,
    /// Replicas that are connected to it, and up to date but for what is on its way.
    pub replicas: usize,
    /// Whether it reads its data from the disk still, and answers nothing else.
    pub loading: bool,
    /// What it writes to its disk.
    pub log: AppendLog,
    /// What it does when its memory is full, as it names it; `None` when it does not say.
    pub eviction: Option<String>,
}

/// How a server runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Alone, or with replicas.
    Standalone,
    /// As a part of a cluster.
    Cluster,
    /// As a Sentinel, which holds no data.
    Sentinel,
}

/// What a server is to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It takes writes.
    Primary,
    /// It copies another one.
    Replica,
}

/// The state of the append-only file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppendLog {
    /// It is written.
    Written,
    /// It was switched on, and its first whole copy is being made: until that is done a start reads nothing of it.
    Begun,
    /// It is on, but could not be written lately.
    Failing,
    /// It is off.
    Off,
}

/// A server that the stores cannot be on. Its text names the remedy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// Its scripts lack what ours use.
    #[error("Redis {}.{} is too old: use Redis 7.0 or newer, or Valkey", .0.0, .0.1)]
    TooOld((u32, u32)),
    /// One step must see all keys.
    #[error("Redis runs in cluster mode, which is not supported: use one server, or one with replicas and Sentinel")]
    Cluster,
    /// `REDIS_URL` names a Sentinel as if it held data.
    #[error("a Sentinel answers, not a Redis: write REDIS_URL as redis+sentinel://host:port/service")]
    Sentinel,
}

/// The oldest version whose scripts can say what they may do (`#!lua flags=…`).
const OLDEST: (u32, u32) = (7, 0);

impl Facts {
    /// Reads an answer to `INFO`. `None` when it is not one.
    pub fn read(info: &str) -> Option<Self> {
        let fields: HashMap<&str, &str> = info.lines().filter_map(|line| line.trim_end().split_once(':')).collect();
        let field = |name: &str| fields.get(name).copied();
        let on = |name: &str| field(name) == Some("1");
        // A new store that is rewritten for the first time looks the same, for a moment.
        let begun =
            field("aof_base_size") == Some("0") && (on("aof_rewrite_in_progress") || on("aof_rewrite_scheduled"));
        let log = match (on("aof_enabled"), field("aof_last_write_status")) {
            (false, _) => AppendLog::Off,
            (true, Some("ok") | None) if begun => AppendLog::Begun,
            (true, Some("ok") | None) => AppendLog::Written,
            (true, Some(_)) => AppendLog::Failing,
        };
        let mode = match field("redis_mode") {
            _ if on("cluster_enabled") => Mode::Cluster,
            Some("cluster") => Mode::Cluster,
            Some("sentinel") => Mode::Sentinel,
            _ => Mode::Standalone,
        };
        Some(Self {
            version: version(field("redis_version")?)?,
            mode,
            run: field("run_id").unwrap_or_default().to_owned(),
            role: if matches!(field("role"), Some("slave" | "replica")) { Role::Replica } else { Role::Primary },
            replicas: online(&fields),
            loading: on("loading"),
            log,
            eviction: field("maxmemory_policy").map(str::to_owned),
        })
    }

    /// Why the stores cannot be on it, if so.
    pub fn unsupported(&self) -> Option<Unsupported> {
        match self.mode {
            Mode::Sentinel => Some(Unsupported::Sentinel),
            Mode::Cluster => Some(Unsupported::Cluster),
            Mode::Standalone => (self.version < OLDEST).then_some(Unsupported::TooOld(self.version)),
        }
    }
}

/// A replica that is copying the whole is no help yet.
fn online(fields: &HashMap<&str, &str>) -> usize {
    let numbered = |name: &str| name.strip_prefix("slave").is_some_and(|rest| rest.parse::<u32>().is_ok());
    fields.iter().filter(|(name, value)| numbered(name) && value.split(',').any(|part| part == "state=online")).count()
}

fn version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: &str = "# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nrun_id:5f1c\r\n# Persistence\r\nloading:0\r\naof_enabled:1\r\n\
        aof_rewrite_in_progress:1\r\naof_base_size:88\r\naof_last_write_status:ok\r\n# Memory\r\nmaxmemory_policy:noeviction\r\n# Replication\r\nrole:master\r\nconnected_slaves:2\r\n\
        slave0:ip=127.0.0.1,port=1,state=online,offset=7,lag=0\r\nslave1:ip=127.0.0.1,port=2,state=wait_bgsave,offset=0,lag=0\r\n\
        slave_read_only:1\r\n# Cluster\r\ncluster_enabled:0\r\n";

    #[test]
    fn each_fact_is_read() {
        let facts = Facts::read(INFO).unwrap();
        let expected = Facts {
            version: (7, 0),
            mode: Mode::Standalone,
            run: "5f1c".to_owned(),
            role: Role::Primary,
            replicas: 1,
            loading: false,
            log: AppendLog::Written,
            eviction: Some("noeviction".to_owned()),
        };
        assert_eq!(facts, expected);
        let with = |from: &str, to: &str| Facts::read(&INFO.replace(from, to)).unwrap();
        assert_eq!(with("role:master", "role:slave").role, Role::Replica);
        assert!(with("loading:0", "loading:1").loading);
        assert_eq!(with("aof_enabled:1", "aof_enabled:0").log, AppendLog::Off);
        assert_eq!(with("base_size:88", "base_size:0").log, AppendLog::Begun);
        assert_eq!(with("status:ok", "status:err").log, AppendLog::Failing);
        assert_eq!(with("maxmemory_policy", "other").eviction, None);
        assert_eq!(Facts::read("nothing"), None);
    }

    #[test]
    fn what_the_stores_cannot_be_on() {
        let of = |from: &str, to: &str| Facts::read(&INFO.replace(from, to)).unwrap().unsupported();
        assert_eq!(of("", ""), None);
        assert_eq!(of("7.0.15", "6.2.14"), Some(Unsupported::TooOld((6, 2))));
        assert_eq!(of("7.0.15", "10.1.0"), None);
        assert_eq!(of("cluster_enabled:0", "cluster_enabled:1"), Some(Unsupported::Cluster));
        assert_eq!(of("redis_mode:standalone", "redis_mode:sentinel"), Some(Unsupported::Sentinel));
        assert!(Unsupported::TooOld((6, 2)).to_string().starts_with("Redis 6.2 is too old: use Redis 7.0"));
    }
}
