//! Who fetches what next: a queue a host, refilled from the frontier, and pages under way.
//!
//! Each host has as many pages under way as its concurrency allows; each of them waits for the host's
//! pace by itself, so no host waits for another. The run ends when nothing is due, under way or unwritten.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tracing::Instrument;

use crate::config::Config;
use crate::error::Result;
use crate::fetch::terms::Scope;
use crate::fetch::{Fetcher, Transport};
use crate::frontier::{Due, Frontier, Hurry, Kind, Lease, StateFrontier};
use crate::pipeline::errand::{End, Routes, run_errand};
use crate::pipeline::judge::Rules;
use crate::pipeline::memory::CrawlScope;
use crate::pipeline::queue::HostQueue;
use crate::pipeline::summary::{Doing, HostProgress, Stopped, Summary, Tally};
use crate::pipeline::upkeep::Upkeep;
use crate::pipeline::{GRACE, ShowProgress};
use crate::sites::SiteRules;
use crate::write::Committed;

/// URLs of a host that are read from the frontier at a time.
const REFILL: usize = 32;
/// Time between two looks at the progress.
const TICK: Duration = Duration::from_millis(200);

/// Time between two counts of what is due; and how many times as long as a count takes it is at least.
const RECOUNT: Duration = Duration::from_secs(2);
const RECOUNT_SHARE: u32 = 100;

/// What the dispatcher is told.
#[derive(Debug)]
pub(super) enum Event {
    /// A page is out of the fetcher's hands.
    Done { host: i64, token: i64, id: i64, end: End },
    /// A batch is safe.
    Committed { committed: Committed, tallies: Vec<Tally> },
    /// Nothing can be written any more.
    WriterFailed,
    /// SIGINT or SIGTERM.
    Interrupted,
}

pub(super) struct Dispatcher<T> {
    pub frontier: StateFrontier,
    pub fetcher: Arc<Fetcher<T>>,
    routes: Routes,
    rules: Arc<Rules>,
    limits: CrawlScope,
    sites: Vec<SiteRules>,
    pub hosts: BTreeMap<i64, HostQueue>,
    pub ready: BTreeSet<i64>,
    /// What is to be done where other workers share the state.
    pub upkeep: Option<Upkeep>,
    tasks: JoinSet<()>,
    by: i64,
    defaults: (usize, u64),
    max_pages: u64,
    pages: u64,
    pub summary: Summary,
    progress: Option<ShowProgress>,
    backlog: Backlog,
}

/// The number of URLs that are due, counted seldom enough to cost nothing.
#[derive(Debug, Default)]
struct Backlog {
    count: u64,
    next: Option<Instant>,
}

impl Backlog {
    fn is_old(&self) -> bool {
        self.next.is_none_or(|next| Instant::now() >= next)
    }

    fn counted(&mut self, count: u64, took: Duration) {
        self.count = count;
        self.next = Some(Instant::now() + RECOUNT.max(took * RECOUNT_SHARE));
    }
}

impl<T: Transport> Dispatcher<T> {
    pub(super) fn new(
        config: &Config,
        frontier: StateFrontier,
        fetcher: Arc<Fetcher<T>>,
        routes: Routes,
        rules: Arc<Rules>,
        by: i64,
        progress: Option<ShowProgress>,
    ) -> Self {
        Self {
            frontier,
            fetcher,
            routes,
            rules,
            limits: CrawlScope::new(config),
            sites: config.site.clone(),
            hosts: BTreeMap::new(),
            ready: BTreeSet::new(),
            upkeep: None,
            tasks: JoinSet::new(),
            by,
            defaults: (config.politeness.per_host_concurrency, config.crawl.max_pages_per_host),
            max_pages: config.crawl.max_pages,
            pages: 0,
            summary: Summary::default(),
            progress,
            backlog: Backlog::default(),
        }
    }

    /// Runs until nothing is left, or until told to stop.
    pub(super) async fn run(
        mut self,
        mut events: mpsc::UnboundedReceiver<Event>,
        stop: watch::Sender<bool>,
        hurry: &Hurry,
        ends_at: Option<Instant>,
    ) -> Result<Summary> {
        self.refresh_hosts()?;
        let mut tick = tokio::time::interval(TICK);
        loop {
            self.pump()?;
            if self.is_finished() && self.nothing_is_left()? {
                break;
            }
            tokio::select! {
                event = events.recv() => match event {
                    Some(Event::Interrupted) => self.stop(Stopped::Interrupted),
                    Some(Event::WriterFailed) | None => break,
                    Some(event) => self.take(event)?,
                },
                () = at(ends_at), if self.summary.stopped.is_none() => self.stop(Stopped::MaxRunTime),
                _ = tick.tick() => {
                    self.keep_up()?;
                    self.show()?;
                }
            }
            if self.is_cut_short() {
                break;
            }
        }
        // Whoever waits gives up; pages under way get their time.
        let _ = stop.send(true);
        if self.is_cut_short() {
            hurry.tell();
        }
        self.drain(&mut events).await?;
        self.show()?;
        self.finish()
    }

