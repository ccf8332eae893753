//! Who may call a route. The route table names the access; this is where it is judged.

use super::Site;
use super::problem::Problem;
use http::HeaderMap;
use http::header::AUTHORIZATION;

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Anybody.
    Anyone,
    /// Holders of the ingress token.
    IngressToken,
}

/// Judges a call before anything of its body is read.
pub(super) fn check<S: Site>(site: &S, access: Access, headers: &HeaderMap) -> Result<(), Problem> {
    match access {
        Access::Anyone => Ok(()),
        Access::IngressToken => ingress_token(site, headers),
    }
}

/// `Bearer <token>`, or the bare token. Compared exactly, in constant time. Two such headers are none: homes differ in which
/// one they would show, and so might a proxy.
fn ingress_token<S: Site>(site: &S, headers: &HeaderMap) -> Result<(), Problem> {
    let ingress = &site.settings().ingress;
    let Some(token) = &ingress.token else { return Err(Problem::not_configured()) };
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Err(Problem::unauthorized()) };
    let value = value.as_bytes();
    let given = value.strip_prefix(b"Bearer ").unwrap_or(value);
    let Ok(given) = core::str::from_utf8(given) else { return Err(Problem::unauthorized()) };
    // Both are compared, so that the time taken does not tell which one it was.
    let previous = ingress.token_previous.as_ref().is_some_and(|token| token.is(given));
    if token.is(given) | previous { Ok(()) } else { Err(Problem::unauthorized()) }
}
