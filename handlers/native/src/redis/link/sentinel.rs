//! Asking Sentinels where the primary is.

use super::LinkError;
use super::lanes::{connection, in_time};
use super::servers::{Sentinels, Servers};
use redis::ConnectionAddr;

/// The address of the primary, as the first Sentinel says that knows it. Whether it is one is for the caller to check.
pub(super) async fn primary(servers: &Servers, sentinels: &Sentinels) -> Result<ConnectionAddr, LinkError> {
    let mut last = None;
    for host in &sentinels.hosts {
        match ask(servers, sentinels, host.clone()).await {
            Ok(address) => return Ok(address),
            Err(error) => last = Some(error),
        }
    }
    let cause = last.map_or_else(|| "none is named".to_owned(), |error| error.to_string());
    Err(LinkError::unavailable(format!("no Sentinel says where the primary is: {cause}")))
}

async fn ask(servers: &Servers, sentinels: &Sentinels, host: ConnectionAddr) -> Result<ConnectionAddr, LinkError> {
    let client = servers.sentinel_client(sentinels, host)?;
    let mut connection = connection(&client).await?;
    let mut question = redis::cmd("SENTINEL");
    question.arg("GET-MASTER-ADDR-BY-NAME").arg(&sentinels.service);
    let answer = in_time(async {
        let answer = question.query_async::<Option<(String, u16)>>(&mut connection).await;
        answer.map_err(|error| LinkError::from(&error))
    });
    let known = answer.await?.ok_or_else(|| LinkError::unavailable("it does not know the service of REDIS_URL"))?;
    Ok(servers.address(known.0, known.1))
}
