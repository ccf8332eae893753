//! The part of the environment that is about sending.

use super::reader::Reader;
use super::{BaseUrl, Sending, Tls, table, values};
use crate::calendar::TimeOfDay;
use crate::delivery::{Loopback, Secret, TargetUrl, UrlPolicy};

impl Sending {
    pub(super) fn read(reader: &mut Reader<'_>, base: Option<&BaseUrl>) -> Self {
        let url_policy = policy(reader, base);
        let (window_start, window_end) = window(reader);
        Self {
            target: reader.read(&table::WEBHOOK_URL, |text| target(text, &url_policy)),
            secrets: secrets(reader),
            enabled: reader.switch(&table::WEBHOOK_SENDING_ENABLED),
            mode: reader.read(&table::WEBHOOK_DELIVERY_MODE, values::mode).unwrap_or_default(),
            fallback_on_415: reader.switch(&table::WEBHOOK_FALLBACK_ON_415),
            tls: tls(reader),
            allow_without_links: reader.switch(&table::ALLOW_CUSTOM_WEBHOOK_WITHOUT_LINKS),
            window_start,
            window_end,
            url_policy,
        }
    }
}

fn policy(reader: &mut Reader<'_>, base: Option<&BaseUrl>) -> UrlPolicy {
    let own_hosts = base.map(|base| base.host().to_owned()).into_iter().collect();
    if !reader.switch(&table::ALLOW_LOOPBACK_TARGETS) {
        return UrlPolicy { loopback: Loopback::Refused, own_hosts };
    }
    reader.warn_unsafe(
        &table::ALLOW_LOOPBACK_TARGETS,
        "webhooks may be sent to this machine: for development and tests only",
    );
    UrlPolicy { loopback: Loopback::Allowed, own_hosts }
}

fn target(text: &str, policy: &UrlPolicy) -> Result<TargetUrl, super::reader::Fault> {
    TargetUrl::parse(text, policy).map_err(|refusal| {
        values::fault(super::ProblemCode::InvalidUrl, format!("cannot be a target ({})", refusal.code()))
    })
}

/// The current secret first.
fn secrets(reader: &mut Reader<'_>) -> Vec<Secret> {
    let current = reader.read(&table::WEBHOOK_SECRET, values::secret);
    let previous = reader.read(&table::WEBHOOK_SECRET_PREVIOUS, values::secret);
    if previous.is_some() && current.is_none() {
        reader.conflict(&table::WEBHOOK_SECRET_PREVIOUS, "is set without WEBHOOK_SECRET");
    }
    current.into_iter().chain(previous).collect()
}

fn tls(reader: &mut Reader<'_>) -> Tls {
    if reader.switch(&table::WEBHOOK_SSL_VERIFY) {
        return Tls::Verified;
    }
    reader.warn_unsafe(&table::WEBHOOK_SSL_VERIFY, "certificates of targets are not verified");
    Tls::Unverified
}

fn window(reader: &mut Reader<'_>) -> (Option<String>, Option<String>) {
    let start = reader.read(&table::WEBHOOKS_TIME_START, values::time);
    let end = reader.read(&table::WEBHOOKS_TIME_END, values::time);
    let opens = start.as_deref().and_then(TimeOfDay::parse);
    if opens.is_some() && opens == end.as_deref().and_then(TimeOfDay::parse) {
        reader.conflict(&table::WEBHOOKS_TIME_END, "equals WEBHOOKS_TIME_START: the window would never open");
    }
    (start, end)
}
