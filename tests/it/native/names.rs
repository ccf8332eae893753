//! Names of receivers. Here the server resolves and vets them itself; a Worker's platform does both, and connects to public
//! addresses only.

use crate::harness::{Dns, DnsReply, Mail, Native, Server, eventually};
use crate::outcomes::codes;
use hickory_proto::rr::{RData, RecordType, rdata::A};
use serde_json::json;

#[tokio::test]
async fn a_target_whose_name_is_unknown_or_leads_home_is_never_called() {
    let dns = Dns::start(|name, kind| match (name, kind) {
        ("inside.client.fr.", RecordType::A) => {
            DnsReply::Records(vec![RData::A(A::new(203, 0, 113, 7)), RData::A(A::new(10, 0, 0, 7))])
        }
        ("inside.client.fr.", _) => DnsReply::Records(vec![]),
        _ => DnsReply::NoSuchName,
    });
    let server = Server::on(Native::new(&[("DNS_SERVER", &dns.server())]));
    for (host, code) in [("nowhere.client.fr", "send_dns"), ("inside.client.fr", "send_forbidden_address")] {
        server.configure("webhook_config", &json!({"webhook_url": format!("https://{host}/?key=qzhook")}));
        let mail = Mail::new(host);
        server.take(&mail).await;
        let life = server.life(&mail, "retrying").await;
        assert_eq!(codes(&life), [code], "{host}");
    }
    eventually("both are on record", || (server.mails("retrying").len() == 2).then_some(())).await;
}
