//! Mails by the thousand: each follows from the seed, and between them they meet everything that is decided about a mail.

use serde_json::{Value, json};

/// A push.
pub(super) type Push = Value;

/// Numbers that follow from a seed (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % sides as u64).unwrap()
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

const SENDERS: [&str; 6] = [
    "Technique <technique@client.example>",
    "technique@client.example",
    "\"Production, Lyon\" <Production@Client.example>",
    "VIP <vip@client.example>",
    "=?UTF-8?Q?=C3=89lise?= <technique@client.example>",
    "Inconnu <someone@else.example>",
];

const LINKS: [&str; 7] = [
    "https://www.dropbox.com/scl/fo/abc/def?rlkey=k1&amp;dl=0",
    "<a href=\"https://www.dropbox.com/s/x?dl=0\">lot</a>",
    "https://fromsmash.com/XyZ-1.",
    "https://www.swisstransfer.com/d/0f1e2d3c-aaaa-bbbb",
    "http://dropbox.com.evil.tld/x",
    "https://paris.fromsmash.com/a, https://fromsmash.com/b",
    "",
];

const TIMES: [&str; 9] = [
    "à faire pour 11h51",
    "&agrave; faire pour 14h30",
    "à faire pour le 3/9/2026 à 9h",
    "À FAIRE POUR 9:00",
    "urgence, à faire pour 18h",
    "en urgence",
    "à faire pour 25h00",
    "voir https://x.tld/?t=14:30",
    "",
];

const WORDS: [&str; 12] = [
    "facture",
    "copie",
    "prioritaire",
    "facture copie",
    "attendre",
    "retenir",
    "Bonjour",
    "Bonjour",
    "Planning",
    "LETTRE D'INFORMATION",
    "Été « à Noël » 🎬",
    "",
];

const URGENCY: [&str; 4] = ["", " urgent", " non urgent", " URGENCE"];

/// The mails of each instant, in the order in which they are pushed.
pub(super) fn generate(seed: u64, instants: usize, each: usize) -> Vec<Vec<Push>> {
    let mut dice = Dice(seed);
    let mut all: Vec<Push> = Vec::new();
    (0..instants)
        .map(|instant| {
            let from = all.len();
            for place in 0..each {
                let push = match dice.roll(10) {
                    // A mail again: as it was, under no id, or its text under another id.
                    0 if !all.is_empty() => again(&mut dice, &all),
                    _ => new(&mut dice, all.len(), instant, place),
                };
                all.push(push);
            }
            all[from..].to_vec()
        })
        .collect()
}

fn again(dice: &mut Dice, all: &[Push]) -> Push {
    let mut push = all[dice.roll(all.len())].clone();
    match dice.roll(3) {
        0 => {}
        1 => {
            push.as_object_mut().unwrap().remove("message_id");
        }
        _ => push["subject"] = json!(format!("Re: {}", push["subject"].as_str().unwrap())),
    }
    push
}

fn new(dice: &mut Dice, number: usize, instant: usize, place: usize) -> Push {
    let (subject, text) = match dice.roll(6) {
        0 | 1 => recadrage(dice, number),
        2 => desabo(dice, number),
        // One at an instant for each of these receivers: the answer to one decides about the next.
        3 if place < 2 => (format!("parti-{place} {number}"), "Bonjour".to_owned()),
        _ => (format!("{} {number}", dice.pick(&WORDS)), "Bonjour,\r\nvoici.".to_owned()),
    };
    let link = dice.pick(&LINKS);
    let mut push = json!({
        "subject": subject,
        "sender": dice.pick(&SENDERS),
        "date": format!("2026-04-10T09:54:38.{number:03}Z"),
        "body": format!("<p>{text}</p> {link} {}", "x".repeat(dice.roll(3) * instant)),
    });
    if dice.roll(5) > 0 {
        push["message_id"] = json!(format!("<{number}@client.example>"));
        push["thread_id"] = json!(format!("thread-{}", number / 3));
    }
    push
}

fn recadrage(dice: &mut Dice, number: usize) -> (String, String) {
    // Few lots: some come again within the month, and are of one group.
    let lot = if dice.roll(4) == 0 { dice.roll(20) } else { 1_000 + number };
    let subject = format!("Média Solution - Missions Recadrage - Lot {lot}");
    let cancelled = if dice.roll(12) == 0 { " ANNULÉ" } else { "" };
    (subject, format!("Bonjour {number}, {}{cancelled}", dice.pick(&TIMES)))
}

fn desabo(dice: &mut Dice, number: usize) -> (String, String) {
    let veto = if dice.roll(6) == 0 { " facture" } else { "" };
    let text = format!("journ&eacute;e tarifs habituels d&eacute;sabonner {number}{veto}{}", dice.pick(&URGENCY));
    (format!("Disponible {number}"), text)
}
