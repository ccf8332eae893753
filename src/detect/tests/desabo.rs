use super::*;

fn urgent(subject: &str, body: &str) -> Option<bool> {
    match detected(subject, body) {
        Detection::Desabo { urgent } => Some(urgent),
        _ => None,
    }
}

#[test]
fn the_rows_of_the_contract() {
    let request = "journée tarifs habituels https://www.dropbox.com/request/abc";
    let rows = [
        ("x", AVAILABLE.to_owned(), Some(false)),
        ("Désabonnement", "JOURNÉE\ntarifs habituels".into(), Some(false)),
        ("x", request.into(), Some(false)),
        ("x", request.replace("https", "http"), None),
        ("x", request.replace("www.", ""), None),
        ("x", "journée tarifs habituels".into(), None),
        ("x", "journée tarif habituel désabonner".into(), None),
        ("facture", AVAILABLE.into(), Some(false)),
        ("x", format!("{AVAILABLE} facture"), None),
        ("x", format!("{AVAILABLE} urgent"), Some(true)),
        ("URGENCE", AVAILABLE.into(), Some(true)),
        // Mended: the predecessor found this urgent.
        ("x", format!("{AVAILABLE}, non urgent"), Some(false)),
    ];
    for (subject, body, expected) in rows {
        assert_eq!(urgent(subject, &body), expected, "{subject}: {body}");
    }
}

#[test]
fn every_forbidden_word_vetoes() {
    for word in ["annulation", "Facturation", "FACTURE", "momentanément", "référence  client", "total HT"] {
        assert_eq!(urgent("x", &format!("{AVAILABLE} {word}")), None, "{word}");
    }
    for hidden in ["fac<b>ture</b>", "r&eacute;f&eacute;rence client", "<i title='facture'></i>"] {
        assert_eq!(urgent("x", &format!("{AVAILABLE} {hidden}")), None, "{hidden}");
    }
}

#[test]
fn tags_and_entities_hide_nothing() {
    let rows = [
        "journ&eacute;e <b>tarifs</b>&nbsp;habituels d&eacute;sabonner",
        "journée tarifs</b> habituels désabonner",
        "<p>jour<i>née</i></p> tarifs\u{a0}habituels désabonn<b>er</b>",
        "journ&eacute;e tarifs habituels <a href=\"https://www.dropbox.com/request/abc\">ici</a>",
    ];
    for body in rows {
        assert_eq!(urgent("x", body), Some(false), "{body}");
    }
}

#[test]
fn a_denied_urgency_is_none() {
    let denied = [
        "non urgent",
        "NON-URGENT",
        "non\u{2011}urgente",
        "pas urgent",
        "ce n'est pas urgent",
        "pas d'urgence",
        "pas d’urgence",
        "sans urgence",
        "aucune urgence",
        "non&nbsp;urgent",
        "non <b>urgent</b>",
        "n&#111;n urgent",
    ];
    for words in denied {
        assert_eq!(urgent("x", &format!("{AVAILABLE} {words}")), Some(false), "{words}");
        assert_eq!(urgent(words, &format!("{AVAILABLE} urgent")), Some(true), "{words}");
    }
    let affirmed = [
        "urgent",
        "urgente",
        "urgences",
        "non, urgent",
        "non - urgent",
        "canon urgent",
        "compas urgent",
        "non urgent mais urgent",
        "<b>urg</b>ent",
        "<i class='urgent'></i>",
        "pas de retard, urgent",
    ];
    for words in affirmed {
        assert_eq!(urgent("x", &format!("{AVAILABLE} {words}")), Some(true), "{words}");
    }
}

#[test]
fn a_denied_subject_is_not_urgent_either() {
    assert_eq!(urgent("Non urgent", AVAILABLE), Some(false));
    assert_eq!(urgent("Non urgent", &format!("{AVAILABLE} <i class='urgent'></i>")), Some(true));
}
