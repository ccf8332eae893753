use super::*;
use crate::access::TrustedProxy;
use crate::delivery::Loopback;
use std::cell::RefCell;
use std::collections::BTreeSet;

fn try_read(pairs: &[(&str, &str)], place: Place) -> Result<Settings, Vec<Problem>> {
    Settings::read(&lookup(pairs), place)
}

fn read(pairs: &[(&str, &str)]) -> Settings {
    try_read(pairs, Place::Native).unwrap()
}

fn lookup(pairs: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
    move |name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
}

fn problems(pairs: &[(&str, &str)]) -> Vec<(&'static str, &'static str)> {
    let problems = try_read(pairs, Place::Native).err().unwrap_or_default();
    problems.into_iter().map(|problem| (problem.variable, problem.code.as_str())).collect()
}

#[test]
fn nothing_set_gives_every_default() {
    let settings = read(&[]);
    let Ingress { token, token_previous, allowlist, google_only, trusted_proxy, .. } = &settings.ingress;
    assert!(token.is_none() && token_previous.is_none() && allowlist.is_empty() && !google_only);
    assert_eq!(*trusted_proxy, TrustedProxy::None);
    assert_eq!(settings.ingress.rate_per_minute, None);
    assert!(!settings.ingress.dedup_disabled);
    assert_eq!(settings.ingress.subject_groups, None);
    let sending = &settings.sending;
    assert!(sending.target.is_none() && sending.secrets.is_empty());
    assert!(sending.enabled && sending.fallback_on_415 && !sending.allow_without_links);
    assert_eq!((sending.mode, sending.tls), (Mode::Json, Tls::Verified));
    assert_eq!((&sending.window_start, &sending.window_end), (&None, &None));
    assert_eq!(sending.url_policy.loopback, Loopback::Refused);
    assert!(sending.url_policy.own_hosts.is_empty());
    assert_eq!(settings.zone.name(), "Europe/Paris");
    assert_eq!(settings.retention, Retention { bodies: days(7), records: days(30) });
    assert_eq!(settings.public_base_url, None);
    assert_eq!(settings.log_level, LogLevel::Info);
    let server = Server {
        port: None,
        bind: None,
        data_dir: "./data".to_owned(),
        redis: None,
        on_render: false,
        dns_server: None,
    };
    assert_eq!(settings.server, server);
    assert_eq!(settings.warnings, []);
    assert_eq!(settings.missing_secrets(), ["PROCESS_API_TOKEN"]);
}

