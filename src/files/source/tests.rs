use super::*;
use crate::files::spellings::hostile_url;
use proptest::prelude::*;
use url::Url;

fn normalised(provider: Provider, url: &str) -> String {
    match Source::normalise(provider, url) {
        Ok(source) => source.as_str().to_owned(),
        Err(refusal) => panic!("{url}: {refusal}"),
    }
}

fn dropbox(url: &str) -> String {
    normalised(Provider::Dropbox, url)
}

#[test]
fn the_rows_of_the_predecessor() {
    let rows = [
        ("https://www.dropbox.com/s/abc/file.zip", "/s/abc/file.zip?dl=1"),
        ("http://WWW.Dropbox.com:443/s//abc/file.zip/?dl=0&dl=1#frag", "/s/abc/file.zip?dl=1"),
        ("https://www.dropbox.com/scl/fo/a/b?rlkey=K&st=s&e=1&dl=0", "/scl/fo/a/b?dl=1&e=1&rlkey=K&st=s"),
        ("https://www.dropbox.com/scl/fo/a/b?rlkey=&st=&dl=0", "/scl/fo/a/b?dl=1&rlkey="),
        ("https://www.dropbox.com/scl/fi/a/f.png?rlkey=K&amp;raw=1", "/scl/fi/a/f.png?dl=1&raw=1&rlkey=K"),
        ("https://www.dropbox.com/s/a/f.zip?amp%3Bdl=0&dl=1", "/s/a/f.zip?dl=1"),
        ("https://www.dropbox.com/s/a/mon fichier.zip", "/s/a/mon%20fichier.zip?dl=1"),
        ("https://www.dropbox.com/s/a/f+g.zip?x=a+b&dl=0", "/s/a/f%2Bg.zip?dl=1&x=a+b"),
        ("https%3A%2F%2Fwww.dropbox.com%2Fs%2Fa%2Ff.zip%3Fdl%3D0", "/s/a/f.zip?dl=1"),
        // Mended: the predecessor decoded `%23` into a fragment, and lost the key: `/scl/fi/a/file?dl=1`. A file may be
        // called `file#1.zip`, and only its escape tells it from a fragment.
        ("https://www.dropbox.com/scl/fi/a/file%231.zip?rlkey=x&dl=0", "/scl/fi/a/file%231.zip?dl=1&rlkey=x"),
        // Mended: the predecessor moved the query into the name: `/scl/fi/a/a?b.zip%3Frlkey=x&dl=1`.
        ("https://www.dropbox.com/scl/fi/a/a%3Fb.zip?rlkey=x", "/scl/fi/a/a%3Fb.zip?dl=1&rlkey=x"),
    ];
    for (url, expected) in rows {
        let expected = format!("https://www.dropbox.com{expected}");
        assert_eq!(dropbox(url), expected, "{url}");
        assert_eq!(dropbox(&expected), expected, "{url}");
    }
}

#[test]
fn spellings_of_a_dropbox_address() {
    let rows = [
        ("  https://www.dropbox.com/s/a \n", "www.dropbox.com/s/a?dl=1"),
        ("HTTPS://DL.DROPBOX.COM/S/A", "dl.dropbox.com/S/A?dl=1"),
        // As the predecessor: the port stays, even where https does not live.
        ("http://www.dropbox.com:80/s/a", "www.dropbox.com:80/s/a?dl=1"),
        ("https://www.dropbox.com:/s/a", "www.dropbox.com/s/a?dl=1"),
        ("https://www.dropbox.com:00443/s/a", "www.dropbox.com/s/a?dl=1"),
        ("https://www.dropbox.com./s/a", "www.dropbox.com/s/a?dl=1"),
        ("https://dropbox.com", "dropbox.com/?dl=1"),
        ("https://dropbox.com//", "dropbox.com/?dl=1"),
        ("https://dropbox.com?rlkey=k", "dropbox.com/?dl=1&rlkey=k"),
        ("https://dropbox.com#s/a", "dropbox.com/?dl=1"),
        ("https://wetransfer.com/a", "wetransfer.com/a?dl=1"),
        // Encoded as a whole, twice and three times; entities inside.
        ("https%253A%252F%252Fdropbox.com%252Fs%252Fa", "dropbox.com/s/a?dl=1"),
        ("https%25253A%25252F%25252Fdropbox.com%25252Fs", "dropbox.com/s?dl=1"),
        ("http%3A%2F%2Fdropbox.com%2Fs%3Fa%3D1%26amp%3Brlkey%3Dk", "dropbox.com/s?a=1&dl=1&rlkey=k"),
        ("https://dropbox.com/s?a=1&amp;amp;b=2", "dropbox.com/s?a=1&b=2&dl=1"),
    ];
    for (url, expected) in rows {
        assert_eq!(dropbox(url), format!("https://{expected}"), "{url}");
    }
}

