//! Who may call a route. The route table names the access; this is where it is judged.

use super::problem::Problem;
use super::Site;
use http::header::AUTHORIZATION;
use http::HeaderMap;

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

/// `Bearer <token>`, or the bare token. Compared exactly, in constant time.
fn ingress_token<S: Site>(site: &S, headers: &HeaderMap) -> Result<(), Problem> {
    let tokens = &site.settings().ingress_tokens;
    if tokens.is_empty() {
        return Err(Problem::not_configured());
    }
    let value = headers.get(AUTHORIZATION).map_or(&b""[..], http::HeaderValue::as_bytes);
    let given = value.strip_prefix(b"Bearer ").unwrap_or(value);
    if tokens.accepts(given) { Ok(()) } else { Err(Problem::unauthorized()) }
}
