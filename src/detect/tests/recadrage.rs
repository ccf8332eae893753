use super::*;

const LINK: &str = "https://www.dropbox.com/scl/fo/a/b";

/// The delivery time of a job with this text beside a Dropbox link.
fn due(text: &str) -> Option<String> {
    match detected(JOB, &format!("{text} {LINK}")) {
        Detection::Recadrage { delivery_time } => Some(delivery_time),
        _ => None,
    }
}

#[test]
fn subjects() {
    let rows = [
        (JOB, true),
        ("média solution - missions recadrage - lot 42", true),
        ("Média Solution – Missions Recadrage – Lot 3", true),
        ("Lot media solution missions recadrage", true),
        ("media solution missions recadrage pilote", true),
        ("Re: Média Solution - Missions Recadrage - Lot 42", true),
        // Mended: two spaces defeated the predecessor.
        ("Média  Solution - Missions\u{a0}Recadrage - Lot 1", true),
        ("URGENCE Média Solution Lot 123", false),
        ("", false),
    ];
    for (subject, job) in rows {
        let detection = detected(subject, &format!("à faire pour 11h51 {LINK}"));
        assert_eq!(detection.name().is_some(), job, "{subject}");
    }
}

#[test]
fn the_body_must_mention_a_provider() {
    let rows = [
        ("https://www.dropbox.com/s/a", true),
        ("dropbox.com/scl/fo/x", true),
        ("DROPBOX.COM/SCL/FO/x", false),
        ("FromSmash.com/x", true),
        ("swisstransfer.com/D/x", true),
        ("swisstransfer.com/x", false),
        ("dropbox.com/s/x", false),
        ("https://www.dropbox.com/scl/fi/x/logo.png?raw=1", true),
        ("<a href='https://paris.fromsmash.com/x'>lien</a>", true),
        ("<i>froms</i>mash.com/x", true),
        ("https://wetransfer.com/x", false),
        // Mended: the predecessor took this for a Dropbox link.
        ("https://dropbox.com.evil.tld/x", false),
    ];
    for (provider, job) in rows {
        let detection = detected(JOB, &format!("à faire pour 11h51 {provider}"));
        assert_eq!(detection.name().is_some(), job, "{provider}");
    }
    assert_eq!(detected(JOB, ""), Detection::None);
}

#[test]
fn the_delivery_times_of_the_contract() {
    let rows = [
        ("à faire pour 11h51", Some("11h51")),
        ("À FAIRE POUR 9h", Some("09h00")),
        ("a faire pour 09h", Some("09h00")),
        ("à faire pour à 9h", Some("09h00")),
        ("à faire pour 9:00", Some("09h00")),
        ("à faire pour 9h5", Some("09h05")),
        ("à faire pour 9:5", None),
        ("à faire pour 14h305", Some("14h30")),
        ("à faire pour 14H30", Some("14h30")),
        ("à faire pour le 3/9/2025 à 9h", Some("le 03/09/2025 à 09h00")),
        ("à faire pour le 3/9/2025 à à 9h", Some("le 03/09/2025 à 09h00")),
        ("à faire pour le 03/09/2025 à 9:05", Some("le 03/09/2025 à 09h05")),
        ("à faire pour le 31/02/2025 à 9h", Some("le 31/02/2025 à 09h00")),
        ("à faire pour le 03/09/25 à 9h30", Some("09h30")),
        ("à faire pour le 03/09/2025", None),
        ("à faire pour demain 14h30", Some("14h30")),
        ("à faire pour 7:30 puis à faire pour 8h", Some("08h00")),
        ("à faire pour le 3/9/2025 à 9:05, à faire pour le 4/9/2025 à 10h", Some("le 04/09/2025 à 10h00")),
        ("à faire pour 9h, à faire pour 10h", Some("09h00")),
        ("à faire pour&nbsp;14h30", Some("14h30")),
        ("&agrave; faire pour 14h30", Some("14h30")),
        ("à faire pour <b>14h30</b>", Some("14h30")),
        ("à faire\n pour\u{a0}14h30", Some("14h30")),
        ("à faire pour 14 h 30", None),
        ("à faire pour midi", None),
        ("14h30min", None),
        ("114h30", None),
        ("livraison 10:45", Some("10h45")),
        ("livraison 10:45 ou 11h", Some("11h00")),
        ("livraison à14h30, ٣14h30, 14h30_", None),
        ("à faire pour ١٤h٣٠", None),
    ];
    for (text, time) in rows {
        assert_eq!(due(text).as_deref(), time, "{text}");
    }
}

/// What the predecessor got wrong and this must not.
#[test]
fn mended_delivery_times() {
    let rows = [
        // A time inside a URL is none (the predecessor answered 07h00), with a scheme or without.
        ("https://www.dropbox.com/scl/fo/ab-7h-xyz", None),
        ("<a href=\"https://fromsmash.com/ab-7h-xyz\">lien</a>", None),
        ("fromsmash.com/ab-7h-xyz www.exemple-7h.fr (fromsmash.com/10:45)", None),
        ("https://fromsmash.com/7h livraison 8h", Some("08h00")),
        ("<a href=\"https://fromsmash.com/7h\">8h</a>", Some("08h00")),
        ("14h30:https://fromsmash.com/7h", Some("14h30")),
        ("14h30/15h", Some("14h30")),
        // An hour over 23 or a minute over 59 is none (it passed through).
        ("à faire pour 99h99", None),
        ("à faire pour 24h", None),
        ("à faire pour 9:60", None),
        ("à faire pour 25h, à faire pour 9h", Some("09h00")),
        ("à faire pour le 3/9/2025 à 25h, sinon 10h", Some("10h00")),
        ("25:10 puis 10:25", Some("10h25")),
        // Tags and entities hid the date, and only a lone time was read.
        ("&agrave; faire pour le <b>3/9/2025</b>&nbsp;&agrave; 9h", Some("le 03/09/2025 à 09h00")),
        ("10:45 &agrave; faire pour <b>14:30</b>", Some("14h30")),
        ("<td>14</td>h30, 14<b>h</b>30", Some("14h30")),
    ];
    for (text, time) in rows {
        assert_eq!(due(text).as_deref(), time, "{text}");
    }
}

#[test]
fn urgency_means_in_an_hour_whatever_the_body_says() {
    let rows = [
        (" URGENCE", "00h30"),
        (" - urgence !", "00h30"),
        (" urgences", "09h00"),
        (" urgent", "09h00"),
        // Mended with « non urgent »: an urgency that is denied is none.
        (" pas d'urgence", "09h00"),
        (" sans urgence", "09h00"),
    ];
    for (suffix, time) in rows {
        let detection = detected(&format!("{JOB}{suffix}"), &format!("à faire pour 9h {LINK}"));
        assert_eq!(detection, Detection::Recadrage { delivery_time: time.into() }, "{suffix}");
    }
    let without_time = detected(&format!("Urgence {JOB}"), LINK);
    assert_eq!(without_time, Detection::Recadrage { delivery_time: "00h30".into() });
}
