use super::*;
use crate::calendar::Timestamp;
use core::time::Duration;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_millis(1_774_745_999_123);

fn answer(status: u16, body: &str) -> Answer {
    Answer { status, content_type: None, retry_after: None, body: body.as_bytes().to_vec() }
}

fn verdict(status: u16, body: &str) -> Verdict {
    judge(&Ok(answer(status, body)), NOW)
}

#[test]
fn every_status_has_its_verdict() {
    for status in 0..=999_u16 {
        let expected = match status {
            200..=299 => "delivered",
            410 => "gone",
            415 => "other",
            408 | 425 | 429 => "retry",
            300..=499 => "failed",
            _ => "retry",
        };
        let got = match verdict(status, "") {
            Verdict::Delivered => "delivered",
            Verdict::Gone => "gone",
            Verdict::OtherMediaType => "other",
            Verdict::Retry { .. } => "retry",
            Verdict::Failed { .. } => "failed",
            Verdict::Refused { .. } => "refused",
        };
        assert_eq!(got, expected, "{status}");
    }
}

#[test]
fn a_success_is_denied_only_by_an_object_that_says_false() {
    let cut = format!(r#"{{"success": false, "message": "{}"#, "x".repeat(16_000));
    for body in [
        r#"{"success": false}"#,
        r#" {"message": "doublon", "nested": {"success": true}, "success":false} "#,
        r#"{"success": true, "success": false}"#,
        "\u{feff}{\"success\": false}",
        &cut,
    ] {
        for status in [200, 202, 204, 299] {
            let refused = Verdict::Refused { cause: Cause::Answered(FailureReason::RemoteApplicationError) };
            assert_eq!(verdict(status, body), refused, "{status} {body:.40}");
        }
    }
    for body in [
        "",
        "ok",
        "false",
        "[]",
        "[{\"success\": false}]",
        r#"{"success": true}"#,
        r#"{"success": "false"}"#,
        r#"{"success": 0}"#,
        r#"{"success": null}"#,
        r#"{"data": {"success": false}}"#,
        r#"{"success": false, "success": true}"#,
        r#"{"success": false} trailing"#,
        r#"{"success": false, oops"#,
        r#"{"Success": false}"#,
        "<html>{\"success\": false}</html>",
        "\"success\": false",
    ] {
        assert_eq!(verdict(200, body), Verdict::Delivered, "{body}");
    }
    let deep = format!("{{\"a\": {}", "[".repeat(16_000));
    assert_eq!(verdict(200, &deep), Verdict::Delivered);
}

#[test]
fn the_first_reason_that_fits_is_given() {
    use FailureReason as R;
    for (status, body, reason, code) in [
        (403, "Access denied by Imunify360 bot-protection", R::BotProtectionDenied, "bot_protection_denied"),
        (500, "<title>BOT-Protection</title>", R::BotProtectionDenied, "bot_protection_denied"),
        (415, "", R::UnsupportedMediaType, "unsupported_media_type"),
        (429, "slow down", R::RateLimited, "rate_limited"),
        (500, "", R::UpstreamServerError, "upstream_server_error"),
        (503, "x", R::UpstreamServerError, "upstream_server_error"),
        (422, r#"{"success":false,"message":"non"}"#, R::UpstreamClientError, "upstream_client_error"),
        (404, "", R::UpstreamClientError, "upstream_client_error"),
        (302, "moved", R::RedirectRefused, "redirect_refused"),
        (200, r#"{"success":false}"#, R::RemoteApplicationError, "remote_application_error"),
        (200, " \n", R::RequestFailed, "request_failed"),
    ] {
        assert_eq!(FailureReason::of(&answer(status, body)), reason, "{status} {body}");
        assert_eq!(reason.code(), code);
    }
}

#[test]
fn no_answer_is_always_retried_and_says_why() {
    let codes = ["send_timeout", "send_dns", "send_connect", "send_tls", "send_forbidden_address", "send_protocol"];
    for (error, code) in SendError::ALL.into_iter().zip(codes) {
        let cause = Cause::Unanswered(error);
        assert_eq!(judge(&Err(error), NOW), Verdict::Retry { cause, after: None });
        assert_eq!((cause.code(), cause.failure_reason().code()), (code, "request_failed"));
    }
    let all = SendError::ALL.map(SendError::code).into_iter().chain(FailureReason::ALL.map(FailureReason::code));
    assert_eq!(all.collect::<std::collections::BTreeSet<_>>().len(), 14);
}

#[test]
fn retry_after_is_carried_where_it_means_something() {
    let with = |status, text: &str| judge(&Ok(Answer { retry_after: Some(text.into()), ..answer(status, "") }), NOW);
    for status in [429, 503, 408] {
        let Verdict::Retry { after, .. } = with(status, "120") else { panic!("{status}") };
        assert_eq!(after, Some(Duration::from_mins(2)));
    }
    let Verdict::Retry { after, .. } = with(503, "Sun, 29 Mar 2026 01:00:59 GMT") else { panic!() };
    assert_eq!(after, Some(Duration::from_millis(59_877)));
    assert!(matches!(with(503, "soon"), Verdict::Retry { after: None, .. }));
    assert!(matches!(with(404, "120"), Verdict::Failed { .. }));
}

#[test]
fn a_415_without_another_media_type_is_a_failure() {
    let failed = Verdict::Failed { cause: Cause::Answered(FailureReason::UnsupportedMediaType) };
    assert_eq!(verdict(415, "").final_media_type(), failed);
    assert_eq!(verdict(200, "").final_media_type(), Verdict::Delivered);
    assert_eq!((Mode::Json.other(), Mode::Form.other(), Mode::default()), (Mode::Form, Mode::Json, Mode::Json));
    assert_eq!(Mode::Json.content_type(), "application/json");
    assert_eq!(Mode::Form.content_type(), "application/x-www-form-urlencoded");
    for mode in [Mode::Json, Mode::Form] {
        assert_eq!(serde_json::to_string(&mode).unwrap(), format!("\"{}\"", mode.name()));
    }
}

#[test]
fn the_snippet_is_short_flat_and_valid() {
    for (body, snippet) in [
        (&b"  a\r\n\t b  c "[..], "a b c"),
        (b"", ""),
        (b" \n ", ""),
        (b"caf\xc3\xa9 \xff\xc3", "café \u{fffd}\u{fffd}"),
        (b"a \x1b b\x00c", "a bc"),
    ] {
        assert_eq!(Answer { body: body.to_vec(), ..answer(500, "") }.snippet(), snippet);
    }
    assert_eq!(answer(500, &"é ".repeat(300)).snippet(), "é ".repeat(100));
    assert_eq!(answer(500, &"🎬".repeat(300)).snippet(), "🎬".repeat(200));
}

#[test]
fn the_message_is_the_targets_own_when_it_has_one() {
    for (body, message) in [
        (r#"{"success": false, "message": " Mail\n refusé "}"#, "Mail refusé"),
        (r#"{"success": false, "message": 7}"#, r#"{"success": false, "message": 7}"#),
        (r#"{"message": ""}"#, r#"{"message": ""}"#),
        ("<h1>Oops</h1>", "<h1>Oops</h1>"),
        ("", ""),
    ] {
        assert_eq!(answer(422, body).message(), message);
    }
}

proptest! {
    #[test]
    fn any_body_is_judged_and_shown(status: u16, body: Vec<u8>, retry_after in prop::option::of(any::<String>())) {
        let answer = Answer { status, content_type: None, retry_after, body };
        prop_assert!(answer.snippet().chars().count() <= 200 && answer.message().chars().count() <= 200);
        judge(&Ok(answer), NOW);
    }
}
