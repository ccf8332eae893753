use super::*;
use crate::config::settings::Place;

type Pairs<'a> = &'a [(&'a str, &'a str)];

fn read(pairs: &[(&str, &str)]) -> Settings {
    let lookup = |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Settings::read(&lookup, Place::Native).unwrap()
}

#[test]
fn where_it_listens() {
    use RunMode::{Development, Production};
    let cases: [(Pairs<'_>, &str, RunMode); 9] = [
        (&[], "127.0.0.1:8080", Development),
        (&[("PORT", "10000")], "0.0.0.0:10000", Production),
        (&[("BIND", "0.0.0.0")], "0.0.0.0:8080", Production),
        (&[("BIND", "127.0.0.1:0")], "127.0.0.1:0", Development),
        (&[("BIND", "::1")], "[::1]:8080", Development),
        (&[("BIND", "[::]:9000")], "[::]:9000", Production),
        (&[("BIND", "127.0.0.1"), ("PORT", "9000")], "127.0.0.1:9000", Production),
        (&[("BIND", "127.0.0.1:9001"), ("PORT", "9000")], "127.0.0.1:9001", Production),
        (&[("BIND", "192.168.1.5")], "192.168.1.5:8080", Production),
    ];
    for (pairs, address, mode) in cases {
        assert_eq!(read(pairs).listening(), Listening { address: address.parse().unwrap(), mode }, "{pairs:?}");
    }
    assert_eq!(read(&[]).listening().to_string(), "listens on http://127.0.0.1:8080 in development mode");
    assert_eq!(read(&[("PORT", "80")]).listening().to_string(), "listens on http://0.0.0.0:80");
}

#[test]
fn development_starts_without_secrets_and_production_does_not() {
    assert_eq!(start_refusal(&read(&[]), DataDir::Ephemeral), None);
    let refusal = start_refusal(&read(&[("PORT", "80")]), DataDir::Ephemeral).unwrap();
    assert_eq!(refusal, Refusal { missing: vec!["PROCESS_API_TOKEN"], storage: Storage::Lasting });
    assert_eq!(refusal.to_string().trim(), "Not set: PROCESS_API_TOKEN.");
    let set = read(&[("PORT", "80"), ("PROCESS_API_TOKEN", "t")]);
    assert_eq!(start_refusal(&set, DataDir::Ephemeral), None);
}

#[test]
fn render_needs_a_disk_or_a_redis() {
    let set = read(&[("PORT", "80"), ("PROCESS_API_TOKEN", "t"), ("RENDER", "true")]);
    assert_eq!(start_refusal(&set, DataDir::Mounted), None);
    let redis = [("RENDER", "1"), ("PORT", "80"), ("PROCESS_API_TOKEN", "t"), ("REDIS_URL", "redis://red-abc:6379")];
    assert_eq!(start_refusal(&read(&redis), DataDir::Ephemeral), None);
    let refusal = start_refusal(&set, DataDir::Ephemeral).unwrap();
    assert_eq!(refusal.storage, Storage::LostAtDeploy);
    let text = refusal.to_string();
    assert!(text.contains("DATA_DIR") && text.contains("REDIS_URL"), "{text}");
}

#[test]
fn every_reason_is_told_at_once() {
    let refusal = start_refusal(&read(&[("PORT", "80"), ("RENDER", "true")]), DataDir::Ephemeral).unwrap();
    let text = refusal.to_string();
    assert!(text.contains("PROCESS_API_TOKEN") && text.contains("DATA_DIR"), "{text}");
}
