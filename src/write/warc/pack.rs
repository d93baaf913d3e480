//! A page's exchanges and its fate → records, packed.

use std::fmt::Write;

use crate::fetch::{Cut, Exchange};
use crate::write::store::rfc3339;
use crate::write::visit::{Outcome, Visit};
use crate::write::warc::http::{request, response, target};
use crate::write::warc::record::{Ids, Record, digest};

/// The profile of a 304 (ISO 28500, 6.7.3).
const NOT_MODIFIED: &str = "http://netpreserve.org/warc/1.1/revisit/server-not-modified";

/// Makes records; one for a whole run, shared by its threads.
#[derive(Debug, Default)]
pub struct Packer {
    ids: Ids,
}

impl Packer {
    /// Records of exchanges that belong to no page: robots.txt, or a page that stays due.
    #[must_use]
    pub fn exchanges(&self, exchanges: &[Exchange]) -> Vec<u8> {
        let mut out = Vec::new();
        for exchange in exchanges {
            self.pack(exchange, &mut out);
        }
        out
    }

    /// Records of a page: its exchanges, and what was made of it. A page that nothing was asked about has none.
    #[must_use]
    pub fn visit(&self, exchanges: &[Exchange], visit: &Visit, content_signal: Option<&str>) -> Vec<u8> {
        let mut out = Vec::new();
        let last = exchanges.iter().fold(None, |_, exchange| Some(self.pack(exchange, &mut out)));
        if last.is_none() && matches!(visit.outcome, Outcome::Skipped(_)) {
            return out;
        }
        let mut fields = vec![("WARC-Target-URI", target(&visit.landed))];
        fields.extend(last.map(|id| ("WARC-Concurrent-To", id)));
        let block = fate(exchanges, visit, content_signal);
        let (id, at) = (self.ids.next(), exchanges.last().map_or(visit.at, |exchange| exchange.at));
        let block = [block.as_bytes(), b""];
        Record { kind: "metadata", id: &id, at, content_type: "application/warc-fields", fields, block }.pack(&mut out);
        out
    }

    /// Response and request of an exchange; gives the response's id.
    fn pack(&self, exchange: &Exchange, out: &mut Vec<u8>) -> String {
        let (id, at, url) = (self.ids.next(), exchange.at, target(&exchange.url));
        let shared = || {
            let address = exchange.wire.remote.map(|address| ("WARC-IP-Address", address.to_string()));
            [Some(("WARC-Target-URI", url.clone())), address].into_iter().flatten()
        };
        let not_modified = exchange.status == 304 && exchange.is_conditional();
        let mut fields: Vec<_> = shared().collect();
        if not_modified {
            fields.push(("WARC-Profile", NOT_MODIFIED.to_owned()));
        } else {
            fields.push(("WARC-Payload-Digest", digest(&[exchange.body.as_slice()])));
        }
        let cut = exchange.cut.map(|cut| match cut {
            Cut::Length => "length",
            Cut::Disconnect => "disconnect",
        });
        fields.extend(cut.map(|why| ("WARC-Truncated", why.to_owned())));
        let head = response(exchange);
        let kind = if not_modified { "revisit" } else { "response" };
        let content_type = "application/http; msgtype=response";
        Record { kind, id: &id, at, content_type, fields, block: [&head, &exchange.body] }.pack(out);
        let fields = shared().chain([("WARC-Concurrent-To", id.clone())]).collect();
        let (own, head) = (self.ids.next(), request(exchange));
        let content_type = "application/http; msgtype=request";
        Record { kind: "request", id: &own, at, content_type, fields, block: [&head, b""] }.pack(out);
        id
    }
}

/// What a page came to, as lines of `application/warc-fields`.
fn fate(exchanges: &[Exchange], visit: &Visit, content_signal: Option<&str>) -> String {
    let mut out = String::new();
    let mut push = |name: &str, value: &str| {
        let value: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        write!(out, "{name}: {value}\r\n").expect("writing to a string");
    };
    match &visit.outcome {
        Outcome::Article(article) => {
            push("outcome", "article");
            push("article-id", &article.id.to_string());
            push("content-hash", &article.content_hash);
        }
        Outcome::Copy { of, .. } => {
            push("outcome", "copy");
            push("canonical", of.as_str());
        }
        Outcome::NotModified => push("outcome", "not_modified"),
        Outcome::List => push("outcome", "list"),
        Outcome::Moved => push("outcome", "moved"),
        Outcome::Skipped(skip) => {
            push("outcome", "skipped");
            push("reason", skip.reason());
            if !skip.detail().is_empty() {
                push("detail", skip.detail());
            }
        }
        Outcome::Failed(error) => {
            push("outcome", "failed");
            push("reason", error.kind());
            push("detail", &error.to_string());
        }
    }
    if let Some(signal) = content_signal {
        push("content-signal", signal);
    }
    if let Some(last) = exchanges.last() {
        if let Some(before) = exchanges.iter().rfind(|exchange| exchange.url != last.url) {
            push("via", &target(&before.url));
        }
        push("fetched-at", &rfc3339(visit.at));
        push("fetchTimeMs", &last.took.to_string());
    }
    out
}