    fn stop(&mut self, why: Stopped) {
        self.summary.stopped = Some(why);
    }

    /// Whether the run ends although URLs are due. `max_pages` waits for what is under way in the usual loop.
    fn is_cut_short(&self) -> bool {
        matches!(self.summary.stopped, Some(Stopped::Interrupted | Stopped::MaxRunTime))
    }

    fn is_finished(&self) -> bool {
        self.hosts.values().all(|host| host.active == 0 && host.taken.is_empty()) && self.ready.is_empty()
    }

    /// Takes in what is under way and not yet safe.
    async fn drain(&mut self, events: &mut mpsc::UnboundedReceiver<Event>) -> Result<()> {
        self.forget_queues();
        let until = Instant::now() + GRACE;
        while self.hosts.values().any(|host| host.active > 0 || !host.taken.is_empty()) {
            match tokio::time::timeout_at(until, events.recv()).await {
                Ok(Some(Event::WriterFailed) | None) | Err(_) => break,
                Ok(Some(event)) => self.take(event)?,
            }
        }
        self.tasks.abort_all();
        while self.tasks.join_next().await.is_some() {}
        Ok(())
    }

    fn finish(mut self) -> Result<Summary> {
        let by = self.by;
        let left = self.ask(|frontier| frontier.count_due(by))?.unwrap_or(self.backlog.count);
        let mut summary = self.summary;
        for (authority, traffic) in self.fetcher.traffic() {
            summary.count_traffic(authority, traffic);
        }
        let let_go = self.upkeep.map(|upkeep| upkeep.closed).unwrap_or_default();
        let closed = self.hosts.into_values().filter_map(|host| Some((host.authority, host.closed?))).chain(let_go);
        for (authority, why) in closed {
            summary.hosts.entry(authority).or_default().closed = Some(why);
        }
        summary.left = left;
        Ok(summary)
    }

    fn show(&mut self) -> Result<()> {
        if self.progress.is_none() {
            return Ok(());
        }
        if self.backlog.is_old() {
            let (by, begun) = (self.by, Instant::now());
            let count = self.ask(|frontier| frontier.count_due(by))?.unwrap_or(self.backlog.count);
            self.backlog.counted(count, begun.elapsed());
        }
        let left = self.backlog.count;
        let busy = self.hosts.values().filter(|host| host.active > 0 || !host.queue.is_empty());
        let mut hosts: Vec<_> = busy.map(|host| self.progress_of(&host.authority)).collect();
        hosts.sort_by_key(|host| (host.doing != Doing::Fetching, std::cmp::Reverse(host.visited)));
        let progress = self.summary.progress(left, hosts);
        if let Some(show) = &mut self.progress {
            show(&progress);
        }
        Ok(())
    }

    fn progress_of(&self, authority: &str) -> HostProgress {
        let doing = match self.fetcher.standing(authority) {
            Some((wait, true)) => Doing::Held(wait),
            Some((wait, false)) if !wait.is_zero() => Doing::Waiting(wait),
            _ => Doing::Fetching,
        };
        let visited = self.summary.hosts.get(authority).map_or(0, |host| host.visited);
        HostProgress { authority: authority.to_owned(), visited, doing }
    }

