//! `render-signal mails`: what arrived, and what became of it.

use super::Failure;
use super::output::{Output, cut};
use clap::{Args, Subcommand};
use render_signal::delivery::DeliveryId;
use render_signal::ledger::{HoldReason, MailFilter, MailLife, MailState, MailSummary, Pass, Release, Selection};
use render_signal::mail::MailId;
use render_signal::ports::Ledger;

/// The commands on mails.
#[derive(Debug, Subcommand)]
pub(super) enum Mails {
    /// Lists mails, newest first.
    List(List),
    /// Shows a mail's whole life: deliveries, attempts, events.
    Show {
        /// The mail's id, or the `webhook-id` of one of its deliveries.
        id: String,
    },
    /// Lets a held mail go now, past the window, the absence day and a rule's hold.
    Release(ReleaseArguments),
    /// Sends a dead letter again, under its own webhook-id and with the same bytes.
    Replay {
        /// The mail's id.
        id: String,
    },
    /// Closes a dead letter, or a held mail, for good.
    Dismiss {
        /// The mail's id.
        id: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only those in this state: queued, delivering, retrying, held, delivered, failed (dead letters), skipped, dismissed.
    #[arg(long, value_parser = state)]
    state: Option<MailState>,
    /// Only those with these words in sender or subject (three letters or more); on Redis, among the newest 10,000.
    #[arg(long)]
    search: Option<String>,
    /// At most this many, 1 to 500.
    #[arg(long, default_value_t = 20)]
    limit: u32,
    /// Only those older than this mail.
    #[arg(long)]
    before: Option<String>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct ReleaseArguments {
    /// The mail's id.
    #[arg(required_unless_present = "reason")]
    id: Option<String>,
    /// Instead of one mail: everything held for this reason, such as `outside_time_window`.
    #[arg(long, value_parser = reason, conflicts_with = "id")]
    reason: Option<HoldReason>,
}

fn state(text: &str) -> Result<MailState, String> {
    let known = || MailState::ALL.iter().map(|state| state.code()).collect::<Vec<_>>().join(", ");
    MailState::parse(text).ok_or_else(|| format!("not a state; these are: {}", known()))
}

fn reason(text: &str) -> Result<HoldReason, String> {
    let known = || HoldReason::ALL.iter().map(|reason| reason.code()).collect::<Vec<_>>().join(", ");
    HoldReason::parse(text).ok_or_else(|| format!("not a reason; these are: {}", known()))
}

fn mail_id(text: &str) -> Result<MailId, Failure> {
    MailId::parse(text).ok_or_else(|| Failure::Caller(format!("{text} is not a mail id; `mails list` shows them")))
}

impl Mails {
    pub(super) async fn run(self, ledger: &impl Ledger, out: &mut Output<'_>) -> Result<(), Failure> {
        match self {
            Self::List(list) => list.run(ledger, out).await,
            Self::Show { id } => show(ledger, &id, out).await,
            Self::Release(arguments) => arguments.run(ledger, out).await,
            Self::Replay { id } => {
                let count = ledger.replay(&mail_id(&id)?).await?;
                told(
                    out,
                    count,
                    "dead letter(s) will be sent again",
                    "this mail has no dead letter, or its body is no longer kept",
                )
            }
            Self::Dismiss { id } => {
                let count = ledger.dismiss(&mail_id(&id)?).await?;
                told(out, count, "item(s) closed", "nothing of this mail is held or a dead letter")
            }
        }
    }
}

fn told(out: &mut Output<'_>, count: u64, done: &str, nothing: &str) -> Result<(), Failure> {
    if count == 0 {
        return Err(Failure::Caller(nothing.to_owned()));
    }
    out.line(format!("{count} {done}"))
}

impl List {
    async fn run(self, ledger: &impl Ledger, out: &mut Output<'_>) -> Result<(), Failure> {
        let before = self.before.as_deref().map(mail_id).transpose()?;
        let filter = MailFilter { state: self.state, text: self.search, before, limit: self.limit };
        let page = ledger.list(&filter).await?;
        if self.json {
            return out.json(&page);
        }
        if page.mails.is_empty() {
            out.line("no such mail")?;
        }
        for mail in &page.mails {
            out.line(summary(mail))?;
        }
        if let Some(searched) = page.searched {
            out.line(format!("only the newest {searched} mails were searched"))?;
        }
        match page.next {
            Some(next) => out.line(format!("more: --before {next}")),
            None => Ok(()),
        }
    }
}

fn summary(mail: &MailSummary) -> String {
    let reason = mail
        .reason
        .as_deref()
        .filter(|reason| *reason != mail.state.code())
        .map_or_else(String::new, |reason| format!(" ({reason})"));
    let time = mail.accepted_at.to_rfc3339();
    format!(
        "{} {} {:<44} {:<30} {}",
        mail.id,
        time.get(..19).unwrap_or(&time),
        cut(&format!("{}{reason}", mail.state.code()), 44),
        cut(&mail.sender, 30),
        cut(&mail.subject, 60)
    )
}

async fn show(ledger: &impl Ledger, id: &str, out: &mut Output<'_>) -> Result<(), Failure> {
    let life: Option<MailLife> = match DeliveryId::parse(id) {
        Some(delivery) => ledger.life_of_delivery(&delivery).await?,
        None => ledger.life(&mail_id(id)?).await?,
    };
    out.json(&life.ok_or_else(|| Failure::Caller(format!("no mail {id}")))?)
}

impl ReleaseArguments {
    async fn run(self, ledger: &impl Ledger, out: &mut Output<'_>) -> Result<(), Failure> {
        let which = match (self.id, self.reason) {
            (_, Some(reason)) => Selection::Reason(reason, crate::system::SystemClock::time()),
            (Some(id), None) => Selection::Mail(mail_id(&id)?),
            (None, None) => return Err(Failure::Caller("name a mail, or a --reason".to_owned())),
        };
        let release = Release { which, pass: Pass::SendNow };
        let mut total = 0;
        loop {
            let count = ledger.release(release.clone()).await?;
            total += count;
            if count == 0 {
                return told(out, total, "item(s) let go", "nothing is held there");
            }
        }
    }
}
