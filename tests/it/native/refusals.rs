//! Answers to a client that is still sending. On Cloudflare its edge stands between the two; workerd alone closes the connection a
//! moment after an answer that did not wait for the body.

use crate::harness::{Answer, Native, Server, TOKEN};

const LIMIT: usize = 10 << 20;

/// A server that closed the connection on a client that is still sending would take the answer away with it, and the client
/// would take a mail that is too large for an outage, and send it again for ever.
#[tokio::test]
async fn a_client_that_sends_a_body_too_large_reads_its_refusal() {
    let server = Server::on(Native::new(&[]));
    for (size, token, status) in [(LIMIT + 1, TOKEN, 413), (24 << 20, TOKEN, 413), (LIMIT, "qztoken-wrong", 401)] {
        let request = server.request("POST", "/api/ingress/gmail").bearer_auth(token);
        let request = request.header("content-type", "application/json").body("x".repeat(size));
        assert_eq!(Answer::of(request).await.status, status, "{size}");
    }
}
