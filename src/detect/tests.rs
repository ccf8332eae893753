use super::*;
use crate::mail::text::plain_text;
use proptest::prelude::*;

mod desabo;
mod recadrage;

fn detected(subject: &str, body: &str) -> Detection {
    detect(subject, body, &plain_text(body), TimeOfDay::new(23, 30).unwrap())
}

const JOB: &str = "Média Solution - Missions Recadrage - Lot 42";
const AVAILABLE: &str = "journée tarifs habituels désabonner";

#[test]
fn a_job_wins_over_an_availability_mail() {
    let both = format!("{AVAILABLE} https://fromsmash.com/a");
    assert_eq!(detected(JOB, &both), Detection::Desabo { urgent: false });
    let with_time = format!("{both} à faire pour 9h");
    assert_eq!(detected(JOB, &with_time), Detection::Recadrage { delivery_time: "09h00".into() });
}

#[test]
fn names() {
    assert_eq!(detected("x", "y").name(), None);
    assert_eq!(detected("x", AVAILABLE).name(), Some("desabonnement_journee_tarifs"));
    assert_eq!(detected(JOB, "https://fromsmash.com/a 9h").name(), Some("recadrage"));
    assert_eq!(detected("", ""), Detection::None);
}

/// Each unit would take hours if a position were searched from twice.
#[test]
fn one_long_line_is_one_pass() {
    let units =
        ["a faire pour ", "9", "9h", "25h", "a.b/", "://", "www.", "urgent-", "d'urgence", "99:99", "<9h", "h", "-"];
    for unit in units {
        let line = unit.repeat(131_072 / unit.len());
        let body = format!("{line} {AVAILABLE} https://fromsmash.com/a <b>à faire pour</b> 25h");
        assert_ne!(detected(JOB, &body), Detection::None, "{unit}");
        assert_ne!(detected(&format!("{JOB} {line}"), &body), Detection::None, "{unit}");
    }
}

proptest! {
    #[test]
    fn any_delivery_time_exists(body in "(à faire pour |le |3/9/2025 |à |[0-9]{1,3}|h|:|/|x| |<b>|&nbsp;|https://){0,30}") {
        let body = format!("https://fromsmash.com/a {body}");
        if let Detection::Recadrage { delivery_time } = detected(JOB, &body) {
            let time = delivery_time.rsplit(' ').next().unwrap();
            let (hour, minute) = time.split_once('h').unwrap();
            prop_assert!(TimeOfDay::new(hour.parse().unwrap(), minute.parse().unwrap()).is_some());
            prop_assert_eq!(time.len(), 5);
        }
    }

    #[test]
    fn no_mail_panics(subject in any::<String>(), body in any::<String>()) {
        detected(&subject, &body);
        detected(&format!("{JOB} {subject}"), &format!("{AVAILABLE} fromsmash.com/ {body}"));
    }

    #[test]
    fn a_time_in_a_url_is_never_read(path in "[a-z0-9/_.:-]{0,20}", hour in 0_u8..24) {
        let body = format!("https://www.dropbox.com/scl/fo/{path}-{hour}h-x?t={hour}:30 fromsmash.com/{hour}h/{hour}:30");
        prop_assert_eq!(detected(JOB, &body), Detection::None);
    }
}
