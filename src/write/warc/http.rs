//! An exchange as HTTP/1 writes it: what stands in the blocks of request and response records.

use reqwest::header::{CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};
use reqwest::{StatusCode, Version};
use url::Url;

use crate::fetch::Exchange;

/// The head of the request. HTTP/2 requests are written as those of HTTP/1.1 would be.
pub(super) fn request(exchange: &Exchange) -> Vec<u8> {
    let url = &exchange.url;
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut head = format!("GET {}{query} {}\r\n", url.path(), version(exchange)).into_bytes();
    push_fields(&mut head, &exchange.wire.sent);
    head.extend_from_slice(b"\r\n");
    head
}

/// The head of the response, true of the body as it is kept: decompressed, whole, in one piece.
pub(super) fn response(exchange: &Exchange) -> Vec<u8> {
    let reason = StatusCode::from_u16(exchange.status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default();
    let mut head = format!("{} {} {reason}\r\n", version(exchange), exchange.status).into_bytes();
    push_fields(&mut head, &exchange.headers);
    if !matches!(exchange.status, 204 | 304) {
        head.extend_from_slice(format!("content-length: {}\r\n", exchange.body.len()).as_bytes());
    }
    head.extend_from_slice(b"\r\n");
    head
}

fn version(exchange: &Exchange) -> &'static str {
    if exchange.wire.version == Version::HTTP_10 { "HTTP/1.0" } else { "HTTP/1.1" }
}

/// Length and chunks were those on the wire; all other fields stay as they came.
fn push_fields(head: &mut Vec<u8>, fields: &HeaderMap) {
    for (name, value) in fields.iter().filter(|(name, _)| **name != CONTENT_LENGTH && **name != TRANSFER_ENCODING) {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
}

/// A URL as records name it: what was asked for, without what the server never sees.
pub(super) fn target(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    // Only a URL without a host can't lose these; none such is fetched.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    url.to_string()
}
