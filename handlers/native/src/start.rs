//! From a command line to a running server, and from a signal to a clean end.

use crate::environment::Environment;
use crate::home::{NativeHome, Network};
use crate::stores::{Stores, StoresError, Unusable};
use crate::system::StderrJournal;
use crate::{secrets, server, worker};
use render_signal::config::Settings;
use render_signal::config::settings::{DataDir, Refusal, RunMode, start_refusal};
use render_signal::flow::refresh;
use render_signal::ports::{Home, Journal, Level, Line, Queue as _};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// What is in flight when the end is asked for has this long to finish.
const DRAIN: Duration = Duration::from_secs(20);

/// So much of it the clients alone have. Then the workers take nothing new, so that what they send has the time of an attempt:
/// a client that is slow to push costs no delivery its record.
const CLIENTS_FIRST: Duration = Duration::from_secs(5);

/// How often the server says that it is alive.
const HEARTBEAT: Duration = Duration::from_mins(1);

/// Why the server did not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The settings do not allow it; exit status 78.
    #[error("{0}")]
    Configuration(String),
    /// Something it needs failed.
    #[error("{0}")]
    Failed(String),
}

fn failed(error: impl std::fmt::Display) -> StartError {
    StartError::Failed(error.to_string())
}

impl From<StoresError> for StartError {
    /// What only other settings can mend is told from what may be mended elsewhere.
    fn from(error: StoresError) -> Self {
        match error {
            StoresError::Redis(Unusable::Url(_) | Unusable::Unsupported(_)) => Self::Configuration(error.to_string()),
            StoresError::Redis(_) | StoresError::Sqlite(_) => failed(error),
        }
    }
}

/// Runs the server until it is asked to end.
pub fn serve(environment: &Environment) -> Result<(), StartError> {
    let mut settings = environment.settings().map_err(|error| StartError::Configuration(error.to_string()))?;
    prepare(&mut settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(failed)?;
    raise_descriptor_limit();
    runtime.block_on(run(settings))
}

/// Refuses what must not start, and makes the secrets that development mode makes.
fn prepare(settings: &mut Settings) -> Result<(), StartError> {
    let data_dir = settings.server.data_dir.clone();
    if let Some(refusal) = refusal(settings) {
        return Err(StartError::Configuration(refusal.to_string()));
    }
    if settings.listening().mode == RunMode::Development && settings.ingress.token.is_none() {
        let entropy = crate::system::SystemEntropy::new().map_err(failed)?;
        let random = || render_signal::ports::Entropy::random(&entropy);
        let kept = secrets::ingress_token(Path::new(&data_dir), random).map_err(failed)?;
        if kept.made {
            let _ = writeln!(
                io::stdout(),
                "Ingress token, shown once and kept in {data_dir}/ingress-token:\n  {}",
                kept.token.reveal()
            );
        }
        settings.adopt_token(kept.token);
    }
    Ok(())
}

/// Why these settings must not start a server, if so.
pub fn refusal(settings: &Settings) -> Option<Refusal> {
    start_refusal(settings, data_dir_fact(Path::new(&settings.server.data_dir)))
}

/// Whether the data directory is on a disk of its own, or on the container's, which a deploy empties.
fn data_dir_fact(path: &Path) -> DataDir {
    let device = |path: &Path| std::fs::metadata(path).map(|metadata| metadata.dev()).ok();
    let here = path
        .ancestors()
        .find_map(|ancestor| device(if ancestor.as_os_str().is_empty() { Path::new(".") } else { ancestor }));
    if here.is_some() && here != device(Path::new("/")) { DataDir::Mounted } else { DataDir::Ephemeral }
}

async fn run(settings: Settings) -> Result<(), StartError> {
    // Before anybody can know that the server runs: a signal that nobody waits for ends a process at once.
    let asked_to_end = signals().map_err(failed)?;
    let listening = settings.listening();
    let journal = StderrJournal::new(settings.log_level);
    let network = Network::of(&settings).map_err(failed)?;
    let stores = Stores::open(&settings, &network.sender, journal.as_log()).await?;
    log_panics(journal.clone());
    let home = Arc::new(NativeHome::new(settings, stores, network, journal).map_err(failed)?);
    let listener =
        server::listen(listening.address).map_err(|error| failed(format!("{}: {error}", listening.address)))?;
    let address = listener.local_addr().map_err(failed)?;
    say_settings(&home).await;
    let _ = writeln!(io::stdout(), "Render Signal {} listens on http://{address}", env!("CARGO_PKG_VERSION"));

    let (close_intake, intake) = watch::channel(false);
    let (stop_work, work) = watch::channel(false);
    let mut server = tokio::spawn(server::serve(listener, Arc::clone(&home), intake));
    let worker = tokio::spawn(worker::work(Arc::clone(&home), work.clone()));
    let sweeper = tokio::spawn(worker::sweep_regularly(Arc::clone(&home), work.clone()));
    let heart = tokio::spawn(beat(Arc::clone(&home), work));

    say_stopping(&home, asked_to_end.await);
    let _ = close_intake.send(true);
    let drained = tokio::time::timeout(DRAIN, async {
        let served = tokio::time::timeout(CLIENTS_FIRST, &mut server).await;
        let _ = stop_work.send(true);
        // What is due is for the other servers now.
        home.queue().nudge().await;
        let _ = tokio::join!(worker, sweeper, heart);
        // And what waited for the places of its last deliveries.
        home.queue().say_farewell().await;
        if served.is_err() {
            let _ = server.await;
        }
    });
    let code = if drained.await.is_ok() { "stopped" } else { "stopped_early" };
    home.journal().log(Line::new(Level::Info, "start", code, "PROCESS: stopped"));
    Ok(())
}

fn say_stopping(home: &NativeHome, signal: &str) {
    let msg = format!("PROCESS: {signal} received; finishing what is in flight");
    home.journal().log(Line::new(Level::Info, "start", "stopping", msg));
}

/// Listens for the signals that ask for the end, from the moment it is called on. The answer is the name of the first one.
fn signals() -> io::Result<impl Future<Output = &'static str>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        }
    })
}

async fn beat(home: Arc<NativeHome>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        home.journal().log(Line::new(Level::Info, "start", "alive", "HEARTBEAT: alive"));
        tokio::select! {
            () = tokio::time::sleep(HEARTBEAT) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Says at start what will happen, without a secret.
async fn say_settings(home: &NativeHome) {
    let journal = home.journal();
    for warning in &home.settings().warnings {
        journal.log(Line::new(Level::Warn, "config", warning.code.as_str(), format!("CFG: {warning}")));
    }
    // Says what is configured.
    if let Err(error) = refresh(home).await {
        let line =
            Line::new(Level::Error, "config", "config_unavailable", "CFG: the stored configuration could not be read");
        journal.log(line.with_cause(&error));
    }
}

/// A panic is one log line like any other, with its place and without its message, which may quote a mail.
fn log_panics(journal: StderrJournal) {
    std::panic::set_hook(Box::new(move |info| {
        let place = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        journal.log(Line::new(Level::Error, "panic", "internal_error", format!("PANIC at {place}")));
    }));
}

/// A burst of pushes needs more descriptors than most systems give by default.
fn raise_descriptor_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // A refusal leaves the limit as it is, and connections beyond it wait.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}
