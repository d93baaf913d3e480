//! The queue of one host: what is due of it, under way and not yet safe.

use std::collections::{HashSet, VecDeque};

use crate::frontier::{Due, Lease};

#[derive(Debug)]
pub(super) struct HostQueue {
    pub authority: String,
    /// What it is held under.
    pub token: i64,
    pub queue: VecDeque<Due>,
    /// Rows that are queued, under way or not yet safe.
    pub taken: HashSet<i64>,
    pub active: usize,
    /// Whether the frontier had no more when it was last asked.
    pub exhausted: bool,
    pub closed: Option<String>,
    pub pages: u64,
    pub concurrency: usize,
    pub max_pages: u64,
}

impl HostQueue {
    pub(super) fn new(lease: Lease, concurrency: usize, max_pages: u64) -> Self {
        let Lease { authority, token, pages, .. } = lease;
        let (queue, taken) = (VecDeque::new(), HashSet::new());
        Self { authority, token, queue, taken, active: 0, exhausted: false, closed: None, pages, concurrency, max_pages }
    }

    /// Whether nothing of it is under way or to be done.
    pub(super) fn is_done(&self) -> bool {
        self.active == 0 && self.taken.is_empty() && (self.exhausted || self.closed.is_some())
    }

    /// Nothing more of it in this run: what is queued stays due.
    pub(super) fn close(&mut self, why: String) {
        self.forget_queue();
        self.closed.get_or_insert(why);
    }

    pub(super) fn forget_queue(&mut self) {
        for due in self.queue.drain(..) {
            self.taken.remove(&due.id);
        }
    }
}
