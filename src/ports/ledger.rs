//! The one consistency domain: which mails were taken, who works on what, what is due.

use crate::delivery::DeliveryId;
use crate::ledger::{
    Admission, Admitted, Batch, Fullness, LeaseRequest, LeaseToken, LedgerError, MailFilter, MailLife, MailPage,
    NewMail, Plan, Planned, Recorded, Release, Report, Retention, Stats, Swept,
};
use crate::mail::MailId;

/// Records each accepted mail, its deliveries and their attempts. Every method is one atomic step on durable storage: when it
/// returns `Ok`, a power cut does not undo it; when it returns `Err`, it may have been applied or not, and calling it again is
/// safe. Leases and due times are judged by the store's own clock, never the caller's.
pub trait Ledger {
    /// Takes a mail, unless it is known. Known mails are answered first, whatever the verdict; a verdict made with an older
    /// configuration is sent back unapplied. Idempotent by the mail's claims: pushing again gives [`Admitted::Known`].
    /// Costs one durable write for a new mail, none for a known or refused one.
    async fn admit(&self, mail: NewMail, admission: Admission) -> Result<Admitted, LedgerError>;

    /// Hands out due work by (priority, due time), at most `per_target` deliveries of a target at once over all callers,
    /// and at most `max` in this call. Expired leases are due again. Each lease has a fencing number that grows for ever.
    async fn lease_due(&self, request: LeaseRequest) -> Result<Batch, LedgerError>;

    /// Extends a lease. `false` when it is no longer this holder's: whoever holds it now decides.
    async fn renew(&self, token: &LeaseToken) -> Result<bool, LedgerError>;

    /// Ends the processing of a mail with what was decided, and leases its new deliveries to the caller at once, as many
    /// as `request` asks for and the caps allow; the others are due. A stale holder changes nothing. Repeating it with the same delivery ids makes no second delivery.
    async fn plan(&self, token: &LeaseToken, plan: Plan, request: LeaseRequest) -> Result<Planned, LedgerError>;

    /// Records what came of a leased delivery and gives the lease back. A stale holder's attempt is kept for the record; a
    /// success ends the delivery whoever reports it; anything else from a stale holder changes no state.
    async fn record(&self, token: &LeaseToken, report: Report) -> Result<Recorded, LedgerError>;

    /// Makes held work due again. Returns how many items were released. Idempotent.
    async fn release(&self, release: Release) -> Result<u64, LedgerError>;

    /// Sends the failed deliveries of a mail again, under their own ids and with the same bytes. Returns how many.
    async fn replay(&self, mail: &MailId) -> Result<u64, LedgerError>;

    /// Closes for good what of a mail has failed or is held, the whole mail included. Returns how many items.
    async fn dismiss(&self, mail: &MailId) -> Result<u64, LedgerError>;

    /// Removes what retention no longer keeps, one page a call. [`Swept::more`] asks for another.
    async fn sweep(&self, retention: &Retention) -> Result<Swept, LedgerError>;

    /// One mail's whole life, without its body. `None` when there is no such mail.
    async fn life(&self, mail: &MailId) -> Result<Option<MailLife>, LedgerError>;

    /// The mail a delivery belongs to, with its life.
    async fn life_of_delivery(&self, delivery: &DeliveryId) -> Result<Option<MailLife>, LedgerError>;

    /// Mails, newest first, a page at a time. A search is whole, or says in [`MailPage::searched`] where it ended.
    async fn list(&self, filter: &MailFilter) -> Result<MailPage, LedgerError>;

    /// Counts by state and the oldest due work. Costs a scan of the small indexes only.
    async fn stats(&self) -> Result<Stats, LedgerError>;

    /// How full the store is; ingestion stops before it is full.
    async fn fullness(&self) -> Result<Fullness, LedgerError>;
}
