//! The tables, and the way from an older version of them to this one.
//!
//! Whole mails hang on `mails.seq`; a body is cut into chunks of 1 MiB under keys `seq * 64 + n`, because a Durable Object's
//! row holds about 2 MB. `schedule` holds only free or leased work, so that finding what is due never reads what is done.

use super::{Param, Sql, SqlError};

/// The version this code reads and writes.
pub const SCHEMA_VERSION: i64 = 2;

/// The bytes of a body chunk.
pub(super) const CHUNK_BYTES: usize = 1 << 20;

/// Keys reserved for the chunks of one mail: 64 MiB, six times the size limit of a mail.
pub(super) const CHUNKS_PER_MAIL: i64 = 64;

/// Why a store cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MigrationError {
    /// It was written by a newer server.
    #[error(
        "the store has schema version {found}, this server knows {SCHEMA_VERSION}: run the newer server again, or restore a backup"
    )]
    Newer {
        /// The version found.
        found: i64,
    },
    /// A statement failed.
    #[error("the store could not be prepared: {0}")]
    Failed(#[from] SqlError),
}

/// What a database holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tables {
    /// The ledger and the documents: the native server's one file.
    All,
    /// The ledger, and of the configuration only the number of its version.
    Ledger,
    /// The documents.
    Documents,
}

/// Brings the tables to [`SCHEMA_VERSION`]. Runs inside a transaction; doing it again changes nothing.
pub fn migrate<S: Sql>(sql: &S, tables: Tables) -> Result<(), MigrationError> {
    sql.query("CREATE TABLE IF NOT EXISTS meta(k TEXT PRIMARY KEY, v INTEGER NOT NULL) WITHOUT ROWID", &[])?;
    let found = stored_version(sql)?;
    if found > SCHEMA_VERSION {
        return Err(MigrationError::Newer { found });
    }
    for version in VERSIONS {
        if found < version.number {
            run(sql, version.common)?;
            run(sql, if tables == Tables::Documents { &[] } else { version.ledger })?;
            run(sql, if tables == Tables::Ledger { &[] } else { version.documents })?;
        }
    }
    sql.query(
        "INSERT INTO meta(k, v) VALUES('schema', ?1) ON CONFLICT(k) DO UPDATE SET v = excluded.v WHERE v <> excluded.v",
        &[Param::Int(SCHEMA_VERSION)],
    )?;
    Ok(())
}

fn stored_version<S: Sql>(sql: &S) -> Result<i64, SqlError> {
    let rows = sql.query("SELECT v FROM meta WHERE k = 'schema'", &[])?;
    Ok(rows.first().and_then(|row| row.int(0).ok()).unwrap_or(0))
}

/// What a version adds to the one before, statement by statement.
struct Version {
    number: i64,
    /// In every database.
    common: &'static [&'static str],
    /// Where the ledger is.
    ledger: &'static [&'static str],
    /// Where the documents are.
    documents: &'static [&'static str],
}

const VERSIONS: &[Version] = &[
    Version {
        number: 1,
        common: &["INSERT INTO meta(k, v) VALUES('fence', 0), ('config', 0)"],
        ledger: LEDGER_1,
        documents: DOCUMENTS_1,
    },
    Version { number: 2, common: &[], ledger: LEDGER_2, documents: &[] },
];

