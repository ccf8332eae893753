//! The platform's requests and responses, as the shared surface wants them.

use bytes::Bytes;
use futures_util::StreamExt as _;
use render_signal_handlers::http::{Call, Incoming, ReadError};
use worker::{ByteStream, Error, Headers, Request, Response, ResponseBuilder, Result};

/// The longest body that is taken in one piece: each piece of a stream crosses from the platform by itself.
const WHOLE: usize = 256 << 10;

/// A body as it comes in. Nothing of it is asked for before it is wanted.
pub(crate) enum Pieces {
    /// There is none, or all of it was read.
    Read,
    /// One that announced a small length: the platform holds it to that.
    Whole(Request),
    /// Any other, piece by piece.
    Stream(ByteStream),
}

impl Incoming for Pieces {
    async fn next(&mut self) -> Option<core::result::Result<Bytes, ReadError>> {
        match self {
            Self::Stream(stream) => Some(stream.next().await?.map(Bytes::from).map_err(|_| ReadError)),
            Self::Whole(request) => {
                let body = request.bytes().await;
                *self = Self::Read;
                Some(body.map(Bytes::from).map_err(|_| ReadError))
            }
            Self::Read => None,
        }
    }
}

impl Pieces {
    fn of(mut request: Request) -> Result<Self> {
        if request.inner().body().is_none() {
            return Ok(Self::Read);
        }
        let announced = request.headers().get("content-length")?.and_then(|length| length.parse::<usize>().ok());
        if announced.is_some_and(|length| length <= WHOLE) {
            return Ok(Self::Whole(request));
        }
        request.stream().map(Self::Stream)
    }
}

/// A request with the address that Cloudflare saw. Nothing of its body is read here.
pub(crate) fn to_call(request: Request) -> Result<Call<Pieces>> {
    // The crate's own `method()` takes every method that it does not know for a GET.
    let raw = request.inner();
    let mut builder = http::Request::builder().method(raw.method().as_str()).uri(raw.url());
    for (name, value) in request.headers().entries() {
        // Blanks around a value are not part of it; workerd hands them on.
        builder = builder.header(name, value.trim_matches([' ', '\t']));
    }
    let peer = request.headers().get("CF-Connecting-IP")?.and_then(|address| address.parse().ok());
    let request = builder.body(Pieces::of(request)?).map_err(|error| Error::RustError(error.to_string()))?;
    Ok(Call { request, peer })
}

/// A response with its length. A body on a status that has none would be a panic of the platform's.
pub(crate) fn from_http(response: http::Response<Bytes>) -> Result<Response> {
    let (head, body) = response.into_parts();
    let headers = Headers::new();
    for (name, value) in &head.headers {
        headers.append(name.as_str(), &String::from_utf8_lossy(value.as_bytes()))?;
    }
    let builder = ResponseBuilder::new().with_status(head.status.as_u16()).with_headers(headers);
    let bodiless = matches!(head.status.as_u16(), 101 | 204 | 205 | 304) || body.is_empty();
    Ok(if bodiless { builder.empty() } else { builder.fixed(body.into()) })
}
