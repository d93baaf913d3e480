//! A page by the rules: robots.txt, limiter and guard before every request, redirects by hand, retries.
//!
//! In: a [`Request`]. Out: [`Fetched`], or a [`Failure`] that says whether it was chosen or suffered.
//! What must outlive the run (when a host was last asked, its robots.txt) goes through [`Memory`].

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{OwnedMutexGuard, Semaphore, SemaphorePermit, watch};
use tokio::time::Instant;
use url::Url;

use crate::error::Error;
use crate::fetch::client::{Answer, Hop, Leaving, Transport};
use crate::fetch::exchange::Exchange;
use crate::fetch::host::{Host, Hosts, Traffic, Verdict, authority, slack};
use crate::fetch::pace::{Direct, every, wait_of};
use crate::fetch::retry::{backoff, is_overload, may_pass, retry_after};
use crate::fetch::terms::{Failure, Memory, Note, Request, Scope, Terms};
use crate::fetch::{Fetched, now_ms};
use crate::frontier::{Entry, HostMemory};
use crate::skip::Skip;

/// How often a host may send `Retry-After` for one request before that counts as an answer.
const MAX_RETRY_AFTERS: u32 = 10;
/// A crawl waits this long for a host that asks to be left alone; a longer wait closes it for the run.
const PATIENCE: Duration = Duration::from_mins(5);

/// Gets pages by the rules.
pub struct Fetcher<T> {
    pub(crate) transport: T,
    pub(crate) terms: Terms,
    pub(crate) memory: Arc<dyn Memory>,
    pub(crate) scope: Arc<dyn Scope>,
    hosts: Hosts,
    global: Semaphore,
    rate: Option<Direct>,
    stop: watch::Receiver<bool>,
}

impl<T> std::fmt::Debug for Fetcher<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fetcher").field("terms", &self.terms).finish_non_exhaustive()
    }
}

/// The right to send one request now.
struct Departure<'a> {
    _permit: SemaphorePermit<'a>,
    turn: Option<OwnedMutexGuard<()>>,
}

impl<T: Transport> Fetcher<T> {
    /// A fetcher; it stops waiting when `stop` turns true.
    pub fn new(transport: T, terms: Terms, memory: Arc<dyn Memory>, scope: Arc<dyn Scope>, stop: watch::Receiver<bool>) -> Self {
        let politeness = &terms.politeness;
        let global = Semaphore::new(politeness.global_concurrency.clamp(1, Semaphore::MAX_PERMITS));
        let rate = (politeness.global_rate > 0.0).then(|| Duration::from_secs_f64(1.0 / politeness.global_rate)).and_then(every);
        Self { transport, terms, memory, scope, hosts: Hosts::default(), global, rate, stop }
    }

    /// Gets a page, following its redirects; where the run keeps exchanges, `tape` has each of them afterwards.
    ///
    /// # Errors
    /// [`Failure`]: chosen, suffered, or the run's end.
    pub async fn get(&self, request: &Request, tape: &mut Vec<Exchange>) -> Result<Fetched, Failure> {
        let mut url = request.url.clone();
        for _ in 0..=self.terms.http.max_redirects {
            check_scheme(&url)?;
            let host = self.enter(&url)?;
            let verdict = self.robots(&host, &url).await?;
            let content_signal = permitted(&verdict, &url)?;
            let hop = Hop {
                url: url.clone(),
                etag: request.etag.clone(),
                last_modified: request.last_modified.clone(),
                max_body_bytes: self.terms.http.max_body_bytes,
                cut: false,
                keep: self.terms.keep_exchanges,
            };
            let conditional = hop.etag.is_some() || hop.last_modified.is_some();
            let answer = self.attempt(&host, hop, true, tape).await?;
            match answer.status {
                304 if conditional => return Ok(fetched(url, answer, content_signal)),
                204 | 205 => return Err(status_error(&answer)),
                200..=299 => return Ok(fetched(url, answer, content_signal)),
                301 | 302 | 303 | 307 | 308 => {
                    url = target(&url, &answer).ok_or_else(|| status_error(&answer))?;
                    self.check_scope(&url)?;
                }
                _ => return Err(status_error(&answer)),
            }
        }
        let message = format!("more than {} redirects, the last to {url}", self.terms.http.max_redirects);
        Err(Failure::Error(Error::Fetch { kind: "redirect", status: None, message, retry: false }))
    }

