//! The peer of sending: a loop that signs the same number of bytes and posts them, with as many requests under way for each target.
//! It keeps nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Requests under way for each target, as many as the server allows itself.
pub(crate) const PER_TARGET: usize = 4;

/// The key of the signatures: `whsec_` and this.
pub(crate) const SECRET: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Posts so many, spread evenly over the targets. The first word is a file that holds the payload.
pub(crate) async fn send(count: usize, urls: &[&str]) {
    let payload = Bytes::from(std::fs::read(urls[0]).unwrap());
    let client = client();
    let key = STANDARD.decode(SECRET).unwrap();
    let mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    let number = Arc::new(AtomicUsize::new(0));
    for url in &urls[1..] {
        let left = Arc::new(AtomicUsize::new(count / (urls.len() - 1)));
        for _ in 0..PER_TARGET {
            let (left, number, client) = (Arc::clone(&left), Arc::clone(&number), client.clone());
            let (mac, payload, url) = (mac.clone(), payload.clone(), (*url).to_owned());
            tasks.spawn(async move {
                while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                    let id = format!("msg_{:026}", number.fetch_add(1, Ordering::Relaxed));
                    post(&client, &url, mac.clone(), &id, payload.clone()).await;
                }
            });
        }
    }
    tasks.join_all().await;
}

async fn post(client: &reqwest::Client, url: &str, mut mac: Hmac<Sha256>, id: &str, payload: Bytes) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    mac.update(format!("{id}.{now}.").as_bytes());
    mac.update(&payload);
    let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    let request = client.post(url).header("content-type", "application/json").header("webhook-id", id);
    let request = request.header("webhook-timestamp", now).header("webhook-signature", signature).body(payload);
    let answer = request.timeout(Duration::from_mins(2)).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.bytes().await.unwrap();
}

/// With the settings of the server's own client.
fn client() -> reqwest::Client {
    let client = reqwest::Client::builder().no_proxy().http1_only().redirect(reqwest::redirect::Policy::none());
    client.retry(reqwest::retry::never()).pool_max_idle_per_host(PER_TARGET).build().unwrap()
}