#[test]
fn spellings_of_a_dropbox_path_and_query() {
    let rows = [
        ("/s%2Fa//b%2F", "/s/a/b?dl=1"),
        ("/%7Ea/%C3%A9/é/%E9", "/~a/%C3%A9/%C3%A9/%E9?dl=1"),
        ("/100%.zip", "/100%25.zip?dl=1"),
        ("/100%25.zip", "/100%25.zip?dl=1"),
        // A name that holds an escape as text: the predecessor decoded it twice, and asked for another file.
        ("/a%2520b", "/a%2520b?dl=1"),
        ("/a?DL=0&Dl=2&=x&y=&z", "/a?dl=1"),
        ("/a?rlkey", "/a?dl=1&rlkey="),
        ("/a?RLKEY=", "/a?dl=1"),
        ("/a?b=2&b=1&b=2", "/a?b=1&b=2&dl=1"),
        ("/a?B=2&a=1&C=3", "/a?a=1&B=2&C=3&dl=1"),
        ("/a?a=1&A=1", "/a?A=1&a=1&dl=1"),
        ("/a?A=1&a=1", "/a?A=1&a=1&dl=1"),
        ("/a?x=%7E*%2A%2B%20%E9é", "/a?dl=1&x=~%2A%2A%2B+%E9%C3%A9"),
        ("/a?x=1?2=3", "/a?dl=1&x=1%3F2%3D3"),
        // The predecessor decoded the escaped `&` into a separator.
        ("/a?x=1%262", "/a?dl=1&x=1%262"),
        ("/a?x=1&copy=2", "/a?copy=2&dl=1&x=1"),
        ("/a?x=1amp%3by=2amp%253Bz=3", "/a?dl=1&x=1&y=2&z=3"),
        ("/a?x=1&%61mp%3By=2", "/a?dl=1&x=1&y=2"),
    ];
    for (tail, expected) in rows {
        assert_eq!(dropbox(&format!("https://dropbox.com{tail}")), format!("https://dropbox.com{expected}"), "{tail}");
    }
}

#[test]
fn other_providers_keep_what_was_written() {
    let rows = [
        (" https://fromsmash.com/XyZ-1 ", "https://fromsmash.com/XyZ-1"),
        ("https://Paris.FromSmash.com:443//a/?b=&dl=0&a=1#f", "https://Paris.FromSmash.com:443//a/?b=&dl=0&a=1#f"),
        ("https://www.swisstransfer.com/d/a?x=1&amp;y=2", "https://www.swisstransfer.com/d/a?x=1&y=2"),
        ("https://fromsmash.com/é b%20c", "https://fromsmash.com/é b%20c"),
        ("https://wetransfer.com/downloads/a", "https://wetransfer.com/downloads/a"),
        // Nothing is fetched in clear.
        ("HTTP://fromsmash.com/a", "https://fromsmash.com/a"),
    ];
    for (url, expected) in rows {
        assert_eq!(normalised(Provider::FromSmash, url), expected, "{url}");
    }
}

#[test]
fn what_is_refused_whosever_it_is_said_to_be() {
    use SourceRefusal::{DomainMissing, DomainNotAllowed, NotAUrl, Userinfo};
    let rows = [
        ("", NotAUrl),
        ("dropbox.com/s/a", NotAUrl),
        // The predecessor fetched these: it did not look at the scheme.
        ("ftp://dropbox.com/x", NotAUrl),
        ("javascript://dropbox.com/%0Aalert(1)", NotAUrl),
        ("https:dropbox.com/x", NotAUrl),
        ("https://dropbox.com:x/", NotAUrl),
        ("https://dropbox.com:+443/", NotAUrl),
        ("https://dropbox.com:65536/", NotAUrl),
        ("https://xn--a.dropbox.com/", NotAUrl),
        ("https://dropbox.com/&amp;amp;amp;amp;", NotAUrl),
        // The predecessor kept user info; no share link has any.
        ("https://user@dropbox.com/x", Userinfo),
        ("https://dropbox.com:pw@evil.example/x", Userinfo),
        (r"https://dropbox.com\@evil.example/x", Userinfo),
        ("https://", DomainMissing),
        ("https:///s/a", DomainMissing),
        ("https://:443/s/a", DomainMissing),
        ("https://?dropbox.com", DomainMissing),
        ("https://./", DomainMissing),
        ("https://dropbox.com.evil.example/x", DomainNotAllowed),
        ("https://dropbox.community/x", DomainNotAllowed),
        ("https://notdropbox.com/x", DomainNotAllowed),
        ("https://evil.example/dropbox.com", DomainNotAllowed),
        (r"https://evil.example\.dropbox.com/x", DomainNotAllowed),
        ("https://.dropbox.com/x", DomainNotAllowed),
        ("https://a..dropbox.com/x", DomainNotAllowed),
        ("https://dropbox.com../x", DomainNotAllowed),
        ("https://drop%62ox.com/x", DomainNotAllowed),
        ("https://ｄropbox.com/x", DomainNotAllowed),
        ("https://evil.example&#47;.dropbox.com/x", DomainNotAllowed),
        ("https://a b.dropbox.com/x", DomainNotAllowed),
        ("https://[::1]/x", DomainNotAllowed),
    ];
    for provider in Provider::ALL {
        for (url, refusal) in rows {
            assert_eq!(Source::normalise(provider, url), Err(refusal), "{url}");
        }
    }
}

