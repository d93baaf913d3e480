//! Flags that every command knows.

use std::time::Duration;

use copydesk::fetch::HttpConfig;
use copydesk::units;

/// Shared flags.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Options of all commands (those of fetching only count where something is fetched)")]
pub(crate) struct Shared {
    /// Say more (-vv: still more)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Say only what failed
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Form of the log on standard error
    #[arg(long, global = true, value_name = "FORM", value_parser = ["text", "json"])]
    pub(crate) log_format: Option<String>,
    /// No progress bar
    #[arg(long, global = true)]
    pub(crate) no_progress: bool,
    /// Product name and version that requests carry
    #[arg(long, global = true, value_name = "TEXT")]
    pub(crate) user_agent: Option<String>,
    /// Total time of one request, as "5s" or seconds
    #[arg(long, global = true, value_name = "TIME", value_parser = units::parse_duration_flag)]
    pub(crate) timeout: Option<Duration>,
    /// Largest body, decompressed, in bytes or as "16MiB"
    #[arg(long, global = true, value_name = "SIZE", value_parser = units::parse_size)]
    pub(crate) max_body_bytes: Option<u64>,
    /// Redirects that are followed
    #[arg(long, global = true, value_name = "N")]
    pub(crate) max_redirects: Option<usize>,
    /// Let hosts at private and loopback addresses be fetched
    #[arg(long, global = true)]
    pub(crate) allow_private_addresses: bool,
}

impl Shared {
    /// Puts the flags over what a file or the defaults say.
    pub(crate) fn apply(&self, http: &mut HttpConfig) {
        if let Some(user_agent) = &self.user_agent {
            http.user_agent.clone_from(user_agent);
        }
        if let Some(timeout) = self.timeout {
            http.timeout = timeout;
        }
        if let Some(limit) = self.max_body_bytes {
            http.max_body_bytes = limit;
        }
        if let Some(limit) = self.max_redirects {
            http.max_redirects = limit;
        }
        http.allow_private_addresses |= self.allow_private_addresses;
    }
}
