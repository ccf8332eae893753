//! The peer of taking mails: it parses the same push, writes it once, as durably, and answers. It hashes nothing, knows no repeat, and
//! has nothing to do afterwards.

use crate::mails::{PUSH, TOKEN};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use bytes::Bytes;
use redis::AsyncConnectionConfig;
use redis::aio::MultiplexedConnection;
use serde::Deserialize;
use std::borrow::Cow;

#[derive(Deserialize)]
struct Push<'a> {
    #[serde(borrow)]
    message_id: Cow<'a, str>,
    #[serde(borrow)]
    sender: Cow<'a, str>,
    #[serde(borrow)]
    body: Cow<'a, str>,
}

/// Serves until the process is ended.
pub(crate) async fn serve(redis: &str) {
    let client = redis::Client::open(redis).unwrap();
    // A disk that stalls costs time here too, and no mail.
    let config = AsyncConnectionConfig::new().set_response_timeout(None);
    let connection = client.get_multiplexed_async_connection_with_config(&config).await.unwrap();
    let router = Router::new().route(PUSH, post(take)).with_state(connection);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("the peer listens on http://{}", listener.local_addr().unwrap());
    axum::serve(listener, router).await.unwrap();
}

async fn take(State(mut redis): State<MultiplexedConnection>, headers: HeaderMap, text: Bytes) -> (StatusCode, String) {
    let wanted = format!("Bearer {TOKEN}");
    if headers.get(header::AUTHORIZATION).is_none_or(|given| given.as_bytes() != wanted.as_bytes()) {
        return (StatusCode::UNAUTHORIZED, String::new());
    }
    let Ok(push) = serde_json::from_slice::<Push<'_>>(&text) else { return (StatusCode::BAD_REQUEST, String::new()) };
    if push.sender.is_empty() || push.body.is_empty() {
        return (StatusCode::BAD_REQUEST, String::new());
    }
    let key = format!("bench:mail:{}", push.message_id);
    let written = redis::cmd("SET").arg(key).arg(&text[..]).exec_async(&mut redis).await;
    match written {
        Ok(()) => (StatusCode::OK, format!(r#"{{"success":true,"status":"queued","email_id":"{}"}}"#, push.message_id)),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
    }
}