#[test]
fn control_characters_are_encoded_or_refused() {
    assert_eq!(dropbox("https://dropbox.com/a\tb\n?c\0=1"), "https://dropbox.com/a%09b%0A?c%00=1&dl=1");
    for url in ["https://fromsmash.com/a\tb", "https://fromsmash.com/a&#10;b", "https://fromsmash.com/a\u{85}b"] {
        assert_eq!(Source::normalise(Provider::FromSmash, url), Err(SourceRefusal::NotAUrl), "{url:?}");
    }
}

#[test]
fn refusals_have_a_code_each() {
    let codes: std::collections::BTreeSet<_> = SourceRefusal::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(codes.len(), SourceRefusal::ALL.len());
}

#[test]
fn what_opens_a_share_is_not_shown() {
    let source = Source::normalise(Provider::Dropbox, "https://www.dropbox.com/scl/fo/a?rlkey=SECRET").unwrap();
    assert_eq!(format!("{source:?}"), "Source(https://www.dropbox.com/***)");
    let bare = Source::normalise(Provider::FromSmash, "https://fromsmash.com#SECRET").unwrap();
    assert_eq!(bare.masked(), "https://fromsmash.com/***");
}

/// Quadratic work on these takes minutes.
#[test]
fn a_megabyte_of_anything_is_read_in_one_go() {
    use Provider::{Dropbox, FromSmash};
    let units = ["&amp;", "amp;", "&", "%25", "%2561mp%253B", "/", "a=b&", "amp%3B", "://", "%2F.", "é "];
    for unit in units {
        for (provider, start) in [(Dropbox, "https://dropbox.com/?"), (Dropbox, "https%3A"), (FromSmash, "https://")] {
            let url = format!("{start}{}", unit.repeat((1 << 20) / unit.len()));
            let _ = Source::normalise(provider, &url);
        }
    }
    let entities = format!("https://fromsmash.com/{}", "&amp;".repeat(1 << 18));
    assert_eq!(normalised(Provider::FromSmash, &entities).len(), "https://fromsmash.com/".len() + (1 << 18));
    let wrapped = format!("https://fromsmash.com/&{}", "amp;".repeat(1 << 18));
    assert_eq!(Source::normalise(Provider::FromSmash, &wrapped), Err(SourceRefusal::NotAUrl));
}

proptest! {
    #[test]
    fn a_source_is_its_own_source(provider in prop::sample::select(&Provider::ALL), url in hostile_url()) {
        if let Ok(source) = Source::normalise(provider, &url) {
            prop_assert_eq!(Source::normalise(provider, source.as_str()), Ok(source.clone()), "{}", source.as_str());
        }
    }

    #[test]
    fn a_parser_sees_the_host_that_was_judged(provider in prop::sample::select(&Provider::ALL), url in hostile_url()) {
        if let Ok(source) = Source::normalise(provider, &url) {
            let parsed = Url::parse(source.as_str()).unwrap();
            let host = parsed.host_str().unwrap().trim_end_matches('.');
            let ours = ["dropbox.com", "fromsmash.com", "swisstransfer.com", "wetransfer.com"];
            prop_assert!(ours.iter().any(|domain| host == *domain || host.ends_with(&format!(".{domain}"))), "{}", host);
            prop_assert_eq!(parsed.scheme(), "https");
            prop_assert!(parsed.username().is_empty() && parsed.password().is_none());
            prop_assert!(!source.as_str().contains(char::is_control));
        }
    }

    #[test]
    fn a_dropbox_source_is_ready_to_send(url in hostile_url()) {
        if let Ok(source) = Source::normalise(Provider::Dropbox, &url) {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-._~%/:?&=+".contains(c);
            prop_assert!(source.as_str().chars().all(plain), "{}", source.as_str());
            let parsed = Url::parse(source.as_str()).unwrap();
            let asks = parsed.query_pairs().filter(|(name, _)| name.eq_ignore_ascii_case("dl"));
            prop_assert_eq!(asks.map(|(_, value)| value.into_owned()).collect::<Vec<_>>(), ["1"]);
        }
    }
}
