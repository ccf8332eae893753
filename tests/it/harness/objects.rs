//! The operator's way to the Worker's stores: the calls that the Worker sends to its Durable Objects, sent from here.

use render_signal::ledger::Fullness;
use render_signal::sql::Transport;

/// A way to one object: each call is posted to it as it is, through a Worker beside the one under test.
pub(super) struct ObjectPipe {
    client: reqwest::Client,
    url: String,
}

impl ObjectPipe {
    /// To the object of this name under this binding. `base` is where the other Worker listens.
    pub(super) fn new(base: &str, binding: &str, name: &str) -> Self {
        let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
        Self { client, url: format!("{base}/{binding}/{name}") }
    }
}

impl Transport for ObjectPipe {
    async fn send(&self, call: Vec<u8>) -> Result<Vec<u8>, String> {
        let response = self.client.post(&self.url).body(call).send().await.map_err(|error| error.to_string())?;
        let status = response.status();
        let answer = response.bytes().await.map_err(|error| error.to_string())?;
        if status == 200 {
            Ok(answer.into())
        } else {
            Err(format!("the object answered {status}: {}", String::from_utf8_lossy(&answer)))
        }
    }

    async fn fullness(&self) -> Result<Fullness, String> {
        Ok(Fullness { used: 0, limit: None })
    }
}
