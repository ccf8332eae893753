//! Signatures, as an independent Standard Webhooks library reads them.

use crate::harness::{Mail, Received, Reply, one_default_target, quick_retries};
use crate::secrecy::{OLDER_SECRET, SECRET};
use standardwebhooks::Webhook;

fn verifies(received: &Received, secret: &str) -> bool {
    Webhook::new(secret).unwrap().verify(&received.body, &received.headers).is_ok()
}

#[tokio::test]
async fn a_delivery_is_signed_with_the_secret() {
    let (receiver, server) = one_default_target(&[("WEBHOOK_SECRET", SECRET)]);
    server.take(&Mail::new("signed")).await;
    let received = receiver.one("/hook").await;
    assert!(verifies(&received, SECRET), "{:?}", received.headers);
    assert!(!verifies(&received, OLDER_SECRET), "the library tells secrets apart");
    let mut changed = received.clone();
    changed.body[20] ^= 1;
    assert!(!verifies(&changed, SECRET), "the library looks at the body");
}

#[tokio::test]
async fn during_a_rotation_both_secrets_verify() {
    let (receiver, server) =
        one_default_target(&[("WEBHOOK_SECRET", SECRET), ("WEBHOOK_SECRET_PREVIOUS", OLDER_SECRET)]);
    server.take(&Mail::new("rotation")).await;
    let received = receiver.one("/hook").await;
    assert!(verifies(&received, SECRET) && verifies(&received, OLDER_SECRET), "{:?}", received.headers);
}

#[tokio::test]
async fn every_try_is_signed_for_its_own_time_under_one_id() {
    let (receiver, server) = one_default_target(&[("WEBHOOK_SECRET", SECRET)]);
    quick_retries(&server, 3);
    receiver.script("/hook", [Reply::status(500), Reply::status(500), Reply::status(200)]);
    server.take(&Mail::new("signed-retries")).await;
    let all = receiver.at_least("/hook", 3).await;
    assert!(all.iter().all(|one| verifies(one, SECRET)));
    assert!(all.iter().all(|one| one.id() == all[0].id() && one.body == all[0].body));
}

#[tokio::test]
async fn without_a_secret_there_is_an_id_and_no_signature() {
    let (receiver, server) = one_default_target(&[]);
    server.take(&Mail::new("unsigned")).await;
    let received = receiver.one("/hook").await;
    assert!(received.id().len() > 10, "{:?}", received.headers);
    assert_eq!(received.header("webhook-signature"), None);
}
