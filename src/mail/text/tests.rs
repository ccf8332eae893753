use super::*;
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

#[test]
fn folding_and_squeezing() {
    assert_eq!(fold("MÉDIA Garçon ÎLE œ"), "media garcon ile œ");
    assert_eq!(fold("e\u{301}"), "e");
    assert_eq!(squeeze("  a\u{a0}\n\t b "), "a b");
    assert_eq!(normal(" JOURNÉE\n TARIFS\u{202f}habituels"), "journee tarifs habituels");
}

#[test]
fn the_first_mebibyte_ends_on_a_character() {
    assert_eq!(first_mib("été"), Cut { text: "été", truncated: false });
    let exact = "a".repeat(MIB);
    assert_eq!(first_mib(&exact), Cut { text: &exact, truncated: false });
    let crossing = "a".repeat(MIB - 1) + "é";
    let cut = first_mib(&crossing);
    assert_eq!((cut.text.len(), cut.truncated), (MIB - 1, true));
}

#[test]
fn what_a_reader_sees() {
    let rows = [
        ("tarifs</b> habituels", "tarifs habituels"),
        ("<b>tarifs</b>&nbsp;habituels", "tarifs habituels"),
        ("journ&eacute;e &#233;t&#xE9; &amp;lt;", "journée été &lt;"),
        ("jour<b>n</b>ée", "journée"),
        ("jour&shy;n\u{200b}ée", "journée"),
        ("<p>un</p><p>deux<br>trois</p>", "un\ndeux\ntrois"),
        ("<td>a</td>\n <td>b</td>", "a\nb"),
        ("<p>a</p> b <p>c</p>", "a\nb\nc"),
        ("un\n  deux\u{a0}\u{a0}trois ", "un deux trois"),
        ("a<script>if (x<y) document.write('<p>9h</p>')</script>b", "ab"),
        ("a<STYLE type='x'>p{color:red}</Style >b", "ab"),
        ("a<script>never closed > 9h", "a"),
        ("a<!-- 9h > <b> -->b<!---->c<!-->d", "abcd"),
        ("a<!-- never closed > 9h", "a"),
        ("<!DOCTYPE html><?xml version='1'?>a<![if !mso]>b<![endif]>", "ab"),
        ("<a title=\"1 > 0\" href='x'>lien</a>", "lien"),
        ("<a title='it\"s > x'>lien</a>", "lien"),
        ("<p don't>a</p>", "a"),
        ("<a href=\"x>unclosed</a>", "unclosed"),
        ("<o:p>a</o:p>b", "ab"),
        ("<scripted>a</scripted>", "a"),
        ("1 < 2 et 3 > 2", "1 < 2 et 3 > 2"),
        ("a <b jamais fermé", "a <b jamais fermé"),
        ("&lt;b&gt;montré&lt;/b&gt;", "<b>montré</b>"),
        ("&eacute &unknown; & ; &#0;", "&eacute &unknown; & ; &#0;"),
        ("", ""),
    ];
    for (html, text) in rows {
        assert_eq!(plain_text(html), text, "{html}");
    }
}

/// Each of these would take hours if any position were searched from twice.
#[test]
fn hostile_text_is_one_pass() {
    let units = [
        "<",
        "<a",
        "<a>",
        "<!--",
        "<!",
        "</",
        "<script>",
        "<a b=\"",
        "<a b='",
        "<a b=\">\" ",
        "<style></",
        "&",
        "&#x",
        "&amp",
        "<a b=\"'>",
        "\u{301}",
    ];
    for unit in units {
        for tail in ["", ">", "\">", "-->"] {
            let hostile = unit.repeat(MIB / 4 / unit.len()) + tail;
            assert!(plain_text(&hostile).len() <= hostile.len(), "{unit}");
            assert!(normal(&hostile).len() <= hostile.len(), "{unit}");
        }
    }
}

#[test]
fn a_megabyte_of_marks_folds_to_nothing() {
    assert_eq!(fold(&"\u{301}".repeat(MIB / 2)), "");
}

proptest! {
    #[test]
    fn no_input_panics(html in "(<|>|&|;|\"|'|=|!|-|/|a|p|é|script|style| |--|#|x){0,60}") {
        let text = plain_text(&html);
        prop_assert_eq!(text.trim(), text.as_str());
    }

    #[test]
    fn text_without_markup_is_only_squeezed(text in "[a-zé0-9 .,\n]{0,80}") {
        prop_assert_eq!(plain_text(&text), squeeze(&text));
    }

    #[test]
    fn folding_is_normalisation_without_marks(text in any::<String>(), accented in "[à-ÿÀ-Þ\u{300}-\u{36f}가-힣a-z]{0,20}") {
        for text in [text, accented] {
            let reference: String = text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
            prop_assert_eq!(fold(&text), reference);
        }
    }

    #[test]
    fn folding_twice_changes_nothing(text in any::<String>()) {
        prop_assert_eq!(normal(&normal(&text)), normal(&text));
    }
}
