//! TLS, with an authority of one's own.

use super::*;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

/// A port that was free a moment ago.
pub(super) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn a_private_authority_is_trusted_when_it_is_named_and_only_then() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    std::fs::write(path("ca.pem"), authority.pem()).unwrap();
    std::fs::write(path("own.pem"), own.pem()).unwrap();
    std::fs::write(path("own.key"), key.serialize_pem()).unwrap();
    let port = free_port();
    let (port_text, certificate, key, ca) = (port.to_string(), path("own.pem"), path("own.key"), path("ca.pem"));
    let tls = ["--tls-port", &port_text, "--tls-cert-file", &certificate, "--tls-key-file", &key];
    let _server = RedisServer::start(&[&tls[..], &["--tls-ca-cert-file", &ca, "--tls-auth-clients", "no"]].concat());

    for protocol in ["resp2", "resp3"] {
        let url = format!("rediss://localhost:{port}?protocol={protocol}&ca_file={ca}");
        let link = Link::open(&url).await.unwrap();
        assert_eq!(link.command(&ping()).await, Ok(Value::SimpleString("PONG".to_owned())));
    }
    let stranger = Link::open(&format!("rediss://localhost:{port}")).await.unwrap_err().to_string();
    assert!(stranger.contains("certificate"), "{stranger}");
    let other_name = Link::open(&format!("rediss://127.0.0.1:{port}?ca_file={ca}")).await.unwrap_err().to_string();
    assert!(other_name.contains("certificate"), "{other_name}");
}
