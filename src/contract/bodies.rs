//! Bodies come back byte for byte, however they are cut in storage.

use super::bench::{ALL, Bench};
use super::{Subject, promises};
use crate::ledger::Plan;

promises!("bodies":
    a_body_of_any_size_comes_back_as_it_was,
    a_character_on_the_border_of_a_chunk_stays_whole,
    two_bodies_never_mix,
);

const MIB: usize = 1 << 20;

async fn a_body_of_any_size_comes_back_as_it_was<S: Subject>(bench: &Bench<'_, S>) {
    for size in [0, 1, MIB * 9 / 10, MIB, MIB + 1, MIB * 21 / 10, MIB * 99 / 10] {
        returns(bench, &body(size, "0123456789 abcdef")).await;
    }
}

async fn a_character_on_the_border_of_a_chunk_stays_whole<S: Subject>(bench: &Bench<'_, S>) {
    for pattern in ["é", "€", "😀"] {
        for shift in 0..4 {
            let text = format!("{}{}", "x".repeat(shift), pattern.repeat((2 * MIB + 16) / pattern.len()));
            returns(bench, &text).await;
        }
    }
}

async fn two_bodies_never_mix<S: Subject>(bench: &Bench<'_, S>) {
    let texts = [body(3 * MIB, "first "), String::new(), body(2 * MIB, "third ")];
    for text in &texts {
        bench.take(bench.mail(Some(&text.len().to_string()), text)).await;
    }
    let leases = bench.lease(ALL).await;
    let mut bodies: Vec<&str> = leases.iter().map(|lease| lease.mail.mail.body.as_str()).collect();
    bodies.sort_by_key(|body| std::cmp::Reverse(body.len()));
    assert!(bodies == [texts[0].as_str(), texts[2].as_str(), ""], "three bodies, each its own");
}

/// A text of exactly `size` bytes.
fn body(size: usize, pattern: &str) -> String {
    let mut text = pattern.repeat(size / pattern.len() + 1);
    text.truncate(size);
    text
}

async fn returns<S: Subject>(bench: &Bench<'_, S>, text: &str) {
    let mut new = bench.mail(None, text);
    new.mail.message_id = Some(new.id.as_str().to_owned());
    let mail = bench.take(new).await;
    let lease = bench.lease_one().await;
    assert!(lease.mail.mail.body == text, "a body of {} bytes came back changed", text.len());
    let bytes = bench.life(&mail).await.mail.body_bytes;
    assert_eq!(bytes, u64::try_from(text.len()).expect("a size"));
    let skip = Plan::Skip { reason: crate::ledger::SkipReason::NoLinks, detector: None };
    bench.planned(&lease.token, skip, ALL).await;
}
