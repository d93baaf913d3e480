//! Getting a host's robots.txt: from the state while it is fresh, else from the host.
//!
//! 4xx allows everything, 5xx and no answer disallow everything for this run; redirects are followed,
//! each hop with the guard and the limiter of its host.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use url::Url;

use crate::error::Error;
use crate::fetch::client::{Answer, Hop, Transport};
use crate::fetch::exchange::Exchange;
use crate::fetch::host::{Host, Verdict};
use crate::fetch::now_ms;
use crate::fetch::polite::{Fetcher, status_text, target};
use crate::fetch::robots::{MAX_ROBOTS_BYTES, Robots};
use crate::fetch::terms::{Failure, Note};
use crate::frontier::StoredRobots;

/// How long a robots.txt holds (RFC 9309, 2.4), in milliseconds.
const FRESH_MS: i64 = 24 * 3600 * 1000;
/// How often, and how long apart, the robots.txt of another worker's host is looked for.
const ELSEWHERE_LOOKS: u32 = 30;
const ELSEWHERE_WAIT: Duration = Duration::from_secs(1);
/// Redirects of a robots.txt that are followed (RFC 9309, 2.3.1.2).
const MAX_HOPS: usize = 5;

impl<T: Transport> Fetcher<T> {
    /// What robots.txt says, asked for once a host and day.
    pub(crate) async fn robots(&self, host: &Arc<Host>, url: &Url) -> Result<Arc<Verdict>, Failure> {
        if !self.terms.politeness.respect_robots {
            return Ok(Arc::new(Verdict::Rules(Robots::default())));
        }
        let mut known = host.robots.lock().await;
        if let Some((at, verdict)) = known.as_ref()
            && now_ms() - at < FRESH_MS
        {
            return Ok(Arc::clone(verdict));
        }
        let stored = host.stored_robots.lock().unwrap_or_else(PoisonError::into_inner).take();
        let fresh = stored.filter(|r| (0..FRESH_MS).contains(&(now_ms() - r.fetched_at)));
        let (at, verdict) = match fresh {
            Some(robots) => (robots.fetched_at, Verdict::Rules(self.read(&robots.text))),
            None => (now_ms(), self.ask(host, url).await?),
        };
        self.apply(host, &verdict).await?;
        let verdict = Arc::new(verdict);
        *known = Some((at, Arc::clone(&verdict)));
        Ok(verdict)
    }

    fn read(&self, text: &str) -> Robots {
        Robots::parse(text, &self.terms.http.user_agent)
    }

    /// Sets the host's pace by its `Crawl-delay` and hands on its sitemaps.
    async fn apply(&self, host: &Arc<Host>, verdict: &Verdict) -> Result<(), Failure> {
        let Verdict::Rules(robots) = verdict else { return Ok(()) };
        let politeness = &self.terms.politeness;
        let name = host.authority.rsplit_once(':').map_or(host.authority.as_str(), |(name, _)| name);
        let own = self.scope.limits(name).delay.unwrap_or(politeness.per_host_delay);
        let asked = robots.crawl_delay.unwrap_or_default().min(politeness.max_crawl_delay);
        host.pace().set_delay(own.max(asked));
        let sitemaps: Vec<Url> = robots.sitemaps.iter().filter_map(|s| Url::parse(s).ok()).collect();
        if !sitemaps.is_empty() {
            self.memory.note(Note::Sitemaps(sitemaps)).await?;
        }
        Ok(())
    }