#[test]
fn everything_can_be_set() {
    let settings = read(&[
        ("PROCESS_API_TOKEN", " new "),
        ("PROCESS_API_TOKEN_PREVIOUS", "old"),
        ("GMAIL_SENDER_ALLOWLIST", "A@b.fr"),
        ("GMAIL_INGRESS_IP_CHECK_ENABLED", "yes"),
        ("TRUSTED_PROXY", "render"),
        ("INGRESS_RATE_PER_MINUTE", "60"),
        ("DISABLE_EMAIL_ID_DEDUP", "on"),
        ("ENABLE_SUBJECT_GROUP_DEDUP", "1"),
        ("SUBJECT_GROUP_TTL_SECONDS", "3600"),
        ("WEBHOOK_URL", "https://hooks.signal.test/a"),
        ("WEBHOOK_SECRET", "first"),
        ("WEBHOOK_SECRET_PREVIOUS", "second"),
        ("WEBHOOK_SENDING_ENABLED", "no"),
        ("WEBHOOK_DELIVERY_MODE", "FORM"),
        ("WEBHOOK_FALLBACK_ON_415", "off"),
        ("ALLOW_CUSTOM_WEBHOOK_WITHOUT_LINKS", "y"),
        ("WEBHOOKS_TIME_START", "9h05"),
        ("WEBHOOKS_TIME_END", "17:30"),
        ("POLLING_TIMEZONE", "America/Montreal"),
        ("RETENTION_BODY_DAYS", "3"),
        ("RETENTION_RECORD_DAYS", "90"),
        ("LOG_LEVEL", "debug"),
        ("DATA_DIR", "/var/data"),
        ("DNS_SERVER", "9.9.9.9"),
        ("RENDER", "true"),
        ("REDIS_URL", "rediss://:t0ken@redis.signal.test/1"),
    ]);
    assert!(settings.ingress.token.as_ref().is_some_and(|token| token.is("new")));
    assert!(settings.ingress.token_previous.as_ref().is_some_and(|token| token.is("old")));
    assert!(settings.ingress.google_only && settings.ingress.dedup_disabled);
    assert_eq!(settings.ingress.allowlist, Allowlist::parse("a@b.fr"));
    assert_eq!(settings.ingress.rate_per_minute, Some(60));
    assert_eq!(settings.ingress.subject_groups, Some(SubjectGroups { ttl: Duration::from_hours(1) }));
    assert_eq!(settings.sending.target.as_ref().map(TargetUrl::as_str), Some("https://hooks.signal.test/a"));
    let portable: Vec<_> = settings.sending.secrets.iter().map(Secret::portable).collect();
    let expected: Vec<_> = ["first", "second"].iter().map(|text| Secret::parse(text).unwrap().portable()).collect();
    assert_eq!(portable, expected);
    assert!(!settings.sending.enabled && !settings.sending.fallback_on_415 && settings.sending.allow_without_links);
    assert_eq!(settings.sending.mode, Mode::Form);
    assert_eq!(settings.sending.window_start.as_deref(), Some("9h05"));
    assert_eq!(settings.sending.window_end.as_deref(), Some("17:30"));
    assert_eq!(settings.zone, Zone::parse("America/Montreal").unwrap());
    assert_eq!(settings.retention, Retention { bodies: days(3), records: days(90) });
    assert_eq!(settings.log_level, LogLevel::Debug);
    assert_eq!(settings.server.data_dir, "/var/data");
    assert_eq!(settings.server.dns_server, Some("9.9.9.9:53".parse().unwrap()));
    assert!(settings.server.on_render);
    let redis = settings.server.redis.as_ref().map(|redis| (redis.url.reveal(), redis.allow_volatile));
    assert_eq!(redis, Some(("rediss://:t0ken@redis.signal.test/1", false)));
    assert!(settings.missing_secrets().is_empty() && settings.warnings.is_empty());
}

#[test]
fn each_mistake_names_its_variable_and_kind() {
    for (name, value, code) in [
        ("WEBHOOK_SENDING_ENABLED", "oui", "invalid_boolean"),
        ("INGRESS_RATE_PER_MINUTE", "many", "invalid_number"),
        ("INGRESS_RATE_PER_MINUTE", "100001", "invalid_number"),
        ("SUBJECT_GROUP_TTL_SECONDS", "2592001", "invalid_number"),
        ("RETENTION_BODY_DAYS", "0", "invalid_number"),
        ("PORT", "65536", "invalid_number"),
        ("PORT", "0", "invalid_number"),
        ("WEBHOOKS_TIME_START", "9h", "invalid_time"),
        ("WEBHOOKS_TIME_END", "24:00", "invalid_time"),
        ("POLLING_TIMEZONE", "Europe/Lutece", "unknown_zone"),
        ("TRUSTED_PROXY", "nginx", "invalid_choice"),
        ("LOG_LEVEL", "loud", "invalid_choice"),
        ("WEBHOOK_DELIVERY_MODE", "xml", "invalid_choice"),
        ("BIND", "localhost", "invalid_address"),
        ("DNS_SERVER", "dns.example", "invalid_address"),
        ("PUBLIC_BASE_URL", "signal.test", "invalid_url"),
        ("RENDER_EXTERNAL_URL", "ftp://signal.test", "invalid_url"),
        ("WEBHOOK_URL", "http://hooks.signal.test", "invalid_url"),
        ("WEBHOOK_URL", "https://example.com/hook", "invalid_url"),
        ("WEBHOOK_URL", "https://10.0.0.1/", "invalid_url"),
        ("WEBHOOK_SECRET", "whsec_!", "invalid_secret"),
        ("REDIS_URL", "redis.signal.test:6379", "invalid_url"),
        ("REDIS_URL", "http://redis.signal.test", "invalid_url"),
        ("ALLOW_VOLATILE_REDIS", "perhaps", "invalid_boolean"),
        ("CONFIG_STORE_MODE", "external_first", "invalid_choice"),
        ("EXTERNAL_CONFIG_BASE_URL", "http://config.signal.test", "invalid_url"),
        ("EXTERNAL_CONFIG_BASE_URL", "https://192.168.1.2/", "invalid_url"),
        ("EXTERNAL_CONFIG_BASE_URL", "https://config.signal.test/?a=1", "invalid_url"),
    ] {
        assert_eq!(problems(&[(name, value)]), [(name, code)], "{name}={value}");
    }
}

