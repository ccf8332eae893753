//! Certificates of receivers.

use crate::harness::{Mail, Receiver, Server, as_told_here};
use serde_json::json;

#[tokio::test]
async fn a_self_signed_receiver_gets_nothing() {
    let receiver = Receiver::start_tls();
    let server = Server::start(&[]);
    server.configure("webhook_config", &json!({"webhook_url": receiver.target("/hook")}));
    let mail = Mail::new("self-signed");
    server.take(&mail).await;
    let life = server.life(&mail, "retrying").await;
    assert_eq!(life["deliveries"][0]["attempts"][0]["code"], as_told_here("send_tls"));
    assert_eq!(receiver.count("/hook"), 0);
}
