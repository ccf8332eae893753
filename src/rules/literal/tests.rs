use super::*;
use regex_syntax::ParserBuilder;

fn of(pattern: &str) -> Option<Vec<String>> {
    let hir = ParserBuilder::new().case_insensitive(true).build().parse(pattern).unwrap();
    required(&hir).map(|mut literals| {
        literals.sort();
        literals
    })
}

#[test]
fn what_every_match_must_hold() {
    for (pattern, expected) in [
        ("Facture", vec!["facture"]),
        ("d[ée]sabonn", vec!["desabonn"]),
        (r"m[ée]dia solution.*missions recadrage.*\blot\b", vec!["missions recadrage"]),
        (
            r"(dropbox\.com/scl/fo|fromsmash\.com/|swisstransfer\.com/d/)",
            vec!["dropbox.com/scl/fo", "fromsmash.com/", "swisstransfer.com/d/"],
        ),
        (r"(d[ée]sabonn|dropbox\.com/request/)", vec!["desabonn", "dropbox.com/request/"]),
        (r"^(a@b\.fr|c@d\.fr)$", vec!["a@b.fr", "c@d.fr"]),
        (r"\d+ facture(s)? n°\d+", vec![" facture n°", " factures n°"]),
        (r"(?P<lot>lot) \d{4}", vec!["lot "]),
        ("(abc)+", vec!["abc"]),
        ("STRASSE|straße", vec!["strasse"]),
    ] {
        assert_eq!(of(pattern).unwrap_or_default(), expected, "{pattern}");
    }
}

#[test]
fn nothing_is_required_when_not_sure() {
    for pattern in [r"\d+", "(abc)*", "ab", "abc|", r"abc|\w+", "(abc)?", "[a-z]{5}", r"[^\s\S]", ".", ""] {
        assert_eq!(of(pattern), None, "{pattern}");
    }
}
