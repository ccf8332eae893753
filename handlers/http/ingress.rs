//! `POST /api/ingress/gmail`: the push of the Gmail Apps Script.
//!
//! The checks and their order are the wire contract that clients depend on: token, source, body, fields, then the flow.

use super::incoming::{Held, Incoming, read};
use super::problem::Problem;
use super::push::Push;
use super::router::Call;
use super::{Site, body, response};
use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use render_signal::access::{SourceVerdict, client_address, is_google};
use render_signal::flow::{Ingested, ingest};
use render_signal::ledger::RefusalReason;
use render_signal::mail::{EmailId, Mail, SenderEmail, Source};
use render_signal::ports::{Clock, Journal, Level, Line};
use serde_json::json;
use std::net::IpAddr;

/// Takes a pushed mail. The token is checked by the route.
pub(super) async fn gmail<S: Site, B: Incoming>(site: &S, call: Call<B>) -> Result<Response<Bytes>, Problem> {
    let (head, incoming) = call.request.into_parts();
    site.ingress_rate().take(site.clock().now())?;
    check_source(site, call.peer, &head.headers).await?;
    let Held { bytes, place } = read(&head.headers, incoming, site.large_bodies(), site.clock().now()).await?;
    let mail = parse(&head.headers, &bytes)?;
    drop(bytes);
    let answer = ingest(site, mail, Source::GmailPush).await;
    drop(place);
    match answer {
        Ok((email_id, ingested)) => respond(&email_id, &ingested),
        Err(error) => Err(Problem::unavailable(error.code())),
    }
}

/// Whether the push comes from Google, when that is to be checked.
async fn check_source<S: Site>(site: &S, peer: Option<IpAddr>, headers: &HeaderMap) -> Result<(), Problem> {
    if !site.settings().ingress.google_only {
        return Ok(());
    }
    let refused = |code, msg| {
        site.journal().log(Line::new(Level::Warn, "ingest", code, msg));
        Err(Problem::not_google())
    };
    let Some(address) = client_address(peer, headers, site.settings().ingress.trusted_proxy) else {
        return refused("no_client_address", "INGRESS_IP: the proxy named by TRUSTED_PROXY left no client address");
    };
    match is_google(site.names(), address).await {
        Ok(SourceVerdict::Google) => Ok(()),
        Ok(SourceVerdict::Other) => refused("not_google", "INGRESS_IP: Blocked non-Google IP"),
        Err(error) => {
            let line = Line::new(Level::Error, "ingest", error.code(), "INGRESS_IP: the name system did not answer");
            site.journal().log(line.with_cause(&error));
            Err(Problem::names_unavailable())
        }
    }
}

/// The most that a field beside the body may hold, in bytes. A Durable Object's row holds about 2 MB for all of them.
const LONGEST_FIELD: usize = 64 << 10;

/// The mail in a request's body.
fn parse(headers: &HeaderMap, bytes: &[u8]) -> Result<Mail, Problem> {
    let text = body::json_text(headers, bytes)?;
    let push: Push = serde_json::from_str(&text).map_err(|_| Problem::invalid_json())?;
    drop(text);
    let sender = push.sender.filter(|sender| !sender.is_empty()).ok_or_else(Problem::missing_sender)?;
    let body = push.body.filter(|body| !body.is_empty()).ok_or_else(Problem::missing_body)?;
    let fields =
        [Some(&sender), push.subject.as_ref(), push.date.as_ref(), push.message_id.as_ref(), push.thread_id.as_ref()];
    if fields.into_iter().flatten().any(|field| field.len() > LONGEST_FIELD) {
        return Err(Problem::field_too_long());
    }
    Ok(Mail {
        sender_email: SenderEmail::from_raw(&sender),
        sender,
        body,
        subject: push.subject.unwrap_or_default(),
        date: push.date.unwrap_or_default(),
        message_id: push.message_id.filter(|id| !id.is_empty()),
        thread_id: push.thread_id.filter(|id| !id.is_empty()),
    })
}

fn respond(email_id: &EmailId, ingested: &Ingested) -> Result<Response<Bytes>, Problem> {
    let status = match ingested {
        Ingested::Queued => "queued".to_owned(),
        Ingested::Skipped(reason) => format!("skipped_{}", reason.code()),
        Ingested::AlreadyProcessed => "already_processed".to_owned(),
        Ingested::AlreadyProcessing => "already_processing".to_owned(),
        Ingested::Refused(RefusalReason::IngressDisabled) => return Err(Problem::ingress_disabled()),
        Ingested::Refused(RefusalReason::SendingDisabled) => return Err(Problem::sending_disabled()),
    };
    Ok(response::json(StatusCode::OK, &json!({"success": true, "status": status, "email_id": email_id.as_str()})))
}