/// A Worker's resolver is held to the rules of targets.
#[test]
fn a_resolver_is_https_and_nothing_private() {
    let worker = |pairs: &[(&str, &str)]| {
        let lookup = |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Settings::read(&lookup, Place::Worker)
    };
    let url = |settings: Settings| settings.names_url.map(|url| url.as_str().to_owned());
    assert_eq!(worker(&[]).map(url).unwrap().as_deref(), Some("https://cloudflare-dns.com/dns-query"));
    for (value, refused) in [
        ("https://dns.resolver.tld/dns-query?tenant=1", false),
        ("http://dns.resolver.tld/dns-query", true),
        ("https://10.0.0.1/dns-query", true),
        ("http://127.0.0.1:8053/dns-query", true),
        ("9.9.9.9", true),
    ] {
        assert_eq!(worker(&[("DNS_QUERY_URL", value)]).is_err(), refused, "{value}");
        assert!(problems(&[("DNS_QUERY_URL", value)]).is_empty(), "natively it is not read");
    }
    let loopback = [("DNS_QUERY_URL", "http://127.0.0.1:8053/dns-query"), ("ALLOW_LOOPBACK_TARGETS", "1")];
    assert_eq!(worker(&loopback).map(url).unwrap().as_deref(), Some("http://127.0.0.1:8053/dns-query"));
}

#[test]
fn what_excludes_each_other_is_a_conflict() {
    let cases: [(&[(&str, &str)], &str); 4] = [
        (&[("RETENTION_BODY_DAYS", "31")], "RETENTION_RECORD_DAYS"),
        (&[("WEBHOOKS_TIME_START", "9h00"), ("WEBHOOKS_TIME_END", "09:00")], "WEBHOOKS_TIME_END"),
        (&[("WEBHOOK_SECRET_PREVIOUS", "old")], "WEBHOOK_SECRET_PREVIOUS"),
        (&[("RETENTION_BODY_DAYS", "8"), ("RETENTION_RECORD_DAYS", "7")], "RETENTION_RECORD_DAYS"),
    ];
    for (pairs, variable) in cases {
        assert_eq!(problems(pairs), [(variable, "conflict")], "{pairs:?}");
    }
    assert_eq!(problems(&[("RETENTION_BODY_DAYS", "30")]), []);
    assert_eq!(problems(&[("WEBHOOKS_TIME_START", "9h00")]), []);
}

#[test]
fn all_mistakes_are_told_at_once() {
    let found = problems(&[("PORT", "http"), ("POLLING_TIMEZONE", "Paris"), ("WEBHOOK_SSL_VERIFY", "maybe")]);
    let names: BTreeSet<_> = found.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, BTreeSet::from(["PORT", "POLLING_TIMEZONE", "WEBHOOK_SSL_VERIFY"]));
}

