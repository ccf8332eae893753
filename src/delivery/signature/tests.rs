use super::*;
use proptest::prelude::*;

const BODY: &[u8] = br#"{"test": 2432232314}"#;
const EVENT: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const SIGNED: i64 = 1_614_265_330;

fn vector_secret() -> Secret {
    Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap()
}

fn at(secs: i64) -> Timestamp {
    Timestamp::from_millis(secs * 1000 + 999)
}

fn received<'a>(timestamp: &'a str, signature: &'a str) -> ReceivedHeaders<'a> {
    ReceivedHeaders { id: EVENT, timestamp, signature }
}

#[test]
fn signs_as_the_published_vector() {
    let headers = sign_event(&[vector_secret()], EVENT, at(SIGNED), BODY);
    let pairs: Vec<_> = headers.iter().collect();
    assert_eq!(pairs, [("webhook-id", EVENT), ("webhook-timestamp", "1614265330"), ("webhook-signature", SIGNATURE)]);
}

/// Computed with another HMAC implementation, from the same keys.
#[test]
fn signs_with_every_kind_of_secret() {
    let id = DeliveryId::parse("msg_01kmcwye1rafxyjtc8r42cvzjf_0123456789").unwrap();
    let long = "k".repeat(100); // base64 by accident: 75 bytes once decoded, longer than a block
    let raw = format!("{} ", "k".repeat(99)) + "k";
    for (text, signature) in [
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "v1,C/be5ljeUndRNRDg6Jdr67PwfBI2oVkftQpx4bTUMpE="),
        ("correct horse battery staple", "v1,NDW4zK56GmdjiAwjl4yAZxLT5jEO6WooRXo9wETtavo="),
        ("c2VjcmV0LW51bWJlci10d28tb2YtMzItYnl0ZXMhISE=", "v1,uaZm545YC/U2L3mHmo9tXYMdgyiaFM09j+ynBmXWhQU="),
        (&long, "v1,z3k9iXBPj7ttlRN89GSmShffUko3tKC0kuiswmYGGIE="),
        (&raw, "v1,jSw0MzN6QqUD1uguF++JKw+/YAbnGYng9XgDV0rFIuM="),
    ] {
        let headers =
            sign(&[Secret::parse(text).unwrap()], &id, at(1_774_745_999), "{\"subject\": \"Média\"}".as_bytes());
        assert_eq!(headers.signature.as_deref(), Some(signature), "{text}");
    }
}

#[test]
fn two_secrets_give_two_signatures_in_order_and_none_gives_none() {
    let other = Secret::parse("whsec_QUJD").unwrap();
    let both = sign_event(&[vector_secret(), other.clone()], EVENT, at(SIGNED), BODY).signature.unwrap();
    let (first, second) = both.split_once(' ').unwrap();
    assert_eq!(first, SIGNATURE);
    assert_eq!(Some(second.to_owned()), sign_event(&[other], EVENT, at(SIGNED), BODY).signature);
    let unsigned = sign_event(&[], EVENT, at(SIGNED), BODY);
    assert_eq!(unsigned.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["webhook-id", "webhook-timestamp"]);
}

#[test]
fn any_matching_signature_is_enough() {
    let wrong = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=";
    let secrets = [Secret::parse("whsec_QUJD").unwrap(), vector_secret()];
    for header in [SIGNATURE.to_owned(), format!("{wrong} v1a,x {SIGNATURE} {wrong}"), format!("v1, {SIGNATURE}")] {
        assert_eq!(verify(&secrets, received("1614265330", &header), BODY, at(SIGNED)), Ok(()), "{header}");
    }
    let digest = SIGNATURE.strip_prefix("v1,").unwrap();
    for header in
        ["", "v1", "v1,", wrong, digest, &format!("v2,{digest}"), "v1,g0hM9SsE+OTPJTGt", &format!("{SIGNATURE}A")]
    {
        let verdict = verify(&secrets, received("1614265330", header), BODY, at(SIGNED));
        assert_eq!(verdict, Err(VerifyError::NoMatch), "{header}");
    }
    assert_eq!(verify(&[], received("1614265330", SIGNATURE), BODY, at(SIGNED)), Err(VerifyError::NoMatch));
}

#[test]
fn every_signed_part_counts() {
    let secrets = [vector_secret()];
    let now = at(SIGNED);
    assert_eq!(verify(&secrets, received("1614265331", SIGNATURE), BODY, now), Err(VerifyError::NoMatch));
    assert_eq!(verify(&secrets, received("1614265330", SIGNATURE), b"{}", now), Err(VerifyError::NoMatch));
    let other_id = ReceivedHeaders { id: "msg_other", ..received("1614265330", SIGNATURE) };
    assert_eq!(verify(&secrets, other_id, BODY, now), Err(VerifyError::NoMatch));
    assert_eq!(verify(&secrets[..0], other_id, BODY, now), Err(VerifyError::NoMatch));
}

#[test]
fn age_is_bounded_both_ways() {
    let secrets = [vector_secret()];
    for (now, verdict) in [
        (SIGNED + 300, Ok(())),
        (SIGNED - 300, Ok(())),
        (SIGNED + 301, Err(VerifyError::TooOld)),
        (SIGNED - 301, Err(VerifyError::TooNew)),
    ] {
        assert_eq!(verify(&secrets, received("1614265330", SIGNATURE), BODY, at(now)), verdict, "{now}");
    }
    for text in ["", "x", "1614265330.0", "+1614265330", "-1", " 1614265330", "99999999999999999999"] {
        let verdict = verify(&secrets, received(text, SIGNATURE), BODY, at(SIGNED));
        assert_eq!(verdict, Err(VerifyError::BadTimestamp), "{text}");
    }
}

proptest! {
    #[test]
    fn what_is_signed_verifies_and_a_changed_byte_does_not(key in "[ -~]{1,80}", body: Vec<u8>, secs in 0_i64..10_000_000_000) {
        prop_assume!(!key.trim().is_empty());
        let secrets = [Secret::parse(&key).unwrap()];
        let headers = sign_event(&secrets, EVENT, at(secs), &body);
        let received = received(&headers.timestamp, headers.signature.as_deref().unwrap());
        prop_assert_eq!(verify(&secrets, received, &body, at(secs)), Ok(()));
        let mut changed = body;
        changed.push(0);
        prop_assert_eq!(verify(&secrets, received, &changed, at(secs)), Err(VerifyError::NoMatch));
    }
}