fn run<S: Sql>(sql: &S, statements: &[&'static str]) -> Result<(), SqlError> {
    statements.iter().try_for_each(|statement| sql.query(statement, &[]).map(drop))
}

/// The notices about due work. Nobody was told of what is there: all of it that is due is told of once.
const LEDGER_2: &[&str] = &[
    "ALTER TABLE schedule ADD COLUMN notified_until INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE schedule ADD COLUMN silence INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX schedule_wake ON schedule(max(due_at, notified_until)) WHERE lease_until = 0",
];

/// The first version of the ledger.
const LEDGER_1: &[&str] = &[
    "CREATE TABLE mails(
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        email_id TEXT NOT NULL,
        digest TEXT NOT NULL,
        message_id TEXT,
        thread_id TEXT,
        source TEXT NOT NULL,
        sender TEXT NOT NULL,
        sender_email TEXT NOT NULL,
        subject TEXT NOT NULL,
        date TEXT NOT NULL,
        body_bytes INTEGER NOT NULL,
        body_kept INTEGER NOT NULL DEFAULT 1,
        accepted_at INTEGER NOT NULL,
        state TEXT NOT NULL,
        reason TEXT,
        detector TEXT,
        released TEXT,
        held_at INTEGER,
        hold_until INTEGER,
        ended_at INTEGER)",
    "CREATE INDEX mails_state ON mails(state, seq)",
    "CREATE INDEX mails_email_id ON mails(email_id)",
    "CREATE INDEX mails_ended ON mails(state, ended_at) WHERE ended_at IS NOT NULL",
    "CREATE INDEX mails_with_body ON mails(state, ended_at) WHERE ended_at IS NOT NULL AND body_kept = 1",
    "CREATE TABLE bodies(k INTEGER PRIMARY KEY, data BLOB NOT NULL)",
    "CREATE TABLE claims(
        kind TEXT NOT NULL,
        k TEXT NOT NULL,
        mail INTEGER NOT NULL,
        bare INTEGER NOT NULL,
        expires_at INTEGER,
        PRIMARY KEY(kind, k)) WITHOUT ROWID",
    "CREATE INDEX claims_mail ON claims(mail)",
    "CREATE INDEX claims_expiring ON claims(expires_at) WHERE expires_at IS NOT NULL",
    "CREATE TABLE deliveries(
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        mail INTEGER NOT NULL,
        target TEXT NOT NULL,
        url TEXT NOT NULL,
        priority INTEGER NOT NULL,
        state TEXT NOT NULL,
        reason TEXT,
        released TEXT,
        facts TEXT NOT NULL,
        failures INTEGER NOT NULL DEFAULT 0,
        held_at INTEGER,
        hold_until INTEGER,
        ended_at INTEGER)",
    "CREATE INDEX deliveries_mail ON deliveries(mail)",
    "CREATE INDEX deliveries_failed ON deliveries(mail) WHERE state = 'failed'",
    "CREATE INDEX deliveries_held ON deliveries(reason, target) WHERE state = 'held'",
    "CREATE TABLE attempts(
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        delivery INTEGER NOT NULL,
        started_at INTEGER NOT NULL,
        duration_ms INTEGER NOT NULL,
        code TEXT NOT NULL,
        status INTEGER,
        modes TEXT NOT NULL,
        payload_bytes INTEGER NOT NULL,
        payload_digest TEXT NOT NULL,
        snippet TEXT,
        failure_reason TEXT,
        stale INTEGER NOT NULL,
        fence INTEGER NOT NULL)",
    "CREATE UNIQUE INDEX attempts_lease ON attempts(delivery, fence)",
    "CREATE INDEX attempts_started ON attempts(started_at)",
    "CREATE TABLE schedule(
        work INTEGER PRIMARY KEY,
        lane TEXT NOT NULL,
        priority INTEGER NOT NULL,
        due_at INTEGER NOT NULL,
        lease_until INTEGER NOT NULL DEFAULT 0,
        fence INTEGER NOT NULL DEFAULT 0,
        leases INTEGER NOT NULL DEFAULT 0)",
    "CREATE INDEX schedule_free ON schedule(lane, priority, due_at) WHERE lease_until = 0",
    "CREATE INDEX schedule_due ON schedule(due_at) WHERE lease_until = 0",
    "CREATE INDEX schedule_leased ON schedule(lease_until, lane) WHERE lease_until > 0",
    "CREATE TABLE disabled_targets(target TEXT PRIMARY KEY, code TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE events(
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        mail INTEGER NOT NULL,
        delivery INTEGER,
        kind TEXT NOT NULL,
        code TEXT NOT NULL)",
    "CREATE INDEX events_mail ON events(mail)",
    "CREATE VIRTUAL TABLE mails_text USING fts5(sender, subject, content='', contentless_delete=1, tokenize='trigram')",
];

/// The first version of the documents.
const DOCUMENTS_1: &[&str] = &["CREATE TABLE documents(
        k TEXT NOT NULL,
        version INTEGER NOT NULL,
        value TEXT NOT NULL,
        at INTEGER NOT NULL,
        author TEXT NOT NULL,
        PRIMARY KEY(k, version)) WITHOUT ROWID"];
