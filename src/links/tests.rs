use super::*;
use proptest::prelude::*;

fn urls(text: &str) -> Vec<String> {
    extract(text).into_iter().map(|link| link.raw_url).collect()
}

#[test]
fn the_rows_of_the_contract() {
    let rows: [(&str, &[&str]); 11] = [
        (
            r#"<a href="https://www.dropbox.com/scl/fo/a/b?rlkey=k&amp;dl=0">"#,
            &["https://www.dropbox.com/scl/fo/a/b?rlkey=k&dl=0"],
        ),
        // Mended: the predecessor kept `).` and the quote.
        ("(https://fromsmash.com/abc).", &["https://fromsmash.com/abc"]),
        ("<a href='https://www.dropbox.com/s/a'>", &["https://www.dropbox.com/s/a"]),
        (
            "https://www.dropbox.com/s/a https://www.dropbox.com/s/a https://dropbox.com/s/a",
            &["https://www.dropbox.com/s/a", "https://dropbox.com/s/a"],
        ),
        // Mended: the predecessor read `&copy` as an entity.
        ("https://www.dropbox.com/s/a?x=1&copy=2&dl=0", &["https://www.dropbox.com/s/a?x=1&copy=2&dl=0"]),
        ("HTTPS://WWW.DROPBOX.COM/S/A", &["HTTPS://WWW.DROPBOX.COM/S/A"]),
        ("https://www.dropbox.com/scl/fi/x/MS.png?rlkey=1&raw=1", &[]),
        (
            "https://www.dropbox.com/scl/fi/x/photo.png?raw=1 https://www.dropbox.com/scl/fi/x/logo.png?raw=0",
            &["https://www.dropbox.com/scl/fi/x/photo.png?raw=1", "https://www.dropbox.com/scl/fi/x/logo.png?raw=0"],
        ),
        (
            "https://www.dropbox.com/scl/fi/x/logo.svg?raw=1 https://www.dropbox.com/s/x/logo.png?raw=1",
            &["https://www.dropbox.com/scl/fi/x/logo.svg?raw=1", "https://www.dropbox.com/s/x/logo.png?raw=1"],
        ),
        ("https://www.dropbox.com/home", &["https://www.dropbox.com/home"]),
        ("", &[]),
    ];
    for (text, expected) in rows {
        assert_eq!(urls(text), expected, "{text}");
    }
}

#[test]
fn only_real_hosts() {
    let none = [
        "https://dropbox.com.evil.tld/x",
        "https://dropbox.community/x",
        "https://notdropbox.com/x",
        "https://dropbox.com@evil.tld/",
        "https://dropbox.com:443@evil.tld/",
        "https://user@www.dropbox.com/s/a",
        "https://www.dropbox.com:pw@www.dropbox.com/s/a",
        "https://dropbox.com\\@evil.tld/",
        "https://dropbox.com\\.evil.tld/",
        "https://dropbox%2ecom/x",
        "https://evil.tld/dropbox.com/x",
        "https://evil.tld?dropbox.com/x",
        "https://evil.tld#.dropbox.com/x",
        "https://ｄropbox.com/x",
        "https://dropbox.com./x",
        "https://.dropbox.com/x",
        "https://dropbox.com:x/y",
        "https://dropbox.com:+80/y",
        "https://dropbox.com:/y",
        "https://dropbox.com:99999/y",
        "https:///dropbox.com/x",
        "ftp://dropbox.com/x",
        "https:/dropbox.com/x",
        "dropbox.com/s/a",
        "https://wetransfer.com/downloads/a",
    ];
    for text in none {
        assert_eq!(urls(text), [""; 0], "{text}");
        assert!(!mentions_provider(text), "{text}");
    }
    let kept = [
        "https://dl.dropbox.com/s/a",
        "https://paris.fromsmash.com/abc",
        "https://www.swisstransfer.com/d/0a1b",
        "https://www.dropbox.com:443/s/a",
        "https://WWW.DropBox.com/s/a",
        "http://fromsmash.com",
        "https://dropbox.com?x=@evil.tld",
        "https://dropbox.com/@evil.tld",
    ];
    for text in kept {
        assert_eq!(urls(text), [text], "{text}");
    }
}

