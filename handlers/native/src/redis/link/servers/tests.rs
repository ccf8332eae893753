use super::*;
use redis::ProtocolVersion;

fn addresses(servers: &Servers) -> Vec<String> {
    match &servers.way {
        Way::Direct(address) => vec![address.to_string()],
        Way::Sentinel(sentinels) => sentinels.hosts.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn each_form_is_read() {
    for (text, expected, db, user, password) in [
        ("redis://h", "h:6379", 0, None, None),
        ("redis://:p%40ss@h:7000/3", "h:7000", 3, None, Some("p@ss")),
        ("rediss://app:pass@h", "h:6379", 0, Some("app"), Some("pass")),
        ("unix:///run/redis.sock?db=2", "/run/redis.sock", 2, None, None),
        ("redis+sentinel://s1,s2:5000,[::1]:6000/main", "s1:26379 s2:5000 ::1:6000", 0, None, None),
        ("redis+sentinel://app:pass@s1/main/4", "s1:26379", 4, Some("app"), Some("pass")),
        ("rediss+sentinel://:pass@s1/main", "s1:26379", 0, None, Some("pass")),
    ] {
        let servers = Servers::parse(text).unwrap();
        assert_eq!(addresses(&servers).join(" "), expected, "{text}");
        assert_eq!(
            (servers.login.db(), servers.login.username(), servers.login.password()),
            (db, user, password),
            "{text}"
        );
        assert_eq!(servers.fail_over(), text.contains("sentinel"), "{text}");
        assert_eq!(servers.encryption == Encryption::Tls, text.starts_with("rediss"), "{text}");
    }
}

#[test]
fn what_the_sentinels_want_is_their_own() {
    let servers =
        Servers::parse("redis+sentinel://app:pass@s1/main?sentinel_username=w&sentinel_password=x&protocol=resp3");
    let servers = servers.unwrap();
    let Way::Sentinel(sentinels) = &servers.way else { panic!() };
    assert_eq!(
        (sentinels.service.as_str(), sentinels.login.username(), sentinels.login.password()),
        ("main", Some("w"), Some("x"))
    );
    assert_eq!(servers.login.protocol(), ProtocolVersion::RESP3);
    assert_eq!(sentinels.login.protocol(), ProtocolVersion::RESP2);
}

#[test]
fn what_cannot_be_used_is_told_without_its_text() {
    for (text, error) in [
        ("http://s3cret", UrlError::Malformed),
        ("redis://", UrlError::Malformed),
        ("redis://s3cret@h/no-number", UrlError::Malformed),
        ("rediss://s3cret@h#insecure", UrlError::Fragment),
        ("redis://s3cret@h?ca_file=/ca.pem", UrlError::Plain),
        ("redis+sentinel://s3cret@h/main?ca_file=/ca.pem", UrlError::Plain),
        ("redis+sentinel://s3cret@h", UrlError::NoService),
        ("redis+sentinel://s3cret@h/", UrlError::NoService),
        ("redis+sentinel://s3cret@,h/main", UrlError::Malformed),
    ] {
        let found = Servers::parse(text).unwrap_err();
        assert_eq!(found, error, "{text}");
        assert!(!found.to_string().contains("s3cret"));
    }
    let missing = Servers::parse("rediss://h?ca_file=/no/such/file.pem").unwrap_err();
    assert!(matches!(missing, UrlError::Authority(_)), "{missing}");
    assert_eq!(format!("{:?}", Servers::parse("redis://:s3cret@h").unwrap()), "Servers");
}