    fn take(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Done { host, token, id, end } => self.done(host, token, id, end),
            Event::Committed { committed, tallies } => {
                for tally in tallies {
                    self.summary.count(tally);
                }
                for (host, id) in committed.visited {
                    if let Some(queue) = self.hosts.get_mut(&host) {
                        queue.taken.remove(&id);
                        queue.queue.retain(|due| due.id != id);
                        // It may be done with by now.
                        if self.upkeep.is_some() {
                            self.ready.insert(host);
                        }
                    }
                }
                self.wake(&committed.hosts)?;
            }
            Event::WriterFailed | Event::Interrupted => {}
        }
        Ok(())
    }

    fn done(&mut self, id: i64, token: i64, due: i64, end: End) {
        // Of a host that was lost and taken again, what was under way before counts no more.
        let Some(host) = self.hosts.get_mut(&id).filter(|host| host.token == token) else { return };
        host.active -= 1;
        match end {
            End::HandedOn => {}
            End::HostClosed(why) => host.close(why),
            End::Released => {
                host.taken.remove(&due);
                if self.summary.stopped.is_none() {
                    host.close("it asked to be left alone".to_owned());
                }
            }
            End::Lost => {
                host.taken.remove(&due);
                host.exhausted = false;
            }
        }
        self.ready.insert(id);
    }

    /// Hosts that have new URLs; those that were not known yet are read from the state.
    fn wake(&mut self, hosts: &BTreeSet<i64>) -> Result<()> {
        if hosts.iter().any(|id| !self.hosts.contains_key(id)) {
            match &mut self.upkeep {
                None => self.refresh_hosts()?,
                Some(upkeep) => upkeep.claim_soon(),
            }
        }
        for id in hosts {
            if let Some(host) = self.hosts.get_mut(id) {
                host.exhausted = false;
                self.ready.insert(*id);
            }
        }
        Ok(())
    }

    /// Takes hosts that have something due.
    pub(super) fn refresh_hosts(&mut self) -> Result<()> {
        let most = self.upkeep.as_ref().map_or(usize::MAX, |_| Upkeep::most(self.hosts.len()));
        let taken = self.ask(|frontier| frontier.claim(most))?.unwrap_or_default();
        if let Some(upkeep) = &mut self.upkeep {
            upkeep.claimed(taken.len());
        }
        for lease in taken {
            self.take_up(lease);
        }
        Ok(())
    }

    /// A host is ours.
    pub(super) fn take_up(&mut self, lease: Lease) {
        if self.hosts.get(&lease.host).is_some_and(|host| host.token == lease.token) {
            return;
        }
        let name = lease.authority.rsplit_once(':').map_or(lease.authority.as_str(), |(name, _)| name);
        let site = self.sites.iter().find(|site| site.holds_for(name));
        let concurrency = self.limits.limits(name).concurrency.unwrap_or(self.defaults.0).max(1);
        let max_pages = site.and_then(|site| site.max_pages).unwrap_or(self.defaults.1);
        self.ready.insert(lease.host);
        self.hosts.insert(lease.host, HostQueue::new(lease, concurrency, max_pages));
    }

    /// Sends pages on their way wherever a host has room.
    fn pump(&mut self) -> Result<()> {
        if self.summary.stopped.is_some() {
            self.forget_queues();
            return Ok(());
        }
        while let Some(id) = self.ready.pop_first() {
            while let Some(due) = self.next(id)? {
                if self.max_pages > 0 && due.kind == Kind::Page && self.pages >= self.max_pages {
                    self.stop(Stopped::MaxPages);
                    self.done(id, due.token, due.id, End::Released);
                    self.forget_queues();
                    return Ok(());
                }
                self.launch(due);
            }
            self.let_go(id)?;
        }
        while self.tasks.try_join_next().is_some() {}
        Ok(())
    }

    fn forget_queues(&mut self) {
        self.ready.clear();
        self.hosts.values_mut().for_each(HostQueue::forget_queue);
    }

    /// The next URL of a host, if it has room for one more; it counts as under way.
    fn next(&mut self, id: i64) -> Result<Option<Due>> {
        let Some(host) = self.hosts.get(&id) else { return Ok(None) };
        if host.active >= host.concurrency || host.closed.is_some() || !self.may_ask(host) {
            return Ok(None);
        }
        if host.queue.is_empty() && !host.exhausted {
            let (by, taken) = (self.by, host.taken.clone());
            let due = self.ask(|frontier| frontier.due(id, by, REFILL, &taken))?;
            let (Some(due), Some(host)) = (due, self.hosts.get_mut(&id)) else { return Ok(None) };
            host.taken.extend(due.iter().map(|due| due.id));
            host.exhausted = due.is_empty();
            host.queue = due.into_iter().map(|due| Due { token: host.token, ..due }).collect();
        }
        let Some(host) = self.hosts.get_mut(&id) else { return Ok(None) };
        if host.max_pages > 0 && host.pages >= host.max_pages {
            host.close("max_pages_per_host".to_owned());
            return Ok(None);
        }
        let due = host.queue.pop_front();
        host.active += usize::from(due.is_some());
        Ok(due)
    }

    fn launch(&mut self, due: Due) {
        if due.kind == Kind::Page {
            self.pages += 1;
            if let Some(host) = self.hosts.get_mut(&due.host) {
                host.pages += 1;
            }
        }
        let (fetcher, routes, rules) = (Arc::clone(&self.fetcher), self.routes.clone(), Arc::clone(&self.rules));
        let span = tracing::info_span!("fetch", url = %due.url);
        let page = async move {
            let (host, token, id) = (due.host, due.token, due.id);
            let end = run_errand(&fetcher, &routes, &rules, due).await;
            // The run may have ended.
            let _ = routes.events.send(Event::Done { host, token, id, end });
        };
        self.tasks.spawn(page.instrument(span));
    }
}

async fn at(end: Option<Instant>) {
    match end {
        Some(end) => tokio::time::sleep_until(end).await,
        None => std::future::pending().await,
    }
}