#[test]
fn where_a_link_ends() {
    let rows = [
        ("voir https://fromsmash.com.", "https://fromsmash.com"),
        ("« https://fromsmash.com/abc », puis", "https://fromsmash.com/abc"),
        ("«https://fromsmash.com/abc»", "https://fromsmash.com/abc"),
        ("[lien](https://fromsmash.com/abc)", "https://fromsmash.com/abc"),
        ("*https://fromsmash.com/abc*", "https://fromsmash.com/abc"),
        ("&lt;https://fromsmash.com/abc&gt; merci", "https://fromsmash.com/abc"),
        ("href=&quot;https://fromsmash.com/abc&quot;&gt;lien", "https://fromsmash.com/abc"),
        ("https://fromsmash.com/abc&nbsp;merci", "https://fromsmash.com/abc"),
        ("<a href='https://fromsmash.com/abc'/>", "https://fromsmash.com/abc"),
        ("{'u':'https://fromsmash.com/abc','v':1}", "https://fromsmash.com/abc"),
        ("https://www.dropbox.com/s/x/l'été(1).zip?dl=0", "https://www.dropbox.com/s/x/l'été(1).zip?dl=0"),
        ("xhttps://fromsmash.com/abc", "https://fromsmash.com/abc"),
    ];
    for (text, url) in rows {
        assert_eq!(urls(text), [url], "{text}");
    }
}

#[test]
fn entities_are_decoded_once() {
    let rows = [
        ("https://fromsmash.com/a?b=1&amp;amp;c=2", "https://fromsmash.com/a?b=1&amp;c=2"),
        ("https://fromsmash.com/a?b&#61;1&#x26;c", "https://fromsmash.com/a?b=1&c"),
        ("https:&#x2F;&#x2F;fromsmash.com&#x2F;a", "https://fromsmash.com/a"),
        ("https://fromsmash.com/a?b=1&lt=2&reg=3", "https://fromsmash.com/a?b=1&lt=2&reg=3"),
    ];
    for (text, url) in rows {
        assert_eq!(urls(text), [url], "{text}");
    }
}

#[test]
fn a_link_inside_another_is_found_unless_the_outer_one_counts() {
    let inner = "https://www.dropbox.com/s/a?dl=0";
    assert_eq!(urls(&format!("https://track.example/?u={inner}")), [inner]);
    assert_eq!(urls(&format!("https://dropbox.com@evil.tld/?u={inner}")), [inner]);
    assert_eq!(urls("https://track.example/?u=https%3A%2F%2Fwww.dropbox.com%2Fs%2Fa"), [""; 0]);
    let outer = format!("https://fromsmash.com/x?u={inner}");
    assert_eq!(urls(&outer), [outer.as_str()]);
}

#[test]
fn long_links_are_passed_over_and_do_not_hide_others() {
    let of_length = |chars: usize| {
        let head = "https://fromsmash.com/";
        format!("{head}{}", "é".repeat(chars - head.len()))
    };
    let (fits, long) = (of_length(MAX_LINK_CHARS), of_length(MAX_LINK_CHARS + 1));
    assert_eq!(urls(&format!("{long} {fits} https://fromsmash.com/z")), [fits.as_str(), "https://fromsmash.com/z"]);
    assert!(mentions_provider(&long));
}

