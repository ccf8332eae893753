use super::*;

#[test]
fn every_row_of_the_contract() {
    let rows = [
        ("Re: Média Solution - Missions Recadrage - Lot 42", "media_solution_missions_recadrage_lot_42"),
        ("LOT  07", "lot_07"),
        ("confirmation : Lot 9", "lot_9"),
        ("Hello", "subject_hash_5d41402abc4b2a76b9719d911017c592"),
    ];
    for (subject, group) in rows {
        assert_eq!(SubjectGroup::of(subject).as_str(), group, "{subject}");
    }
}

#[test]
fn a_lot_needs_a_blank_and_whole_words() {
    for subject in ["lot42", "Lot n°5", "pilot 42", "lot 42a", "lot ٤٢", "lot"] {
        let group = SubjectGroup::of(subject);
        assert!(group.as_str().starts_with("subject_hash_"), "{subject}: {group:?}");
    }
    assert_eq!(SubjectGroup::of("pilot 1, lot 2a, (Lot 3)").as_str(), "lot_3");
}

#[test]
fn reply_prefixes_are_stripped_repeatedly() {
    let hello = SubjectGroup::of("Hello");
    for subject in ["RE: Hello", "Fwd : hello", "re:fw:TR: RV:Confirmation:  HELLO ", "Re  :\u{a0}Hello", "Héllo"] {
        assert_eq!(SubjectGroup::of(subject), hello, "{subject}");
    }
    for subject in ["AW: Hello", "Re[2]: Hello", " Re: Hello", "Re Hello", "éé: Hello"] {
        assert_ne!(SubjectGroup::of(subject), hello, "{subject}");
    }
}

#[test]
fn a_group_is_counted_by_month() {
    assert_eq!(SubjectGroup::of("Lot 9").scoped(2026, 4), "2026-04:lot_9");
    assert_eq!(SubjectGroup::of("Lot 9").scoped(2025, 12), "2025-12:lot_9");
}