    async fn ask(&self, host: &Arc<Host>, url: &Url) -> Result<Verdict, Failure> {
        let mut tape = Vec::new();
        let answer = self.robots_answer(url, &mut tape).await;
        if !tape.is_empty() {
            self.memory.archive(tape).await?;
        }
        let answer = match answer {
            Ok(Ok(answer)) => answer,
            Ok(Err(why)) => return Ok(Verdict::Unreachable(why, None)),
            Err(Failure::Error(error)) => return Ok(Verdict::Unreachable(format!("{}: {error}", error.kind()), Some(error))),
            Err(other) => return Err(other),
        };
        let text = match answer.status {
            200..=299 => String::from_utf8_lossy(&answer.body).into_owned(),
            429 | 500.. => return Ok(Verdict::Unreachable(format!("it answers {}", status_text(answer.status)), None)),
            _ => String::new(),
        };
        let verdict = Verdict::Rules(self.read(&text));
        let robots = StoredRobots { text, fetched_at: now_ms() };
        let note = Note::Robots { authority: host.authority.clone(), robots };
        self.memory.note(note).await?;
        Ok(verdict)
    }

    /// The last answer on robots.txt's way, or why the way ended where nothing may be asked.
    async fn robots_answer(&self, url: &Url, tape: &mut Vec<Exchange>) -> Result<Result<Found, String>, Failure> {
        let Ok(mut at) = url.join("/robots.txt") else { return Ok(Err("no URL".to_owned())) };
        let (mut hops, mut looks) = (0, 0);
        loop {
            let limit = u64::try_from(MAX_ROBOTS_BYTES).unwrap_or(u64::MAX);
            let keep = self.terms.keep_exchanges;
            let hop = Hop { url: at.clone(), etag: None, last_modified: None, max_body_bytes: limit, cut: true, keep };
            let answer = match self.enter(&at) {
                Ok(host) => self.attempt(&host, hop, false, tape).await?,
                // Another worker's: it has that robots.txt, or will have it soon.
                Err(Failure::Elsewhere(_, memory)) => {
                    let fresh = memory.robots.filter(|robots| at.path() == "/robots.txt" && now_ms() - robots.fetched_at < FRESH_MS);
                    if let Some(robots) = fresh {
                        return Ok(Ok(Found { status: 200, body: Arc::new(robots.text.into_bytes()) }));
                    }
                    looks += 1;
                    if looks > ELSEWHERE_LOOKS {
                        return Ok(Err(format!("it redirects to {at}, which another worker asks")));
                    }
                    self.sleep(ELSEWHERE_WAIT).await?;
                    continue;
                }
                Err(failure) => return Err(failure),
            };
            let next = if matches!(answer.status, 301 | 302 | 303 | 307 | 308) { target(&at, &answer) } else { None };
            let Some(next) = next else { return Ok(Ok(Found::of(&answer))) };
            hops += 1;
            if hops > MAX_HOPS {
                return Ok(Ok(Found::of(&answer)));
            }
            if !matches!(next.scheme(), "http" | "https") {
                return Ok(Err(format!("it redirects to {next}")));
            }
            if let Err(Failure::Skip(skip)) = self.check_scope(&next) {
                return Ok(Err(format!("it {}", skip.detail())));
            }
            at = next;
        }
    }
}

/// What a robots.txt was answered with.
struct Found {
    status: u16,
    body: Arc<Vec<u8>>,
}

impl Found {
    fn of(answer: &Answer) -> Self {
        Self { status: answer.status, body: Arc::clone(&answer.body) }
    }
}

/// The error of a one-off fetch whose host's robots.txt could not be read.
pub(crate) fn as_error(failure: Failure) -> Error {
    use crate::skip::Skip;
    match failure {
        Failure::Error(error) => error,
        Failure::Skip(Skip::Robots(rule)) => Error::Robots(rule),
        Failure::Skip(skip @ Skip::RobotsUnreachable(_)) => {
            let message = format!("robots.txt can't be read: {}", skip.detail());
            Error::Fetch { kind: skip.reason(), status: None, message, retry: true }
        }
        Failure::Skip(skip) => Error::Fetch { kind: skip.reason(), status: None, message: skip.to_string(), retry: false },
        Failure::Closed(why) => Error::Fetch { kind: "http_status", status: None, message: why, retry: true },
        Failure::Stopped | Failure::Lost | Failure::Elsewhere(..) => {
            Error::Fetch { kind: "timeout", status: None, message: "no answer in the time given".to_owned(), retry: true }
        }
    }
}