#[test]
fn ten_thousand_links_in_a_mebibyte_give_the_first_fifty() {
    let anchors: Vec<_> = (0..10_000).map(|n| format!("<a href=\"https://fromsmash.com/{n}\">{n}</a>\n")).collect();
    let mut text = anchors.concat();
    text.push_str(&" ".repeat(1_048_576 - text.len()));
    let expected: Vec<_> = (0..50).map(|n| format!("https://fromsmash.com/{n}")).collect();
    assert_eq!(urls(&text), expected);

    let same = "https://fromsmash.com/same ".repeat(10_000) + "https://fromsmash.com/last";
    assert_eq!(urls(&same), ["https://fromsmash.com/same", "https://fromsmash.com/last"]);
}

/// Each unit would take hours if a position were searched from twice.
#[test]
fn one_line_of_a_mebibyte_is_one_pass() {
    let units =
        ["https://", "https://dropbox.com@", "https://x/", "http:", "://", "https://dropbox.com:x", "&amp;", "a"];
    for unit in units {
        let text = unit.repeat(1_048_576 / unit.len() - 10) + " https://fromsmash.com/end";
        assert_eq!(urls(&text), ["https://fromsmash.com/end"], "{unit}");
    }
    for unit in ["https://dropbox.com/", "https://dropbox.com/)", "https://dropbox.com/("] {
        let line = unit.repeat(1_048_576 / unit.len());
        assert_eq!(urls(&format!("{line} https://fromsmash.com/end")), ["https://fromsmash.com/end"], "{unit}");
    }
}

#[test]
fn a_link_in_json() {
    let link = extract("https://swisstransfer.com/d/1").remove(0);
    let json = r#"{"provider":"swisstransfer","raw_url":"https://swisstransfer.com/d/1"}"#;
    assert_eq!(serde_json::to_string(&link).unwrap(), json);
    assert_eq!(serde_json::from_str::<Link>(json).unwrap(), link);
}

fn fragments() -> impl Strategy<Value = String> {
    let parts = [
        "https://",
        "HTTP://",
        "dropbox.com",
        "www.",
        "fromsmash.com",
        "swisstransfer.com",
        "dl.",
        "evil.tld",
        "@",
        ":443",
        ":",
        "/",
        "\\",
        "?u=",
        "#",
        "&amp;",
        "&quot;",
        "&copy=",
        "'",
        "\"",
        "<",
        ">",
        "(",
        ")",
        " ",
        "\u{a0}",
        ".",
        ",",
        "é",
        "a",
        "scl/fi/logo.png",
        "?raw=1",
    ];
    prop::collection::vec(prop::sample::select(parts.to_vec()), 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn every_link_is_a_providers(text in fragments()) {
        for link in extract(&text) {
            let parsed = url::Url::parse(&link.raw_url).unwrap();
            prop_assert_eq!(parsed.host_str().and_then(Provider::of_host), Some(link.provider));
            prop_assert_eq!(parsed.username(), "");
            prop_assert!(parsed.password().is_none());
            prop_assert!(!link.raw_url.contains(char::is_whitespace));
            prop_assert!(!link.raw_url.ends_with(['.', ',', ';', '\'', '"', '»']));
        }
    }

    #[test]
    fn extracting_from_the_links_gives_them_back(text in fragments()) {
        let first = urls(&text);
        // What was decoded once would be decoded again.
        prop_assume!(!first.iter().any(|url| url.contains('&')));
        prop_assert_eq!(urls(&first.join(" ")), first);
    }

    #[test]
    fn never_more_than_fifty_and_none_twice(count in 0_usize..200, step in 1_usize..5) {
        let written: Vec<_> = (0..count).map(|n| format!("https://fromsmash.com/{}", n / step)).collect();
        let found = urls(&written.join(" "));
        prop_assert_eq!(found.len(), count.div_ceil(step).min(MAX_LINKS));
        let distinct: std::collections::BTreeSet<_> = found.iter().collect();
        prop_assert_eq!(distinct.len(), found.len());
    }

    #[test]
    fn no_text_panics(text in any::<String>()) {
        prop_assert_eq!(mentions_provider(&text), Candidates::of(&crate::mail::text::decode_entities(&text)).next().is_some());
        extract(&text);
    }
}
