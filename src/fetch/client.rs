//! One request, one answer: reqwest behind the guard, with the time to the last byte and the size of
//! the decompressed body held to their limits while it streams.
//!
//! In: one hop. Out: status, header fields and body, or what failed. Never: a redirect, a retry or a
//! wait; those are `polite`'s.

use std::error::Error as StdError;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::error::{Error, Result, without_number};
use crate::fetch::config::HttpConfig;
use crate::fetch::connect::{ConnectLayer, Sent, watched};
use crate::fetch::exchange::{Cut, Wire, as_sent};
use crate::fetch::guard::{GuardedResolver, Refused, check_literal};

/// What kinds of documents are asked for.
const ACCEPT: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
/// Bytes of a body that nobody needs (a redirect's, an error's) read so that the connection can be used again.
const DRAIN_BYTES: u64 = 64 * 1024;

/// One request of a page's way: a redirect is another hop.
#[derive(Debug, Clone)]
pub struct Hop {
    /// What to get.
    pub url: Url,
    /// Value for `If-None-Match`.
    pub etag: Option<String>,
    /// Value for `If-Modified-Since`.
    pub last_modified: Option<String>,
    /// Largest body; more is [`Error::TooLarge`].
    pub max_body_bytes: u64,
    /// Whether the beginning of a larger body will do (robots.txt).
    pub cut: bool,
    /// Whether the answer is kept for an archive, with what the wire knew of it.
    pub keep: bool,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Header fields.
    pub headers: HeaderMap,
    /// The body, decompressed; for anything but 2xx only the beginning, if that.
    pub body: Arc<Vec<u8>>,
    /// Why the body is not whole, where it is not.
    pub cut: Option<Cut>,
    /// What else was seen of the exchange, where it is kept.
    pub wire: Option<Wire>,
}

impl Answer {
    /// A header field's value as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).map(|v| String::from_utf8_lossy(v.as_bytes()).trim().to_owned()).filter(|v| !v.is_empty())
    }
}

/// What a request that leaves asks and tells.
pub struct Leaving {
    /// Asked when the connection that was made for it stands: whether it may leave still.
    pub may: Box<dyn Fn() -> bool + Send>,
    /// How long after it could leave it may not have left.
    pub unsure: Duration,
    /// Told, before the answer is read, when it left: not before the first time, and not after the second.
    pub sent: Box<dyn FnOnce(Instant, Instant) + Send>,
}

impl std::fmt::Debug for Leaving {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Leaving").finish_non_exhaustive()
    }
}

/// Makes single requests; tests put their own in its place.
pub trait Transport: Send + Sync + 'static {
    /// Sends one request and reads the answer.
    fn send(&self, hop: Hop, leaving: Leaving) -> impl Future<Output = Result<Answer>> + Send;
}

/// The real transport.
#[derive(Debug, Clone)]
pub struct Client {
    inner: reqwest::Client,
    timeout: Duration,
    allow_private: bool,
    /// Header fields of every request.
    fields: HeaderMap,
    /// Whether requests go to a proxy.
    proxied: bool,
}

impl Client {
    /// A client as configured.
    ///
    /// # Errors
    /// [`Error::Config`] when a header, the proxy or the user agent cannot be used.
    pub fn new(http: &HttpConfig) -> Result<Self> {
        // A program that this library is part of may have chosen already: then its choice stays.
        let _chosen_already = rustls::crypto::ring::default_provider().install_default();
        let fields = headers(http)?;
        let proxied = !http.proxy.is_empty();
        let mut builder = reqwest::Client::builder()
            .default_headers(fields.clone())
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(http.connect_timeout)
            .connector_layer(ConnectLayer)
            .dns_resolver(std::sync::Arc::new(GuardedResolver::new(&http.resolve, http.allow_private_addresses)));
        builder = if proxied {
            builder.proxy(reqwest::Proxy::all(&http.proxy).map_err(|e| config_error(format!("[http] proxy: {e}")))?)
        } else {
            builder.no_proxy()
        };
        let inner = builder.build().map_err(|e| config_error(format!("the HTTP client can't be set up: {}", in_words(&chain(&e)))))?;
        Ok(Self { inner, timeout: http.timeout, allow_private: http.allow_private_addresses, fields, proxied })
    }

