//! What a person may set about fetching, with every default as a constant.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use serde::Deserialize;

use crate::units;

/// Total time of one request, to the last byte.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
/// Time to a connection, DNS and TLS included.
pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Largest body, decompressed.
pub const DEFAULT_MAX_BODY_BYTES: u64 = 16 << 20;
/// Redirects that are followed.
pub const DEFAULT_MAX_REDIRECTS: usize = 10;
/// Further attempts after a failure that may pass.
pub const DEFAULT_RETRIES: u32 = 3;
/// The product name and version that requests carry.
pub const DEFAULT_USER_AGENT: &str = concat!("copydesk/", env!("CARGO_PKG_VERSION"));
/// Delay between two requests to a host.
pub const DEFAULT_PER_HOST_DELAY: Duration = Duration::from_secs(1);
/// Requests to one host at a time.
pub const DEFAULT_PER_HOST_CONCURRENCY: usize = 1;
/// Requests at a time over all hosts.
pub const DEFAULT_GLOBAL_CONCURRENCY: usize = 32;
/// Longest `Crawl-delay` that is kept.
pub const DEFAULT_MAX_CRAWL_DELAY: Duration = Duration::from_secs(30);

/// `[http]`: how one request is made.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpConfig {
    /// The whole `User-Agent` header; set from `[politeness]`.
    #[serde(skip)]
    pub user_agent: String,
    /// Total time of one request, to the last byte. Default: [`DEFAULT_TIMEOUT`].
    #[serde(deserialize_with = "units::duration")]
    pub timeout: Duration,
    /// Time to a connection. Default: [`DEFAULT_CONNECT_TIMEOUT`].
    #[serde(deserialize_with = "units::duration")]
    pub connect_timeout: Duration,
    /// Largest body in bytes, decompressed. Default: [`DEFAULT_MAX_BODY_BYTES`].
    #[serde(deserialize_with = "units::size")]
    pub max_body_bytes: u64,
    /// Redirects that are followed. Default: [`DEFAULT_MAX_REDIRECTS`].
    pub max_redirects: usize,
    /// Further attempts after a failure that may pass. Default: [`DEFAULT_RETRIES`].
    pub retries: u32,
    /// URL of a proxy for all requests; empty for none. The guard then sees literal addresses only: names are the proxy's to resolve.
    pub proxy: String,
    /// Header fields that every request carries.
    pub headers: BTreeMap<String, String>,
    /// Whether hosts at private, loopback and other special addresses may be fetched. Default: false.
    pub allow_private_addresses: bool,
    /// Addresses of hosts that DNS is not asked for; the port stays the URL's.
    #[serde(deserialize_with = "pinned")]
    pub resolve: BTreeMap<String, IpAddr>,
}

/// An address as it stands in the file: a mistake names its own line.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Pinned(IpAddr);

impl TryFrom<String> for Pinned {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = |_| format!("`{text}` is no IP address; write a single one, as \"192.0.2.1\" or \"2001:db8::1\"");
        text.parse().map(Self).map_err(wrong)
    }
}

fn pinned<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, IpAddr>, D::Error> {
    let read = BTreeMap::<String, Pinned>::deserialize(deserializer)?;
    Ok(read.into_iter().map(|(host, Pinned(address))| (host, address)).collect())
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            user_agent: DEFAULT_USER_AGENT.to_owned(),
            timeout: DEFAULT_TIMEOUT,
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
            max_body_bytes: DEFAULT_MAX_BODY_BYTES,
            max_redirects: DEFAULT_MAX_REDIRECTS,
            retries: DEFAULT_RETRIES,
            proxy: String::new(),
            headers: BTreeMap::new(),
            allow_private_addresses: false,
            resolve: BTreeMap::new(),
        }
    }
}

/// `[politeness]`: how hosts are treated.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Politeness {
    /// Product name and version; its leading name is the robots token. Default: [`DEFAULT_USER_AGENT`].
    pub user_agent: String,
    /// URL or e-mail of who runs the crawl, put into the user agent's comment; empty for none.
    pub contact: String,
    /// Delay from one request to the next. Default: [`DEFAULT_PER_HOST_DELAY`].
    #[serde(deserialize_with = "units::duration")]
    pub per_host_delay: Duration,
    /// Requests to one host at a time. Default: [`DEFAULT_PER_HOST_CONCURRENCY`].
    pub per_host_concurrency: usize,
    /// Requests a second over all hosts; 0 for no limit.
    pub global_rate: f64,
    /// Requests at a time over all hosts. Default: [`DEFAULT_GLOBAL_CONCURRENCY`].
    pub global_concurrency: usize,
    /// Whether robots.txt is obeyed. Default: true.
    pub respect_robots: bool,
    /// Longest `Crawl-delay` that is kept. Default: [`DEFAULT_MAX_CRAWL_DELAY`].
    #[serde(deserialize_with = "units::duration")]
    pub max_crawl_delay: Duration,
}

impl Default for Politeness {
    fn default() -> Self {
        Self {
            user_agent: DEFAULT_USER_AGENT.to_owned(),
            contact: String::new(),
            per_host_delay: DEFAULT_PER_HOST_DELAY,
            per_host_concurrency: DEFAULT_PER_HOST_CONCURRENCY,
            global_rate: 0.0,
            global_concurrency: DEFAULT_GLOBAL_CONCURRENCY,
            respect_robots: true,
            max_crawl_delay: DEFAULT_MAX_CRAWL_DELAY,
        }
    }
}

impl Politeness {
    /// The `User-Agent` header: the product with the contact in its comment.
    #[must_use]
    pub fn header(&self) -> String {
        match self.contact.trim() {
            "" => self.user_agent.clone(),
            contact => format!("{} (+{contact})", self.user_agent),
        }
    }
}