    /// Requests and bytes of every host so far.
    pub fn traffic(&self) -> Vec<(String, Traffic)> {
        self.hosts.traffic()
    }

    /// How long the next request to a host has to wait, and whether the host itself asked for that.
    pub fn standing(&self, authority: &str) -> Option<(Duration, bool)> {
        let (wait, hold) = self.hosts.get(authority)?.pace().standing(Instant::now());
        Some((wait, hold.is_some_and(|until| until > Instant::now())))
    }

    /// Why nothing of a URL's host may be fetched in this run, where its robots.txt could not be read.
    pub fn unreachable(&self, url: &Url) -> Option<String> {
        let host = self.hosts.get(&authority(url))?;
        let verdict = host.robots.try_lock().ok()?;
        match verdict.as_ref()?.1.as_ref() {
            Verdict::Unreachable(why, _) => Some(format!("robots.txt: {why}")),
            Verdict::Rules(_) => None,
        }
    }

    pub(crate) fn check_scope(&self, url: &Url) -> Result<(), Failure> {
        match self.scope.refuses(url) {
            Some(rule) => Err(Failure::Skip(Skip::OutOfScope(format!("redirects to {url}: {rule}")))),
            None => Ok(()),
        }
    }

    /// Lets go of a host of which nothing is under way; whether that is so. What is known of its pace is in the state.
    pub fn leave(&self, authority: &str) -> bool {
        self.hosts.forget(authority, true)
    }

    /// Forgets a host that is another worker's now. What is under way to it is not sent any more.
    pub fn forget(&self, authority: &str) {
        self.hosts.forget(authority, false);
    }

    /// The host of a URL, if it is ours to be asked.
    pub(crate) fn enter(&self, url: &Url) -> Result<Arc<Host>, Failure> {
        let authority = authority(url);
        if let Some(host) = self.hosts.get(&authority) {
            return Ok(host);
        }
        match self.memory.enter(&authority) {
            Ok(Entry::Ours(memory)) => Ok(self.hosts.insert(self.host(authority, url, memory))),
            Ok(Entry::Elsewhere(memory)) => Err(Failure::Elsewhere(url.clone(), Box::new(memory))),
            Err(error) => {
                tracing::warn!(%authority, %error, "what is known of the host can't be read");
                Err(Failure::Lost)
            }
        }
    }

    fn host(&self, authority: String, url: &Url, memory: HostMemory) -> Host {
        let limits = self.scope.limits(url.host_str().unwrap_or_default());
        let politeness = &self.terms.politeness;
        let mut delay = limits.delay.unwrap_or(politeness.per_host_delay);
        if let Some(stored) = memory.robots.as_ref().filter(|_| politeness.respect_robots) {
            let robots = crate::fetch::robots::Robots::parse(&stored.text, &self.terms.http.user_agent);
            delay = delay.max(robots.crawl_delay.unwrap_or_default().min(politeness.max_crawl_delay));
        }
        Host::new(authority, delay, limits.concurrency.unwrap_or(politeness.per_host_concurrency), memory)
    }

    /// One request with its retries. Statuses that may pass are retried; 5xx only where `server_faults` says so.
    pub(crate) async fn attempt(
        &self,
        host: &Arc<Host>,
        hop: Hop,
        server_faults: bool,
        tape: &mut Vec<Exchange>,
    ) -> Result<Answer, Failure> {
        let (mut tries, mut waits) = (0, 0);
        loop {
            let (result, took) = self.send(host, hop.clone(), tape).await?;
            let wait = match &result {
                Ok(answer) if !may_pass(answer.status) => {
                    host.pace().answered(took);
                    None
                }
                Ok(answer) => {
                    if is_overload(answer.status) {
                        host.pace().slow_down();
                    }
                    let asked = answer.header("retry-after").and_then(|v| retry_after(&v, Timestamp::now()));
                    if let Some(wait) = asked.filter(|_| is_overload(answer.status)) {
                        waits += 1;
                        self.hold(host, wait, answer).await?;
                        if waits <= MAX_RETRY_AFTERS {
                            continue;
                        }
                    }
                    (server_faults || answer.status < 500).then(|| backoff(tries))
                }
                Err(Error::Fetch { kind: "timeout", .. }) => {
                    host.pace().slow_down();
                    Some(backoff(tries))
                }
                Err(Error::Fetch { retry: true, kind, .. }) if self.terms.patient || !matches!(*kind, "connect" | "dns") => {
                    Some(backoff(tries))
                }
                Err(_) => None,
            };
            match wait {
                Some(wait) if tries < self.terms.http.retries && self.fits(wait) => self.sleep(wait).await?,
                _ => return result.map_err(Failure::Error),
            }
            tries += 1;
        }
    }