    async fn exchange(&self, hop: &Hop, leaving: Leaving) -> Result<Answer> {
        let mut request = self.inner.get(hop.url.clone());
        if let Some(etag) = &hop.etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(date) = &hop.last_modified {
            request = request.header(header::IF_MODIFIED_SINCE, date);
        }
        let Leaving { may, unsure, sent } = leaving;
        let Some(Sent { from, by, output: response }) = watched(request.send(), may, unsure).await else {
            let message = "the host may be asked no more".to_owned();
            return Err(Error::Fetch { kind: "connect", status: None, message, retry: true });
        };
        sent(from, by);
        let mut response = response.map_err(|e| classify(&e))?;
        let status = response.status();
        let headers = response.headers().clone();
        let wire = hop.keep.then(|| Wire {
            sent: as_sent(&self.fields, hop),
            version: response.version(),
            remote: response.remote_addr().filter(|_| !self.proxied).map(|address| address.ip()),
        });
        let wanted = status.is_success();
        if wanted && !hop.cut && response.content_length().is_some_and(|n| n > hop.max_body_bytes) {
            return Err(Error::TooLarge { limit: hop.max_body_bytes });
        }
        let (body, cut) = read_body(&mut response, hop, wanted).await?;
        Ok(Answer { status: status.as_u16(), headers, body: Arc::new(body), cut, wire })
    }
}

/// The body as far as it is wanted, and why it ends before its end if it does. Of one that nobody needs, faults are an end.
async fn read_body(response: &mut reqwest::Response, hop: &Hop, wanted: bool) -> Result<(Vec<u8>, Option<Cut>)> {
    let mut body = Vec::new();
    loop {
        let chunk = match response.chunk().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => return Ok((body, None)),
            Err(_) if !wanted => return Ok((body, Some(Cut::Disconnect))),
            Err(e) => return Err(classify(&e)),
        };
        let length = u64::try_from(body.len() + chunk.len()).unwrap_or(u64::MAX);
        if wanted && length > hop.max_body_bytes {
            if !hop.cut {
                return Err(Error::TooLarge { limit: hop.max_body_bytes });
            }
            body.extend_from_slice(&chunk);
            return Ok((body, Some(Cut::Length)));
        }
        if !wanted && length > DRAIN_BYTES {
            return Ok((body, Some(Cut::Length)));
        }
        body.extend_from_slice(&chunk);
    }
}

impl Transport for Client {
    async fn send(&self, hop: Hop, leaving: Leaving) -> Result<Answer> {
        check_literal(&hop.url, self.allow_private)?;
        let answer = timeout_at(Instant::now() + self.timeout, self.exchange(&hop, leaving)).await;
        answer.unwrap_or_else(|_| {
            let message = format!("no complete answer within {}", crate::units::show_duration(self.timeout));
            Err(Error::Fetch { kind: "timeout", status: None, message, retry: true })
        })
    }
}

fn headers(http: &HttpConfig) -> Result<HeaderMap> {
    let agent =
        HeaderValue::from_str(&http.user_agent).map_err(|_| config_error("[politeness] user_agent is no valid header value".to_owned()))?;
    let mut headers = HeaderMap::from_iter([(header::USER_AGENT, agent), (header::ACCEPT, HeaderValue::from_static(ACCEPT))]);
    for (name, value) in &http.headers {
        let bad = |what: &str| config_error(format!("[http] headers: `{name}` is no valid header {what}"));
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad("name"))?;
        headers.insert(key, HeaderValue::from_str(value).map_err(|_| bad("value"))?);
    }
    Ok(headers)
}

fn config_error(message: String) -> Error {
    Error::Config { message, hint: None }
}

/// Names what failed, and whether another attempt may help.
fn classify(error: &reqwest::Error) -> Error {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(e) = cause {
        if let Some(refused) = e.downcast_ref::<Refused>() {
            return Error::Fetch { kind: "address", status: None, message: refused.to_string(), retry: false };
        }
        cause = e.source();
    }
    let causes = chain(error);
    let text = causes.join(": ");
    let (kind, retry) = if error.is_timeout() {
        ("timeout", true)
    } else if text.contains("dns error") || text.contains("failed to lookup") {
        ("dns", true)
    } else if text.contains("certificate") || text.contains("tls") || text.contains("handshake") {
        ("tls", false)
    } else if error.is_connect() {
        ("connect", true)
    } else if error.is_decode() || error.is_body() {
        ("body", true)
    } else if error.is_builder() {
        ("bad_url", false)
    } else {
        ("connection", true)
    };
    Error::Fetch { kind, status: None, message: in_words(&causes), retry }
}

/// Causes that only say which layer was at work.
const LAYERS: &[&str] =
    &["client error (Connect)", "client error (SendRequest)", "connection error", "tcp connect error", "dns error", "error resolving DNS"];

fn in_words(causes: &[String]) -> String {
    let told: Vec<String> = causes.iter().filter(|c| !LAYERS.contains(&c.as_str())).map(|c| without_number(c)).collect();
    if told.is_empty() { "the connection failed".to_owned() } else { told.join(": ") }
}

/// The innermost causes of an error, without reqwest's "error sending request for url".
fn chain(error: &reqwest::Error) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut cause = error.source();
    while let Some(e) = cause {
        let text = e.to_string();
        if !parts.iter().any(|p| p.contains(&text)) {
            parts.push(text);
        }
        cause = e.source();
    }
    if parts.is_empty() {
        parts.push(error.to_string());
    }
    parts
}
