//! TLS: whom the sender believes, and what it does with those it does not.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::resolving::{Script, sender_by_name};
use super::*;

/// A certificate authority of the test's own.
pub(super) struct Authority {
    root: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

#[derive(Clone, Copy)]
pub(super) enum Certificate {
    /// Signed by the authority, for this name.
    For(&'static str),
    /// Signed by the authority, for this name, and no longer valid.
    Expired(&'static str),
    /// Signed by itself, for this name.
    SelfSigned(&'static str),
}

impl Authority {
    pub(super) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = params.self_signed(&key).unwrap().der().clone();
        Self { root, issuer: Issuer::new(params, key) }
    }

    pub(super) fn root(&self) -> reqwest::Certificate {
        reqwest::Certificate::from_der(&self.root).unwrap()
    }

    /// Answers 200 over TLS, as often as asked.
    pub(super) async fn receiver(&self, certificate: Certificate) -> Receiver {
        self.answering(certificate, usize::MAX).await
    }

    /// Answers 200 over TLS once, and closes.
    pub(super) async fn receiver_closing(&self, certificate: Certificate) -> Receiver {
        self.answering(certificate, 1).await
    }

    async fn answering(&self, certificate: Certificate, times: usize) -> Receiver {
        let acceptor = self.acceptor(certificate);
        Receiver::start(move |mut connection| {
            let acceptor = acceptor.clone();
            async move {
                let Ok(stream) = acceptor.accept(&mut connection.stream).await else { return };
                let mut connection = Connection::over(stream);
                let mut served = 0;
                while served < times && connection.request().await.is_some() {
                    served += 1;
                    connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
                }
            }
        })
        .await
    }

    fn acceptor(&self, certificate: Certificate) -> TlsAcceptor {
        let (Certificate::For(name) | Certificate::Expired(name) | Certificate::SelfSigned(name)) = certificate;
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        if matches!(certificate, Certificate::Expired(_)) {
            params.not_after = rcgen::date_time_ymd(2020, 1, 1);
        }
        let signed = match certificate {
            Certificate::SelfSigned(_) => params.self_signed(&key),
            _ => params.signed_by(&key, &self.issuer),
        };
        let chain = vec![signed.unwrap().der().clone()];
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key);
        TlsAcceptor::from(Arc::new(config.unwrap()))
    }
}

fn secure(receiver: &Receiver, tls: Tls) -> Outgoing {
    Outgoing { tls, ..outgoing(&format!("https://127.0.0.1:{}/", receiver.port), PATIENT) }
}

#[tokio::test]
async fn a_stranger_is_refused_unless_told_otherwise() {
    let authority = Authority::new();
    for certificate in [
        Certificate::SelfSigned("127.0.0.1"),
        Certificate::SelfSigned("other.example"),
        Certificate::Expired("127.0.0.1"),
    ] {
        let receiver = authority.receiver(certificate).await;
        let sender = sender();
        assert_eq!(sender.send(secure(&receiver, Tls::Verified)).await, Err(SendError::Tls));
        assert_eq!(sender.send(secure(&receiver, Tls::Unverified)).await.unwrap().body, b"ok");
        assert_eq!(
            sender.send(secure(&receiver, Tls::Verified)).await,
            Err(SendError::Tls),
            "never over that connection"
        );
    }
}

#[tokio::test]
async fn a_trusted_authority_vouches_for_its_own_names_only() {
    let authority = Authority::new();
    let rows = [
        (Certificate::For("hook.receiver.dev"), Ok(200)),
        (Certificate::For("*.receiver.dev"), Ok(200)),
        (Certificate::For("other.receiver.dev"), Err(SendError::Tls)),
        (Certificate::For("127.0.0.1"), Err(SendError::Tls)),
        (Certificate::Expired("hook.receiver.dev"), Err(SendError::Tls)),
        (Certificate::SelfSigned("hook.receiver.dev"), Err(SendError::Tls)),
    ];
    for (certificate, want) in rows {
        let receiver = authority.receiver(certificate).await;
        let sender = sender_by_name(Script::new(&[&["127.0.0.1"]]), &authority);
        let url = format!("https://hook.receiver.dev:{}/", receiver.port);
        let answer = sender.send(outgoing(&url, PATIENT)).await;
        assert_eq!(answer.map(|answer| answer.status), want);
    }
}

#[tokio::test]
async fn a_handshake_that_never_ends_ends_at_the_deadline() {
    let receiver = Receiver::start(receiver::Connection::hold).await;
    let start = Instant::now();
    for tls in [Tls::Verified, Tls::Unverified] {
        let answer = sender().send(Outgoing { timeout: SHORT, ..secure(&receiver, tls) }).await;
        assert_eq!(answer, Err(SendError::Timeout));
    }
    assert!(start.elapsed() < 2 * SHORT + Duration::from_secs(2));
}

#[tokio::test]
async fn a_receiver_without_tls_is_a_tls_error() {
    let receiver = Receiver::start(|mut connection| async move {
        connection.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
        connection.hold().await;
    })
    .await;
    assert_eq!(sender().send(secure(&receiver, Tls::Unverified)).await, Err(SendError::Tls));
}

#[tokio::test]
async fn a_receiver_that_hangs_up_in_the_handshake_is_a_connection_error() {
    let receiver = Receiver::start(|connection| async move { drop(connection) }).await;
    assert_eq!(sender().send(secure(&receiver, Tls::Verified)).await, Err(SendError::Connect));
}