    /// One request when its turn has come, and how long it took.
    async fn send(&self, host: &Arc<Host>, hop: Hop, tape: &mut Vec<Exchange>) -> Result<(Result<Answer, Error>, Duration), Failure> {
        let _slot = host.gate.slots.acquire().await.map_err(|_| Failure::Stopped)?;
        let waiting = Instant::now();
        let mut departure = self.depart(host).await?;
        let (own, turn) = (Arc::clone(host), departure.turn.take());
        let (left, at) = (Instant::now(), now_ms());
        let kept = hop.keep.then(|| hop.url.clone());
        tracing::debug!(url = %hop.url, "request");
        let (memory, held) = (Arc::clone(&self.memory), Arc::clone(host));
        let lost = Arc::new(AtomicBool::new(false));
        let is_lost = Arc::clone(&lost);
        let leaving = Leaving {
            may: Box::new(move || {
                let may = memory.holds(&held.authority, held.lease);
                is_lost.store(!may, Ordering::Relaxed);
                may
            }),
            unsure: host.pace().unsure(),
            sent: Box::new(move |from, by| {
                own.pace().sent(from, by);
                drop(turn);
            }),
        };
        let result = self.transport.send(hop, leaving).await;
        if lost.load(Ordering::Relaxed) {
            return Err(Failure::Lost);
        }
        // Where nothing told when it left (no connection came about), the start counts.
        host.pace().sent(left, left);
        let took = left.elapsed();
        host.count(result.as_ref().map_or(0, |answer| answer.body.len()), left - waiting, took);
        tape.extend(kept.zip(result.as_ref().ok()).and_then(|(url, answer)| Exchange::of(url, at, answer)));
        Ok((result, took))
    }

    /// Waits for the host's turn and pace, then for a place among all requests.
    async fn depart(&self, host: &Arc<Host>) -> Result<Departure<'_>, Failure> {
        let turn = Arc::clone(&host.gate.turn).lock_owned().await;
        let mut noted = None;
        loop {
            // Noted for when it will leave: what the state takes to keep it is time that is waited anyhow.
            let wait = host.pace().wait(Instant::now());
            if wait <= host.pace().delay() * 2 {
                self.note_leaving(host, wait, &mut noted).await?;
            }
            self.wait_for_host(host).await?;
            let permit = self.global.acquire().await.map_err(|_| Failure::Stopped)?;
            while let Some(wait) = self.rate.as_ref().map(wait_of).filter(|w| !w.is_zero()) {
                self.sleep(wait).await?;
            }
            // What held it up meanwhile must not leave a time in the state that is much too early.
            self.note_leaving(host, Duration::ZERO, &mut noted).await?;
            let delay = host.pace().delay();
            // A Retry-After may have come meanwhile.
            if *self.stop.borrow() {
                return Err(Failure::Stopped);
            }
            if !host.pace().wait(Instant::now()).is_zero() {
                continue;
            }
            if !self.memory.holds(&host.authority, host.lease) {
                return Err(Failure::Lost);
            }
            let taken = host.pace().take();
            match taken {
                Ok(()) if delay.is_zero() => return Ok(Departure { _permit: permit, turn: None }),
                Ok(()) => return Ok(Departure { _permit: permit, turn: Some(turn) }),
                Err(wait) => self.sleep(wait).await?,
            }
        }
    }

    /// Has the state know when a request leaves, unless it knows that time or one not much before it.
    async fn note_leaving(&self, host: &Arc<Host>, wait: Duration, noted: &mut Option<i64>) -> Result<(), Failure> {
        let delay = host.pace().delay();
        let at = now_ms() + crate::units::millis(wait);
        if delay.is_zero() || noted.is_some_and(|noted| at <= noted + crate::units::millis(slack(delay) / 2)) {
            return Ok(());
        }
        *noted = Some(at);
        let note = Note::Leaving { authority: host.authority.clone(), lease: host.lease, at };
        Ok(self.memory.note(note).await?)
    }

    async fn wait_for_host(&self, host: &Arc<Host>) -> Result<(), Failure> {
        loop {
            if let Some(why) = host.closed.get() {
                return Err(Failure::Closed(why.clone()));
            }
            let (wait, hold) = host.pace().standing(Instant::now());
            if hold.is_some_and(|until| !self.is_worth_waiting(until)) {
                return Err(Self::close(host));
            }
            if wait.is_zero() {
                return if *self.stop.borrow() { Err(Failure::Stopped) } else { Ok(()) };
            }
            self.sleep(wait).await?;
        }
    }

    fn is_worth_waiting(&self, until: Instant) -> bool {
        let wait = until.saturating_duration_since(Instant::now());
        wait <= PATIENCE && self.fits(wait)
    }

    fn close(host: &Arc<Host>) -> Failure {
        let why = "the host asked to be left alone for longer than this run waits".to_owned();
        tracing::info!(host = %host.authority, "{why}");
        Failure::Closed(host.closed.get_or_init(|| why).clone())
    }

    /// Keeps a `Retry-After`, for this run and the next.
    async fn hold(&self, host: &Arc<Host>, wait: Duration, answer: &Answer) -> Result<(), Failure> {
        let until = Instant::now() + wait;
        host.pace().hold_until(until);
        let note = Note::Hold { authority: host.authority.clone(), until: now_ms() + crate::units::millis(wait) };
        self.memory.note(note).await?;
        if self.is_worth_waiting(until) {
            return Ok(());
        }
        if self.terms.patient {
            return Err(Self::close(host));
        }
        let message = format!("the answer is {}, and asks to wait {}", status_text(answer.status), crate::units::show_duration(wait));
        Err(Failure::Error(Error::Fetch { kind: "http_status", status: Some(answer.status), message, retry: true }))
    }

    fn fits(&self, wait: Duration) -> bool {
        self.terms.ends_at.is_none_or(|end| Instant::now() + wait < end)
    }

    /// Sleeps, unless the run ends before or meanwhile.
    pub(crate) async fn sleep(&self, wait: Duration) -> Result<(), Failure> {
        if !self.fits(wait) {
            return Err(Failure::Stopped);
        }
        let mut stop = self.stop.clone();
        tokio::select! {
            () = tokio::time::sleep(wait) => Ok(()),
            _ = stop.wait_for(|stop| *stop) => Err(Failure::Stopped),
        }
    }
}

