//! What a record allocates: calls to the allocator and bytes, of extraction and of a bare
//! `scraper::Html::parse_document` of the same page. Apart from `extract.rs`: counting takes time.
#![allow(clippy::print_stdout, reason = "a bench prints")]

mod pages;

use std::alloc::System;
use std::hint::black_box;

use copydesk::decode::Page;
use copydesk::record::{self, Options};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    let (pages, what) = pages::load();
    println!("{} {what}\n\n{:<12} {:>16} {:>12} {:>10}", pages.len(), "", "calls a page", "resizes", "KB");
    let extract: fn(&Page) = |page| drop(black_box(record::read_article(page, &Options::default())));
    let parse: fn(&Page) = |page| drop(black_box(scraper::Html::parse_document(&page.html)));
    for (name, run) in [("copydesk", extract), ("scraper", parse)] {
        let region = Region::new(ALLOCATOR);
        pages.iter().for_each(run);
        let (done, count) = (region.change(), pages.len().max(1));
        println!(
            "{name:<12} {:>16} {:>12} {:>10}",
            done.allocations / count,
            done.reallocations / count,
            done.bytes_allocated / count / 1000
        );
    }
}
