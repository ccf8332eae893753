//! What is written in a variable, as a value.

#[cfg(test)]
mod tests;

use super::documents::StoreMode;
use super::problem::ProblemCode::{
    InvalidAddress, InvalidBoolean, InvalidChoice, InvalidNumber, InvalidSecret, InvalidTime, InvalidUrl, UnknownZone,
};
use super::reader::Fault;
use super::types::{ApiToken, BaseUrl, LogLevel, RedisUrl};
use crate::access::TrustedProxy;
use crate::calendar::{TimeOfDay, Zone};
use crate::config::mode as modes;
use crate::delivery::outcome::Mode;
use crate::delivery::{Secret, TargetUrl, UrlPolicy};
use core::net::{IpAddr, SocketAddr};

/// Yes or no: one reader for every switch, where the predecessor had three.
pub(super) fn switch(text: &str) -> Result<bool, Fault> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "y" | "on" => Ok(true),
        "0" | "false" | "no" | "n" | "off" => Ok(false),
        _ => Err(fault(InvalidBoolean, "expected 1, true, yes, y, on or 0, false, no, n, off")),
    }
}

pub(super) fn number(text: &str, least: u32, most: u32) -> Result<u32, Fault> {
    // `parse` alone would take a `+`.
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let value = text.parse().ok().filter(|value| plain && (least..=most).contains(value));
    value.ok_or_else(|| fault(InvalidNumber, format!("expected a whole number from {least} to {most}")))
}

/// A time of day, kept as it was written.
pub(super) fn time(text: &str) -> Result<String, Fault> {
    match TimeOfDay::parse(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err(fault(InvalidTime, "expected a time of day, HHhMM or HH:MM")),
    }
}

pub(super) fn zone(text: &str) -> Result<Zone, Fault> {
    Zone::parse(text).map_err(|_| fault(UnknownZone, "expected the name of a time zone, such as Europe/Paris"))
}

pub(super) fn proxy(text: &str) -> Result<TrustedProxy, Fault> {
    text.to_ascii_lowercase()
        .parse()
        .map_err(|_| fault(InvalidChoice, "expected none, cloudflare, render or a number from 1 to 16"))
}

pub(super) fn log_level(text: &str) -> Result<LogLevel, Fault> {
    match text.to_ascii_lowercase().as_str() {
        "error" | "critical" => Ok(LogLevel::Error),
        "warn" | "warning" => Ok(LogLevel::Warn),
        "info" => Ok(LogLevel::Info),
        "debug" => Ok(LogLevel::Debug),
        "trace" => Ok(LogLevel::Trace),
        _ => Err(fault(InvalidChoice, "expected error, warn, info, debug or trace")),
    }
}

/// An IP address, with the port that is written or none.
pub(super) fn address(text: &str) -> Result<(IpAddr, Option<u16>), Fault> {
    if let Ok(socket) = text.parse::<SocketAddr>() {
        return Ok((socket.ip(), Some(socket.port())));
    }
    match text.parse() {
        Ok(ip) => Ok((ip, None)),
        Err(_) => Err(fault(InvalidAddress, "expected an IP address, with or without a port")),
    }
}

pub(super) fn token(text: &str) -> Result<ApiToken, Fault> {
    ApiToken::new(text).ok_or_else(|| fault(InvalidSecret, "expected a token that is not blank"))
}

pub(super) fn secret(text: &str) -> Result<Secret, Fault> {
    Secret::parse(text).map_err(|refusal| fault(InvalidSecret, refusal.to_string()))
}

pub(super) fn mode(text: &str) -> Result<Mode, Fault> {
    modes::parse(text).ok_or_else(|| fault(InvalidChoice, "expected json or form"))
}

pub(super) fn redis_url(text: &str) -> Result<RedisUrl, Fault> {
    RedisUrl::new(text).ok_or_else(|| fault(InvalidUrl, "expected redis://, rediss://, unix:// or redis+sentinel://"))
}

pub(super) fn base_url(text: &str) -> Result<BaseUrl, Fault> {
    BaseUrl::parse(text).ok_or_else(|| fault(InvalidUrl, "expected an http or https URL without query or user name"))
}

/// A resolver is asked under the same rules as a target: https, and nothing inside a private network.
pub(super) fn resolver(text: &str, policy: &UrlPolicy) -> Result<TargetUrl, Fault> {
    TargetUrl::parse(text, policy)
        .map_err(|refusal| fault(InvalidUrl, format!("cannot be a resolver ({})", refusal.code())))
}

pub(super) fn store_mode(text: &str) -> Result<StoreMode, Fault> {
    match text.to_ascii_lowercase().as_str() {
        "redis_first" => Ok(StoreMode::RedisFirst),
        "php_first" => Ok(StoreMode::PhpFirst),
        _ => Err(fault(InvalidChoice, "expected redis_first or php_first")),
    }
}

/// A backend is asked under the same rules as a target. A path is appended to it, so it has no query.
pub(super) fn backend(text: &str, policy: &UrlPolicy) -> Result<TargetUrl, Fault> {
    match TargetUrl::parse(text, policy) {
        Ok(url) if !url.as_str().contains('?') => Ok(url),
        Ok(_) => Err(fault(InvalidUrl, "expected a URL without query")),
        Err(refusal) => Err(fault(InvalidUrl, format!("cannot be a backend ({})", refusal.code()))),
    }
}

pub(super) fn fault(code: super::ProblemCode, expected: impl Into<String>) -> Fault {
    Fault { code, expected: expected.into() }
}
