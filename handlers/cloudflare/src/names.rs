//! The name system of a Worker, which has none of its own: DNS over HTTPS, in the JSON form that public resolvers answer.
//!
//! What is asked and what an answer means is the core's; here it is only sent.

use crate::fetch::first_bytes;
use core::net::IpAddr;
use futures_util::future::try_join;
use render_signal::access::{LONGEST_ANSWER, Question};
use render_signal::ports::{Names, NamesError};
use worker::{AbortSignal, Error, Fetch, Headers, Request, RequestInit, RequestRedirect, Response, web_sys};

/// For one question with its answer, in milliseconds.
const DEADLINE: u32 = 5_000;

/// The resolver of `DNS_QUERY_URL`.
pub(crate) struct HttpsNames {
    resolver: Option<String>,
}

impl HttpsNames {
    /// Without a resolver no question is answered.
    pub(crate) fn new(resolver: Option<&str>) -> Self {
        Self { resolver: resolver.map(str::to_owned) }
    }

    async fn ask(&self, question: &Question) -> Result<Vec<u8>, NamesError> {
        let resolver = self.resolver.as_deref().ok_or(NamesError::Unavailable)?;
        exchange(&question.url(resolver)).await.map_err(|error| classify(&error))
    }
}

impl Names for HttpsNames {
    async fn reverse(&self, address: IpAddr) -> Result<Vec<String>, NamesError> {
        let question = Question::reverse(address);
        question.names(&self.ask(&question).await?)
    }

    async fn forward(&self, name: &str) -> Result<Vec<IpAddr>, NamesError> {
        let Some([v4, v6]) = Question::forward(name) else { return Ok(Vec::new()) };
        let (four, six) = try_join(self.ask(&v4), self.ask(&v6)).await?;
        Ok([v4.addresses(&four)?, v6.addresses(&six)?].concat())
    }
}

async fn exchange(url: &str) -> worker::Result<Vec<u8>> {
    let headers = Headers::new();
    headers.set("accept", "application/dns-json")?;
    let mut init = RequestInit::new();
    init.with_redirect(RequestRedirect::Manual).with_headers(headers);
    // Covers the head and the body of the answer.
    let signal = AbortSignal::from(web_sys::AbortSignal::timeout_with_u32(DEADLINE));
    let response = Fetch::Request(Request::new_with_init(url, &init)?).send_with_signal(&signal).await?;
    read(response).await
}

/// The answer's body: one byte too many of a body that is too long, so that it is refused as such.
async fn read(mut response: Response) -> worker::Result<Vec<u8>> {
    if response.status_code() != 200 {
        return Err(Error::RustError(format!("the resolver answered {}", response.status_code())));
    }
    first_bytes(&mut response, LONGEST_ANSWER + 1).await
}

/// The platform gives a deadline that passed a name, and nothing else.
fn classify(error: &Error) -> NamesError {
    if error.to_string().contains("TimeoutError") { NamesError::Timeout } else { NamesError::Unavailable }
}