#[test]
fn a_message_shows_an_open_value_and_never_a_hidden_one() {
    let shown = |name: &str, value: &str| try_read(&[(name, value)], Place::Native).unwrap_err()[0].to_string();
    assert_eq!(
        shown("TRUSTED_PROXY", "ngx"),
        "TRUSTED_PROXY: expected none, cloudflare, render or a number from 1 to 16, not \"ngx\""
    );
    for (name, value) in [
        ("WEBHOOK_URL", "http://hooks.signal.test/t0ken"),
        ("WEBHOOK_SECRET", "whsec_t0ken!"),
        ("REDIS_URL", "http://:t0ken@r"),
    ] {
        assert!(!shown(name, value).contains("t0ken"), "{name}");
    }
    assert!(shown("LOG_LEVEL", &"x".repeat(10_000)).len() < 300);
}

#[test]
fn blank_counts_as_not_set() {
    let blank: Vec<_> = VARIABLES.iter().map(|variable| (variable.name, " \t")).collect();
    let settings = read(&blank);
    // The predecessor took an empty WEBHOOK_SSL_VERIFY for "do not verify".
    assert_eq!(settings.sending.tls, Tls::Verified);
    assert!(settings.sending.enabled);
    assert_eq!(settings.missing_secrets(), ["PROCESS_API_TOKEN"]);
}

#[test]
fn older_names_are_read_with_one_warning_each() {
    let settings =
        read(&[("FLASK_LOG_LEVEL", "WARNING"), ("WEBHOOK_TIME_START", "8h00"), ("WEBHOOK_TIME_END", "18h00")]);
    assert_eq!(settings.log_level, LogLevel::Warn);
    assert_eq!(settings.sending.window_start.as_deref(), Some("8h00"));
    let warned: Vec<_> = settings.warnings.iter().map(|warning| (warning.variable, warning.code.as_str())).collect();
    let expected = ["WEBHOOK_TIME_START", "WEBHOOK_TIME_END", "FLASK_LOG_LEVEL"].map(|name| (name, "older_name"));
    assert_eq!(warned, expected);
    let told = &settings.warnings[2];
    assert_eq!(told.to_string(), "FLASK_LOG_LEVEL: is an older name, still read: set LOG_LEVEL instead");
}

#[test]
fn the_proper_name_wins_over_an_older_one() {
    let settings = read(&[("WEBHOOK_TIME_START", "8h00"), ("WEBHOOKS_TIME_START", "9h00")]);
    assert_eq!(settings.sending.window_start.as_deref(), Some("9h00"));
    assert_eq!(settings.warnings, []);
}

#[test]
fn a_mistake_names_the_name_it_was_made_under() {
    assert_eq!(problems(&[("WEBHOOK_TIME_START", "9h")]), [("WEBHOOK_TIME_START", "invalid_time")]);
}

#[test]
fn variables_without_effect_are_told() {
    let settings = read(&[("RECADRAGE_MAKE_WEBHOOK_URL", "https://x")]);
    let warned: Vec<_> = settings.warnings.iter().map(|it| (it.variable, it.code.as_str())).collect();
    assert_eq!(warned, [("RECADRAGE_MAKE_WEBHOOK_URL", "no_effect")]);
}

#[test]
fn the_place_of_the_documents() {
    let url = ("REDIS_URL", "redis://redis.signal.test");
    let base = ("EXTERNAL_CONFIG_BASE_URL", "https://config.signal.test/app/");
    let token = ("CONFIG_API_TOKEN", "t0ken");
    let store = |pairs: &[(&str, &str)]| read(pairs).server.redis.unwrap().documents;
    assert_eq!(store(&[url]), DocumentStore { prefix: "r:ss:config:".to_owned(), primary: Primary::Redis(None) });
    let backend = || ExternalBackend {
        base: TargetUrl::parse(base.1, &UrlPolicy::default()).unwrap(),
        token: ApiToken::new(token.1).unwrap(),
    };
    assert_eq!(store(&[url, base, token]).primary, Primary::Redis(Some(backend())));
    let php = ("CONFIG_STORE_MODE", "PHP_first");
    assert_eq!(store(&[url, base, token, php]).primary, Primary::External(backend()));
    assert_eq!(store(&[url, ("CONFIG_STORE_REDIS_PREFIX", " acme: ")]).prefix, "acme:");
}