fn check_scheme(url: &Url) -> Result<(), Failure> {
    if matches!(url.scheme(), "http" | "https") && url.has_host() {
        return Ok(());
    }
    let message = format!("`{}:` is not a scheme that can be fetched", url.scheme());
    Err(Failure::Error(Error::Fetch { kind: "scheme", status: None, message, retry: false }))
}

/// What robots.txt says of a URL: its content signal, or a refusal.
fn permitted(verdict: &Verdict, url: &Url) -> Result<Option<String>, Failure> {
    match verdict {
        Verdict::Rules(robots) => match robots.forbids(url) {
            Some(rule) => Err(Failure::Skip(Skip::Robots(rule.to_owned()))),
            None => Ok(robots.content_signal.clone()),
        },
        // The guard's refusal and an unknown name say more than "unreachable".
        Verdict::Unreachable(_, Some(Error::Fetch { kind: kind @ ("address" | "dns"), status, message, retry })) => {
            Err(Failure::Error(Error::Fetch { kind, status: *status, message: message.clone(), retry: *retry }))
        }
        Verdict::Unreachable(why, _) => Err(Failure::Skip(Skip::RobotsUnreachable(why.clone()))),
    }
}

pub(crate) fn target(url: &Url, answer: &Answer) -> Option<Url> {
    url.join(&answer.header("location")?).ok()
}

fn fetched(url: Url, answer: Answer, content_signal: Option<String>) -> Fetched {
    let robots_tag = answer.headers.get_all("x-robots-tag").iter().map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned()).collect();
    Fetched {
        url,
        status: answer.status,
        content_type: answer.header("content-type"),
        robots_tag,
        tdm_reservation: answer.header("tdm-reservation"),
        content_signal,
        etag: answer.header("etag"),
        last_modified: answer.header("last-modified"),
        fetched_at: now_ms(),
        body: answer.body,
    }
}

fn status_error(answer: &Answer) -> Failure {
    let message = format!("the answer is {}", status_text(answer.status));
    Failure::Error(Error::Fetch { kind: "http_status", status: Some(answer.status), message, retry: may_pass(answer.status) })
}

/// "404 Not Found".
pub(crate) fn status_text(status: u16) -> String {
    reqwest::StatusCode::from_u16(status).map_or_else(|_| status.to_string(), |s| s.to_string())
}
