//! A data directory for one test, with a store whose clock the test sets.

use super::super::{DataDirLock, SqliteStore, StoreClock};
use render_signal::calendar::Timestamp;
use render_signal::contract::Subject;
use render_signal::ledger::{Admission, Dedup, LeaseRequest, NewMail, Verdict};
use render_signal::mail::{BodyDigest, EmailId, Mail, MailId, SenderEmail, Source};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

/// 2026-04-10T09:54:38Z.
pub(super) const START: i64 = 1_775_814_878_000;

/// A request without limits.
pub(super) const ALL: LeaseRequest = LeaseRequest { max: 10_000, per_target: 10_000, hourly: None };

/// A directory that is removed with its test.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("render-signal-store-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn database(&self) -> PathBuf {
        super::super::database(&self.0)
    }

    /// Takes the directory, as a server does.
    pub(super) fn lock(&self) -> Result<DataDirLock, super::super::DataDirError> {
        DataDirLock::take(&self.0)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The time, as set.
#[derive(Clone)]
pub(super) struct Time(Arc<AtomicI64>);

impl Time {
    pub(super) fn new() -> Self {
        Self(Arc::new(AtomicI64::new(START)))
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }

    pub(super) fn set(&self, now: Timestamp) {
        self.0.store(now.as_millis(), Ordering::SeqCst);
    }

    pub(super) fn clock(&self) -> StoreClock {
        let time = self.clone();
        Arc::new(move || time.now())
    }
}

/// A store in a directory of its own.
pub(super) struct Home {
    pub(super) store: SqliteStore,
    pub(super) time: Time,
    pub(super) folder: Folder,
}

impl Home {
    pub(super) fn new() -> Self {
        let (folder, time) = (Folder::new(), Time::new());
        let store = SqliteStore::open(&folder.database(), time.clock()).unwrap();
        Self { store, time, folder }
    }

    /// Another store on the same file, as the command line has beside a running server.
    pub(super) fn another(&self) -> SqliteStore {
        SqliteStore::open(&self.folder.database(), self.time.clock()).unwrap()
    }

    /// A bare connection to the same file.
    pub(super) fn connection(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.database()).unwrap()
    }
}

impl Subject for Home {
    type Ledger = SqliteStore;
    type Config = SqliteStore;

    fn ledger(&self) -> &SqliteStore {
        &self.store
    }

    fn config(&self) -> &SqliteStore {
        &self.store
    }

    async fn set_time(&self, now: Timestamp) {
        self.time.set(now);
    }
}

/// The `n`th mail, with a body of `bytes` bytes.
pub(super) fn mail(n: u32, bytes: usize) -> NewMail {
    let mail = Mail {
        subject: format!("Planning {n}"),
        sender: "Alice Martin <alice@client.example>".to_owned(),
        sender_email: SenderEmail::from_raw("alice@client.example"),
        date: "2026-04-10T09:54:38.000Z".to_owned(),
        body: "x".repeat(bytes),
        message_id: Some(format!("m{n}")),
        thread_id: None,
    };
    NewMail {
        id: MailId::new(Timestamp::from_millis(START), u128::from(n) + 1),
        email_id: EmailId::of(&mail.subject, &mail.sender_email, &mail.date),
        digest: BodyDigest::of(&mail.body),
        mail,
        source: Source::GmailPush,
        accepted_at: Timestamp::from_millis(START),
    }
}

pub(super) fn accept() -> Admission {
    Admission { verdict: Verdict::Accept { group: None }, dedup: Dedup::On, config_version: 0 }
}
