use super::*;
use proptest::prelude::*;

#[test]
fn names_and_addresses() {
    let rows = [
        ("Technique <Technique@client.example>", "Technique", "technique@client.example"),
        (r#""Doe, J" <x@y.z>"#, "Doe, J", "x@y.z"),
        (r#""The \"Boss\"" <x@y.z>"#, r#"The "Boss""#, "x@y.z"),
        ("Foo (bar) <q@w.e>", "Foo", "q@w.e"),
        ("q@w.e (Bar (the) Baz)", "Bar the Baz", "q@w.e"),
        ("Jean   Paul  Martin <jp@x.fr>", "Jean Paul Martin", "jp@x.fr"),
        ("<a@b.c>", "", "a@b.c"),
        ("a@b.c", "", "a@b.c"),
        ("Foo Bar", "Foo Bar", "foo bar"),
        ("", "", ""),
        (r#"" ""#, "", ""),
    ];
    for (raw, name, email) in rows {
        let address = Address::parse(raw);
        assert_eq!((address.name.as_str(), address.email.as_str()), (name, email), "{raw}");
        assert_eq!(display_name(raw), name, "{raw}");
    }
}

#[test]
fn odd_values_still_give_the_likeliest_address() {
    let rows = [
        ("trusted@client.example <real@evil.example>", "real@evil.example"),
        (r#""trusted@client.example" <real@evil.example>"#, "real@evil.example"),
        ("Doe, John <x@y.z>", "x@y.z"),
        ("Team: a@b.c, d@e.f;", "a@b.c"),
        (r#""john doe"@x.fr"#, r#""john doe"@x.fr"#),
        ("Foo <bar>", "bar"),
        ("Foo <>", "foo <>"),
        ("Foo < A@b.c >", "a@b.c"),
        ("Foo <a@b.c", "a@b.c"),
        (",, ;a@b.c", "a@b.c"),
        ("@", "@"),
    ];
    for (raw, email) in rows {
        assert_eq!(Address::parse(raw).email.as_str(), email, "{raw}");
    }
}

#[test]
fn an_unclosed_quote_or_a_quoted_address_is_no_address() {
    for raw in [r#""Foo <a@b.c>"#, r#""a@b.c""#, r#""a@b.c" foo"#] {
        assert_eq!(Address::parse(raw).email.as_str(), raw.to_lowercase(), "{raw}");
    }
}

#[test]
fn a_text_of_separators_is_one_pass() {
    for unit in [",", "<", "(", "\"", "a ", "a@b.c, ", "\\"] {
        let raw = unit.repeat(262_144 / unit.len());
        assert!(Address::parse(&raw).email.as_str().len() <= raw.len(), "{unit}");
    }
}

#[test]
fn debug_is_silent() {
    let shown = format!("{:?}", Address::parse("Jane Roe <jane.roe@x.fr>"));
    assert!(!shown.contains("Roe") && !shown.contains("roe"), "{shown}");
}

proptest! {
    #[test]
    fn any_value_gives_a_trimmed_lower_case_address(raw in any::<String>()) {
        let email = Address::parse(&raw).email;
        prop_assert_eq!(email.as_str(), email.as_str().trim());
        prop_assert_eq!(email.as_str(), email.as_str().to_lowercase());
    }

    #[test]
    fn a_named_address_is_found(name in "[A-Za-z]{1,12}", local in "[a-z0-9.]{1,12}", domain in "[a-z]{1,9}\\.fr") {
        let address = Address::parse(&format!("\"{name}\" <{local}@{domain}>"));
        prop_assert_eq!(address.email.as_str(), format!("{local}@{domain}"));
        prop_assert_eq!(address.email.domain(), Some(domain.as_str()));
        prop_assert_eq!(address.name, name);
    }
}
