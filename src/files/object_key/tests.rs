use super::*;
use crate::files::spellings::{equal_spellings, hostile_url};
use proptest::prelude::*;

fn key(provider: Provider, url: &str) -> String {
    ObjectKey::of(provider, &Source::normalise(provider, url).unwrap()).to_string()
}

fn name(provider: Provider, url: &str) -> String {
    key(provider, url).rsplit('/').next().unwrap().to_owned()
}

#[test]
fn the_vectors_of_the_predecessor() {
    use Provider::{Dropbox, FromSmash};
    let rows = [
        (Dropbox, "https://www.dropbox.com/s/abc/file.zip", "dropbox/9944bf4b/ff6bf8d9/file.zip"),
        (Dropbox, "https://www.dropbox.com/s/abc/file.zip?dl=0", "dropbox/9944bf4b/ff6bf8d9/file.zip"),
        (Dropbox, "http://www.dropbox.com/s/abc/file.zip", "dropbox/9944bf4b/ff6bf8d9/file.zip"),
        (Dropbox, "https://www.dropbox.com:443/s/abc/file.zip", "dropbox/9944bf4b/ff6bf8d9/file.zip"),
        (Dropbox, "https://www.dropbox.com/s//abc/file.zip", "dropbox/9944bf4b/ff6bf8d9/file.zip"),
        (Dropbox, "https://www.dropbox.com/s/abc/file.zip/", "dropbox/9944bf4b/ff6bf8d9/file.zip"),
        (Dropbox, "https://www.dropbox.com/scl/fo/abc/def?rlkey=k1&dl=0", "dropbox/36c72db7/461ade2e/file"),
        (Dropbox, "https://www.dropbox.com/scl/fo/a/b?rlkey=K&st=s&e=1&dl=0", "dropbox/6f387180/96ea44ea/file"),
        (Dropbox, "https://www.dropbox.com/s/a/mon fichier.zip", "dropbox/a0945814/adbfa1ab/mon fichier.zip"),
        (FromSmash, "https://fromsmash.com/XyZ-1", "fromsmash/5a4c3c10/e60130c8/file"),
        (FromSmash, "https://fromsmash.com/ABC/file.mp4", "fromsmash/7c0c0aec/4889d7e8/file.mp4"),
    ];
    for (provider, url, expected) in rows {
        assert_eq!(key(provider, url), expected, "{url}");
    }
}

#[test]
fn names_people_gave() {
    let rows = [
        ("/s/a/Été%20[v2]%20(1).zip", "Été [v2] (1).zip"),
        // A `#` and a `?` of a name stay in it: the predecessor cut the name there.
        ("/scl/fi/a/file%231.zip", "file#1.zip"),
        ("/scl/fi/a/a%3Fb.zip", "a?b.zip"),
        // The name holds `%2F` as text: it is no slash, and is not decoded twice.
        ("/s/a/100%25%252F.zip", "100%%2F.zip"),
        ("/s/a/file%2Ezip", "file.zip"),
        ("/s/a/.zip", ".zip"),
        ("/s/a/...", "..."),
        ("/s/a/file", "file"),
        ("", "file"),
    ];
    for (path, expected) in rows {
        assert_eq!(name(Provider::Dropbox, &format!("https://www.dropbox.com{path}")), expected, "{path}");
    }
}

/// Mended: the predecessor used all of these but the last three as names.
#[test]
fn what_is_never_a_name() {
    let long = format!("/{}.zip", "é".repeat(MAX_NAME / 2));
    let paths = [
        "/a/..",
        "/a/%2E%2e",
        "/a/.",
        "/a/x%2F..",
        "/a/x%2Fb.zip",
        "/a/..%5C..%5Cb.zip",
        r"/a\b.zip",
        "/a/b%00.zip",
        "/a/b%0A.zip",
        "/a/b%C2%85.zip",
        "/a/b%E9.zip",
        &long,
        "/b.zip/",
        "/?a/b.zip",
        "#/b.zip",
    ];
    for path in paths {
        assert_eq!(name(Provider::SwissTransfer, &format!("https://www.swisstransfer.com{path}")), "file", "{path}");
    }
}

#[test]
fn the_longest_name() {
    let longest = format!("{}.zip", "a".repeat(MAX_NAME - 4));
    assert_eq!(name(Provider::FromSmash, &format!("https://fromsmash.com/{longest}")), longest);
    assert_eq!(name(Provider::FromSmash, &format!("https://fromsmash.com/a{longest}")), "file");
}

proptest! {
    #[test]
    fn four_parts_none_of_which_leads_elsewhere(provider in prop::sample::select(&Provider::ALL), url in hostile_url()) {
        if let Ok(source) = Source::normalise(provider, &url) {
            let key = ObjectKey::of(provider, &source).to_string();
            let parts: Vec<_> = key.split('/').collect();
            prop_assert_eq!(parts.len(), 4);
            prop_assert_eq!(parts[0], provider.as_str());
            prop_assert!(parts[1..3].iter().all(|word| word.len() == 8 && word.bytes().all(|b| b.is_ascii_hexdigit())));
            prop_assert!(!["", ".", ".."].contains(&parts[3]) && parts[3].len() <= MAX_NAME);
            prop_assert!(!key.contains(|c: char| c.is_control() || c == '\\'));
        }
    }

    #[test]
    fn one_file_one_key((plain, spelled) in equal_spellings()) {
        prop_assert_eq!(key(Provider::Dropbox, &spelled), key(Provider::Dropbox, &plain), "{}", spelled);
    }
}