#[test]
fn half_a_backend_stops_the_start_where_it_would_be_used() {
    let url = ("REDIS_URL", "redis://redis.signal.test");
    let base = ("EXTERNAL_CONFIG_BASE_URL", "https://config.signal.test");
    let (php, token) = (("CONFIG_STORE_MODE", "php_first"), ("CONFIG_API_TOKEN", "t0ken"));
    assert_eq!(problems(&[url, base]), [("EXTERNAL_CONFIG_BASE_URL", "conflict")]);
    assert_eq!(problems(&[url, php]), [("CONFIG_STORE_MODE", "conflict")]);
    assert_eq!(problems(&[url, php, base]), [("EXTERNAL_CONFIG_BASE_URL", "conflict")]);
    assert_eq!(problems(&[url, php, token]), [("CONFIG_STORE_MODE", "conflict")]);
    let warned = |pairs: &[(&str, &str)]| {
        let warnings = read(pairs).warnings.into_iter();
        warnings.map(|it| (it.variable, it.code.as_str())).collect::<Vec<_>>()
    };
    assert_eq!(warned(&[url, token]), [("CONFIG_API_TOKEN", "no_effect")]);
    let names = ["CONFIG_STORE_MODE", "EXTERNAL_CONFIG_BASE_URL"];
    assert_eq!(warned(&[php, base]), names.map(|name| (name, "no_effect")), "on SQLite");
}

#[test]
fn what_switches_a_protection_off_is_told() {
    let settings = read(&[
        ("WEBHOOK_SSL_VERIFY", "false"),
        ("ALLOW_LOOPBACK_TARGETS", "1"),
        ("WEBHOOK_URL", "http://127.0.0.1:9999/hook"),
        ("ALLOW_VOLATILE_REDIS", "1"),
    ]);
    assert_eq!(settings.sending.tls, Tls::Unverified);
    assert!(settings.sending.target.is_some());
    let warned: Vec<_> = settings.warnings.iter().map(|it| (it.variable, it.code.as_str())).collect();
    let expected = ["ALLOW_LOOPBACK_TARGETS", "WEBHOOK_SSL_VERIFY", "ALLOW_VOLATILE_REDIS"];
    assert_eq!(warned, expected.map(|name| (name, "unsafe")));
}

#[test]
fn the_own_host_is_no_target() {
    let url = ("WEBHOOK_URL", "https://signal.test/api");
    assert_eq!(problems(&[url]), []);
    assert_eq!(problems(&[url, ("PUBLIC_BASE_URL", "https://Signal.Test")]), [("WEBHOOK_URL", "invalid_url")]);
    assert_eq!(problems(&[url, ("RENDER_EXTERNAL_URL", "https://signal.test")]), [("WEBHOOK_URL", "invalid_url")]);
}

#[test]
fn what_render_says_is_the_default_of_the_base_url() {
    let render = ("RENDER_EXTERNAL_URL", "https://app.onrender.test");
    assert_eq!(read(&[render]).public_base_url.unwrap().as_str(), "https://app.onrender.test");
    let both = read(&[render, ("PUBLIC_BASE_URL", "https://signal.test/")]);
    assert_eq!(both.public_base_url.unwrap().as_str(), "https://signal.test");
}

#[test]
fn a_worker_does_not_read_what_only_a_server_has() {
    let pairs = [("PORT", "http"), ("WEBHOOK_SSL_VERIFY", "false"), ("TRUSTED_PROXY", "?"), ("DATA_DIR", "/x")];
    let settings = try_read(&pairs, Place::Worker).unwrap();
    assert_eq!(settings.sending.tls, Tls::Verified);
    assert_eq!(settings.server.data_dir, "./data");
    assert_eq!(settings.warnings, []);
}

