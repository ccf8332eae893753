//! Verification of certificates can be switched off here only: a Worker's platform always verifies.

use crate::harness::{Mail, Native, Receiver, Server};
use serde_json::json;

#[tokio::test]
async fn a_self_signed_receiver_is_trusted_when_verification_is_off() {
    let receiver = Receiver::start_tls();
    let server = Server::on(Native::new(&[]));
    server.configure("processing_prefs", &json!({"retry_count": 10, "retry_delay_sec": 1}));
    server.configure("webhook_config", &json!({"webhook_url": receiver.target("/hook")}));
    let mail = Mail::new("self-signed");
    server.take(&mail).await;
    server.life(&mail, "retrying").await;
    let trusting = json!({"webhook_url": receiver.target("/hook"), "webhook_ssl_verify": false});
    server.configure("webhook_config", &trusting);
    // The next push learns of the change at once, and the retry with it.
    let next = Mail::new("self-signed-too");
    server.take(&next).await;
    server.life(&next, "delivered").await;
    server.life(&mail, "delivered").await;
}
