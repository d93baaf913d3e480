//! `copydesk check`: validates the configuration and prints the plan that it comes to.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use copydesk::config::{Config, DEFAULT_PATH};
use copydesk::sites::SiteRules;
use copydesk::units::{show_duration, show_size};

use crate::check_site;
use crate::crawl::load;
use crate::shared::Shared;

/// Validate the configuration and print the plan it resolves to, without fetching
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
                        copydesk check\n  \
                        copydesk check --site https://news.example/2026/05/some-story page.html")]
pub(crate) struct CheckArgs {
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = DEFAULT_PATH)]
    config: PathBuf,
    /// Try the [[site]] rules on pages: URLs, files, or - for standard input
    #[arg(long, value_name = "INPUT", num_args = 1..)]
    site: Vec<String>,
    /// Where the files of --site came from: its host says which rules hold
    #[arg(long, value_name = "BASE", requires = "site")]
    url: Option<String>,
}

/// Prints the plan to standard output.
pub(crate) fn run(args: &CheckArgs, shared: &Shared) -> Result<ExitCode> {
    if !args.site.is_empty() {
        return check_site::run(&args.site, args.url.as_deref(), &args.config, shared);
    }
    let config = load(&args.config, shared)?;
    let mut out = std::io::stdout().lock();
    for (name, value) in plan(&config)? {
        writeln!(out, "{name:<12} {value}")?;
    }
    if config.lacks_contact() {
        writeln!(std::io::stderr(), "warning: no contact is configured: set [politeness] contact, so that sites can write to you")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn plan(config: &Config) -> Result<Vec<(&'static str, String)>> {
    let (crawl, polite, http) = (&config.crawl, &config.politeness, &config.http);
    let mut plan = Vec::new();
    for (name, urls) in [("seed", &crawl.seeds), ("sitemap", &crawl.sitemaps), ("feed", &crawl.feeds)] {
        plan.extend(urls.iter().map(|url| (name, url.to_string())));
    }
    let limit = |n: u64| if n == 0 { "no limit".to_owned() } else { n.to_string() };
    let time = |d| if d == std::time::Duration::ZERO { "no limit".to_owned() } else { show_duration(d) };
    plan.push(("hosts", config.crawl.hosts().join(", ")));
    plan.push(("discover", if crawl.discover { "sitemaps of robots.txt, feeds and links of pages" } else { "nothing" }.to_owned()));
    plan.extend(crawl.include.iter().map(|p| ("include", p.clone())));
    plan.extend(crawl.exclude.iter().map(|p| ("exclude", p.clone())));
    plan.push((
        "pages",
        format!("{} a run, {} a host, depth {}", limit(crawl.max_pages), limit(crawl.max_pages_per_host), crawl.max_depth),
    ));
    plan.push(("run time", time(crawl.max_run_time)));
    plan.push(("revisit", format!("after {}, for {}", show_duration(crawl.revisit_after), time(crawl.revisit_for))));
    plan.push(("user agent", http.user_agent.clone()));
    let robots = if polite.respect_robots { "obeyed" } else { "ignored" };
    plan.push(("robots.txt", format!("{robots}, Crawl-delay up to {}", show_duration(polite.max_crawl_delay))));
    plan.push(("a host", format!("{} at a time, {} apart", polite.per_host_concurrency, show_duration(polite.per_host_delay))));
    let rate = if polite.global_rate > 0.0 { format!("{} requests a second", polite.global_rate) } else { "no limit of rate".to_owned() };
    plan.push(("all hosts", format!("{} at a time, {rate}", polite.global_concurrency)));
    let size = show_size(http.max_body_bytes);
    plan.push((
        "a request",
        format!("{}, {size}, {} redirects, {} retries", show_duration(http.timeout), http.max_redirects, http.retries),
    ));
    if http.allow_private_addresses {
        plan.push(("addresses", "private and loopback ones too".to_owned()));
    }
    plan.extend(config.site.iter().map(|site| ("site", site_line(site))));
    plan.push(("state", config.state()?.shown().display().to_string()));
    if !config.state.url.0.is_empty() {
        plan.push(("worker", format!("{}, a host is its own for {}", config.worker, show_duration(config.state.lease))));
    }
    plan.push(("output", config.output_path(&config.output.path).display().to_string()));
    if !config.output.rejected.is_empty() {
        plan.push(("rejected", config.output_path(&config.output.rejected).display().to_string()));
    }
    if !config.output.warc.is_empty() {
        plan.push(("warc", config.path(&config.output.warc).display().to_string()));
    }
    Ok(plan)
}

/// A site's limits and the fields that it has selectors for.
fn site_line(site: &SiteRules) -> String {
    let fields = site.fields();
    let has = [
        ("title", fields.title.is_some()),
        ("byline", fields.byline.is_some()),
        ("published", fields.published.is_some()),
        ("body", fields.body.is_some()),
        ("caption", fields.caption.is_some()),
        ("remove", fields.remove.is_some()),
        ("limits", site.per_host_delay.is_some() || site.per_host_concurrency.is_some() || site.max_pages.is_some()),
    ];
    let names: Vec<&str> = has.into_iter().filter_map(|(name, there)| there.then_some(name)).collect();
    if names.is_empty() { format!("{}: nothing", site.host) } else { format!("{}: {}", site.host, names.join(", ")) }
}