#[test]
fn without_a_ttl_a_subject_group_lives_as_long_as_a_claim() {
    let settings = read(&[("ENABLE_SUBJECT_GROUP_DEDUP", "true")]);
    assert_eq!(settings.ingress.subject_groups, Some(SubjectGroups { ttl: days(30) }));
    assert_eq!(read(&[("SUBJECT_GROUP_TTL_SECONDS", "60")]).ingress.subject_groups, None);
}

#[test]
fn a_made_token_is_adopted_only_where_none_is_set() {
    let mut settings = read(&[]);
    settings.adopt_token(ApiToken::new("made").unwrap());
    assert!(settings.ingress.token.as_ref().is_some_and(|token| token.is("made")));
    assert!(settings.missing_secrets().is_empty());
    settings.adopt_token(ApiToken::new("other").unwrap());
    assert!(settings.ingress.token.as_ref().is_some_and(|token| token.is("made")));
}

/// The table and the reader name the same variables: nothing is documented that is not read, nor read in silence.
#[test]
fn the_table_is_what_is_read() {
    let asked = RefCell::new(BTreeSet::new());
    let record = |name: &str| {
        asked.borrow_mut().insert(name.to_owned());
        None
    };
    for place in [Place::Native, Place::Worker] {
        Settings::read(&record, place).unwrap();
    }
    let tabled = VARIABLES.iter().flat_map(|variable| core::iter::once(&variable.name).chain(variable.aliases));
    let tabled: BTreeSet<_> = tabled.chain(UNUSED.iter().map(|it| &it.name)).map(|name| (*name).to_owned()).collect();
    assert_eq!(asked.into_inner(), tabled);
}

#[test]
fn names_are_unique() {
    let names: Vec<_> = VARIABLES.iter().flat_map(|it| core::iter::once(&it.name).chain(it.aliases)).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
}

#[test]
fn a_silent_debug_hides_every_secret() {
    let settings = read(&[
        ("PROCESS_API_TOKEN", "t0ken"),
        ("WEBHOOK_SECRET", "t0ken"),
        ("WEBHOOK_URL", "https://hooks.signal.test/t0ken"),
        ("REDIS_URL", "redis://:t0ken@redis.signal.test"),
        ("EXTERNAL_CONFIG_BASE_URL", "https://config.signal.test/t0ken"),
        ("CONFIG_API_TOKEN", "t0ken"),
    ]);
    assert!(!format!("{settings:?}").contains("t0ken"));
}

/// The tables of the documentation hold every variable as the table says it, and no other.
#[test]
fn the_documentation_lists_every_variable_and_no_other() {
    let documented: BTreeSet<String> = include_str!("../../../docs/configuration.md")
        .lines()
        .filter(|line| line.strip_prefix("| `").is_some_and(|rest| rest.starts_with(char::is_uppercase)))
        .map(str::to_owned)
        .collect();
    let tabled = VARIABLES.iter().map(|variable| row(variable));
    let tabled: BTreeSet<_> =
        tabled.chain(UNUSED.iter().map(|it| format!("| `{}` | {}. |", it.name, it.warning))).collect();
    let missing: Vec<_> = tabled.difference(&documented).collect();
    let foreign: Vec<_> = documented.difference(&tabled).collect();
    assert!(missing.is_empty() && foreign.is_empty(), "missing: {missing:#?}\nforeign: {foreign:#?}");
}

fn row(variable: &Variable) -> String {
    let aliases: Vec<_> = variable.aliases.iter().map(|alias| format!(" (older: `{alias}`)")).collect();
    let aliases = aliases.concat();
    let default = if variable.default.is_empty() { "none".to_owned() } else { format!("`{}`", variable.default) };
    let need = if variable.need == Need::Secret { "**Needed outside development mode.** " } else { "" };
    let scope = match variable.scope {
        Scope::Everywhere => "",
        Scope::Native => " *Native server only.*",
        Scope::Worker => " *Worker only.*",
    };
    let secret = if variable.secrecy == Secrecy::Hidden { ", hidden" } else { "" };
    format!(
        "| `{}`{aliases} | {}{secret} | {default} | {need}{}{scope} |",
        variable.name, variable.form, variable.meaning
    )
}
