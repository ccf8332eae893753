//! From a request to its handler: one table.

use super::access::{self, Access};
use super::incoming::Incoming;
use super::problem::Problem;
use super::{Site, health, ingress, response};
use bytes::Bytes;
use http::header::ALLOW;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use render_signal::ports::{Journal as _, Level, Line};
use std::net::IpAddr;

/// A request with the address it came from.
#[derive(Debug)]
pub struct Call<B> {
    /// The request.
    pub request: Request<B>,
    /// The address of the peer, when the home knows it.
    pub peer: Option<IpAddr>,
}

/// One line of the table.
struct Route {
    method: Method,
    path: &'static str,
    access: Access,
    handler: Handler,
}

/// What answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Handler {
    IngressGmail,
    Health,
    Ready,
    Ping,
}

const ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/api/ingress/gmail",
        access: Access::IngressToken,
        handler: Handler::IngressGmail,
    },
    Route { method: Method::GET, path: "/health", access: Access::Anyone, handler: Handler::Health },
    Route { method: Method::GET, path: "/ready", access: Access::Anyone, handler: Handler::Ready },
    Route { method: Method::GET, path: "/api/ping", access: Access::Anyone, handler: Handler::Ping },
];

/// Answers a request. Never fails: what goes wrong is an answer with a status and a code.
pub async fn handle<S: Site, B: Incoming>(site: &S, call: Call<B>) -> Response<Bytes> {
    let head = call.request.method() == Method::HEAD;
    let mut answer = match dispatch(site, call).await {
        Ok(answer) => answer,
        Err(problem) => problem.into_response(),
    };
    if head {
        response::take_body(&mut answer);
    }
    response::secure(&mut answer);
    answer
}

async fn dispatch<S: Site, B: Incoming>(site: &S, call: Call<B>) -> Result<Response<Bytes>, Problem> {
    let path = call.request.uri().path();
    if call.request.method() == Method::OPTIONS && ROUTES.iter().any(|route| route.path == path) {
        return Ok(options(path));
    }
    let route = find(call.request.method(), path)?;
    if let Err(problem) = access::check(site, route.access, call.request.headers()) {
        let line =
            Line::new(Level::Debug, "access", problem.code(), format!("ACCESS: {} {path} refused", route.method));
        site.journal().log(line);
        return Err(problem);
    }
    match route.handler {
        Handler::IngressGmail => ingress::gmail(site, call).await,
        Handler::Health => Ok(health::health(site).await),
        Handler::Ready => Ok(health::ready(site).await),
        Handler::Ping => Ok(health::ping(site)),
    }
}

/// The route of a method and path. HEAD is answered wherever GET is.
fn find(method: &Method, path: &str) -> Result<&'static Route, Problem> {
    let wanted = if method == Method::HEAD { &Method::GET } else { method };
    let mut here = ROUTES.iter().filter(|route| route.path == path).peekable();
    if here.peek().is_none() {
        return Err(Problem::not_found());
    }
    here.find(|route| route.method == *wanted).ok_or_else(|| Problem::method_not_allowed(allowed(path)))
}

fn options(path: &str) -> Response<Bytes> {
    let mut answer = response::empty(StatusCode::NO_CONTENT);
    if let Ok(allow) = HeaderValue::try_from(allowed(path)) {
        answer.headers_mut().insert(ALLOW, allow);
    }
    answer
}

fn allowed(path: &str) -> String {
    let mut methods = vec!["OPTIONS"];
    for route in ROUTES.iter().filter(|route| route.path == path) {
        if route.method == Method::GET {
            methods.push("HEAD");
        }
        methods.push(route.method.as_str());
    }
    methods.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::tests::site::MemorySite;
    use std::collections::BTreeSet;

    /// Who may call what: written here once more, by hand, so that a route cannot be opened by mistake.
    const EXPECTED: [(&str, &str, Access); 4] = [
        ("GET", "/api/ping", Access::Anyone),
        ("GET", "/health", Access::Anyone),
        ("GET", "/ready", Access::Anyone),
        ("POST", "/api/ingress/gmail", Access::IngressToken),
    ];

    #[test]
    fn every_route_has_the_access_it_is_expected_to_have() {
        let mut routes: Vec<_> = ROUTES.iter().map(|route| (route.method.as_str(), route.path, route.access)).collect();
        routes.sort_by_key(|(method, path, _)| (*method, *path));
        assert_eq!(routes, EXPECTED);
    }

    /// The table is not only written, it is obeyed.
    #[test]
    fn a_stranger_gets_where_anyone_may_and_nowhere_else() {
        for route in ROUTES {
            let answer = MemorySite::new().call(route.method.clone(), route.path);
            let expected = if route.access == Access::Anyone { 200 } else { 401 };
            assert_eq!(answer.status, expected, "{} {}", route.method, route.path);
        }
    }

    #[test]
    fn no_route_hides_another_and_none_ends_in_a_slash() {
        let unique: BTreeSet<_> = ROUTES.iter().map(|route| (route.method.as_str(), route.path)).collect();
        assert_eq!(unique.len(), ROUTES.len());
        for route in ROUTES {
            assert!(route.path.starts_with('/') && !route.path.ends_with('/'), "{}", route.path);
            assert!(route.method != Method::HEAD && route.method != Method::OPTIONS, "answered by the router itself");
        }
    }
}
