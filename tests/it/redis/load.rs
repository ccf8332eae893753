//! Clients that push as Gmail does: each mail again and again, to one server or the next, until it is taken.

use super::UNHURRIED;
use crate::harness::{Answer, Mail, TOKEN, background};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// Answers that let a client forget its mail.
const TAKEN: [&str; 3] = ["queued", "already_processing", "already_processed"];

/// A push that was answered.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) subject: String,
    pub(super) status: u16,
    pub(super) began: Instant,
    pub(super) ended: Instant,
}

/// Clients at work, until [`stop`](Self::stop).
pub(super) struct Load {
    shared: Arc<Shared>,
    clients: Vec<JoinHandle<()>>,
}

struct Shared {
    name: String,
    bases: Vec<String>,
    /// Appended to the body of each mail.
    ballast: String,
    /// Between a client's mails.
    pause: Duration,
    next: AtomicUsize,
    stopped: AtomicBool,
    told: Mutex<Vec<Told>>,
}

impl Load {
    /// Starts so many clients, which rest for a moment after each mail. Each new mail goes to the next of these servers, and to the one after it when that one does not answer.
    pub(super) fn start(name: &str, clients: usize, bases: &[String], ballast: usize) -> Self {
        Self::with_pauses(UNHURRIED, name, clients, bases, ballast)
    }

    /// The same, with other pauses.
    pub(super) fn with_pauses(pause: Duration, name: &str, clients: usize, bases: &[String], ballast: usize) -> Self {
        let shared = Arc::new(Shared {
            name: name.to_owned(),
            bases: bases.to_vec(),
            ballast: "x".repeat(ballast),
            pause,
            next: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
            told: Mutex::default(),
        });
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
        let clients = (0..clients).map(|_| background().spawn(push_all(Arc::clone(&shared), client.clone()))).collect();
        Self { shared, clients }
    }

    /// The pushes answered so far.
    pub(super) fn told(&self) -> Vec<Told> {
        self.shared.told.lock().unwrap().clone()
    }

    /// How many were taken.
    pub(super) fn taken(&self) -> usize {
        self.shared.told.lock().unwrap().iter().filter(|told| told.status == 200).count()
    }

    /// Ends the clients, and returns the subjects of all mails that were taken. A mail that was never taken stays with its client.
    pub(super) async fn stop(self) -> Vec<String> {
        self.shared.stopped.store(true, Ordering::SeqCst);
        for client in self.clients {
            client.await.unwrap();
        }
        let told = self.shared.told.lock().unwrap();
        told.iter().filter(|told| told.status == 200).map(|told| told.subject.clone()).collect()
    }
}

async fn push_all(shared: Arc<Shared>, client: reqwest::Client) {
    while !shared.stopped.load(Ordering::SeqCst) {
        let n = shared.next.fetch_add(1, Ordering::SeqCst);
        let mail = Mail::new(&format!("{}-{n:05}", shared.name));
        let body = format!("{}{}", mail.body(), shared.ballast);
        let mail = mail.with("body", body);
        for attempt in 0.. {
            let base = &shared.bases[(n + attempt) % shared.bases.len()];
            if shared.stopped.load(Ordering::SeqCst) || push_once(&shared, &client, base, &mail).await {
                break;
            }
        }
        tokio::time::sleep(shared.pause).await;
    }
}

/// Whether the mail was taken.
async fn push_once(shared: &Shared, client: &reqwest::Client, base: &str, mail: &Mail) -> bool {
    let began = Instant::now();
    let Some(answer) = push(client, base, mail).await else {
        tokio::time::sleep(Duration::from_millis(20)).await;
        return false;
    };
    let told = Told { subject: mail.subject(), status: answer.status, began, ended: Instant::now() };
    shared.told.lock().unwrap().push(told);
    match answer.status {
        200 => assert!(TAKEN.contains(&answer.status_word().1.as_str()), "{answer:?}"),
        503 => tokio::time::sleep(Duration::from_millis(100)).await,
        _ => panic!("{answer:?}"),
    }
    answer.status == 200
}

/// Pushes a mail over connections that are kept. `None` when the server is gone.
pub(super) async fn push(client: &reqwest::Client, base: &str, mail: &Mail) -> Option<Answer> {
    let request = client.post(format!("{base}/api/ingress/gmail")).bearer_auth(TOKEN);
    let request = request.header("content-type", "application/json").body(mail.to_json());
    Answer::try_of(request.send().await.ok()?).await.ok()
}
