//! Static files, as both homes serve them.
//!
//! On Cloudflare the platform serves them before the Worker runs, with the headers of `static/_headers`; a server without a platform in front
//! of it calls [`file`]. What a browser sees is the same, except that the platform's 405 has no body.

use super::problem::Problem;
use super::response;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};

/// Kept by browsers, and asked for again each time: a new version is seen at once, an unchanged one costs an empty answer.
const KEEPING: HeaderValue = HeaderValue::from_static("public, max-age=0, must-revalidate");

/// One file.
#[derive(Debug, Clone, Copy)]
pub struct File {
    /// Where it is served, from the slash on.
    pub path: &'static str,
    /// Its media type.
    pub content_type: &'static str,
    /// A strong tag of its bytes, in its quotes.
    pub etag: &'static str,
    /// What it holds.
    pub bytes: &'static [u8],
}

/// The answer to a request for one of these files; `None` when its path is another one.
pub fn file<B>(files: &[File], request: &Request<B>) -> Option<Response<Bytes>> {
    let file = files.iter().find(|file| file.path == request.uri().path())?;
    let mut answer = match *request.method() {
        Method::GET | Method::HEAD if is_known(file, request.headers()) => empty(file, StatusCode::NOT_MODIFIED),
        Method::GET | Method::HEAD => whole(file),
        _ => Problem::method_not_allowed("HEAD, GET".to_owned()).into_response(),
    };
    if request.method() == Method::HEAD && answer.status() == StatusCode::OK {
        response::take_body(&mut answer);
    }
    answer.headers_mut().insert(CACHE_CONTROL, KEEPING);
    response::secure(&mut answer);
    Some(answer)
}

/// Whether the client has this very file already. Weak tags are as good as strong ones here.
fn is_known(file: &File, headers: &HeaderMap) -> bool {
    let tags = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    tags.flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == file.etag)
}

fn whole(file: &File) -> Response<Bytes> {
    let mut answer = empty(file, StatusCode::OK);
    *answer.body_mut() = Bytes::from_static(file.bytes);
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    answer
}

fn empty(file: &File, status: StatusCode) -> Response<Bytes> {
    let mut answer = response::empty(status);
    answer.headers_mut().insert(ETAG, HeaderValue::from_static(file.etag));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: [File; 1] =
        [File { path: "/a.txt", content_type: "text/plain; charset=utf-8", etag: "\"1f\"", bytes: b"four" }];

    fn call(method: Method, path: &str, tag: Option<&str>) -> Option<Response<Bytes>> {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(tag) = tag {
            request = request.header(IF_NONE_MATCH, tag);
        }
        file(&FILES, &request.body(()).unwrap())
    }

    fn header<'a>(answer: &'a Response<Bytes>, name: &str) -> Option<&'a str> {
        answer.headers().get(name).map(|value| value.to_str().unwrap())
    }

    #[test]
    fn a_file_is_served_at_its_path_and_nowhere_else() {
        let answer = call(Method::GET, "/a.txt?x=1", None).unwrap();
        assert_eq!((answer.status().as_u16(), &answer.body()[..]), (200, &b"four"[..]));
        assert_eq!(header(&answer, "content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(header(&answer, "etag"), Some("\"1f\""));
        for path in ["/", "/a", "/A.txt", "/a.txt/", "/a%2etxt", "/b/a.txt", "/_headers"] {
            assert!(call(Method::GET, path, None).is_none(), "{path}");
        }
    }

    #[test]
    fn head_has_the_length_and_no_body() {
        let answer = call(Method::HEAD, "/a.txt", None).unwrap();
        assert_eq!((answer.status().as_u16(), answer.body().len()), (200, 0));
        assert_eq!(header(&answer, "content-length"), Some("4"));
    }

    #[test]
    fn a_client_that_has_it_gets_an_empty_answer() {
        for (tag, status) in [
            ("\"1f\"", 304),
            ("W/\"1f\"", 304),
            ("\"0\", \"1f\"", 304),
            ("*", 304),
            ("\"1\"", 200),
            ("1f", 200),
            ("", 200),
        ] {
            for method in [Method::GET, Method::HEAD] {
                let answer = call(method, "/a.txt", Some(tag)).unwrap();
                assert_eq!(answer.status().as_u16(), status, "{tag}");
                assert_eq!(header(&answer, "etag"), Some("\"1f\""), "{tag}");
            }
        }
    }

    #[test]
    fn other_methods_are_refused() {
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
            let answer = call(method, "/a.txt", None).unwrap();
            assert_eq!((answer.status().as_u16(), header(&answer, "allow")), (405, Some("HEAD, GET")));
        }
    }

    /// The platform reads its headers from a file; this one is that file.
    #[test]
    fn the_platform_sends_the_same_headers() {
        let answer = call(Method::GET, "/a.txt", None).unwrap();
        let mut ours: Vec<_> = answer
            .headers()
            .iter()
            .filter(|(name, _)| ![ETAG, CONTENT_TYPE].contains(name))
            .map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap().to_owned()))
            .collect();
        let platform = include_str!("../../static/_headers").lines().filter(|line| !line.starts_with('#'));
        let (rules, mut theirs): (Vec<_>, Vec<_>) = platform.partition(|line| !line.starts_with(' '));
        assert_eq!(rules, ["/*"], "one rule, for every file");
        let mut theirs: Vec<_> = theirs
            .drain(..)
            .filter_map(|line| line.trim().split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        ours.sort();
        theirs.sort();
        assert_eq!(theirs, ours);
    }
}
