//! Is this address one that the public can reach? The guard against requests into private networks.
//!
//! In: a URL's host before a request, and the answers of DNS inside the resolver that the client
//! connects with. Out: leave or a refusal. Every IANA special-purpose range is refused; addresses
//! that carry an IPv4 inside (mapped, NAT64, 6to4) are judged by it. One refused answer in a DNS
//! set refuses the set: a name that points to both is no honest name.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::error::{Error, Result};

/// IPv4 ranges of the IANA special-purpose registry, with multicast: base and prefix length.
const SPECIAL_V4: [([u8; 4], u32); 18] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 52, 193, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([192, 175, 48, 0], 24),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// IPv6 ranges inside `2000::/3` that are special purpose; everything outside `2000::/3` is refused whole.
const SPECIAL_V6: [([u16; 8], u32); 4] = [
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    ([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];

/// Whether an address is public: no special-purpose range, judged by the IPv4 inside where there is one.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => match embedded_v4(v6) {
            Some(v4) => is_public_v4(v4),
            None => is_public_v6(v6),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    !SPECIAL_V4.iter().any(|(base, length)| (bits ^ Ipv4Addr::from(*base).to_bits()) >> (32 - length) == 0)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let bits = address.to_bits();
    let inside = |base: [u16; 8], length: u32| (bits ^ Ipv6Addr::from(base).to_bits()) >> (128 - length) == 0;
    inside([0x2000, 0, 0, 0, 0, 0, 0, 0], 3) && !SPECIAL_V6.iter().any(|(base, length)| inside(*base, *length))
}

/// The IPv4 address inside a mapped (`::ffff:0:0/96`), NAT64 (`64:ff9b::/96`) or 6to4 (`2002::/16`) address.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let s = address.segments();
    let join = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match s {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(join(high, low)),
        [0x2002, high, low, ..] => Some(join(high, low)),
        _ => None,
    }
}

/// Refuses a URL whose host is written as an address that is not public: such hosts never reach the resolver.
///
/// # Errors
/// [`Error::Fetch`] of kind `address`.
pub fn check_literal(url: &Url, allow_private: bool) -> Result<()> {
    let address = match url.host() {
        Some(Host::Ipv4(v4)) => IpAddr::V4(v4),
        Some(Host::Ipv6(v6)) => IpAddr::V6(v6),
        _ => return Ok(()),
    };
    if allow_private || is_public(address) {
        return Ok(());
    }
    let message = Refused { host: url.host_str().unwrap_or_default().to_owned(), address }.to_string();
    Err(Error::Fetch { kind: "address", status: None, message, retry: false })
}

/// A DNS answer that is never connected to.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) struct Refused {
    host: String,
    address: IpAddr,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.trim_matches(['[', ']']) == self.address.to_string() {
            write!(f, "{} is not a public address", self.host)
        } else {
            write!(f, "{} leads to {}, which is not a public address", self.host, self.address)
        }
    }
}

/// The resolver that the client connects with: pinned names first, then the system's, all through the guard.
#[derive(Debug, Clone)]
pub(crate) struct GuardedResolver {
    pinned: Arc<BTreeMap<String, IpAddr>>,
    allow_private: bool,
}

impl GuardedResolver {
    pub(crate) fn new(pinned: &BTreeMap<String, IpAddr>, allow_private: bool) -> Self {
        let pinned = pinned.iter().map(|(host, ip)| (host.to_ascii_lowercase(), *ip)).collect();
        Self { pinned: Arc::new(pinned), allow_private }
    }

    fn judge(&self, host: &str, addresses: Vec<IpAddr>) -> std::result::Result<Vec<IpAddr>, Refused> {
        match addresses.iter().find(|a| !self.allow_private && !is_public(**a)) {
            Some(address) => Err(Refused { host: host.to_owned(), address: *address }),
            None => Ok(addresses),
        }
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let this = self.clone();
        Box::pin(async move {
            let host = name.as_str().to_ascii_lowercase();
            let found = match this.pinned.get(&host) {
                Some(address) => vec![*address],
                // RFC 6761, 6.3: these names are loopback everywhere, but not every system's resolver knows it.
                None if host.ends_with(".localhost") => vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
                None => tokio::net::lookup_host((host.as_str(), 0)).await?.map(|a| a.ip()).collect(),
            };
            let judged = this.judge(&host, found)?;
            // Port 0: the URL's own port is used.
            Ok(Box::new(judged.into_iter().map(|ip| SocketAddr::new(ip, 0))) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_ranges_are_not_public() {
        let table = "0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 127.255.0.1 169.254.169.254 172.16.0.1 172.31.255.255 \
            192.0.0.8 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.168.1.1 192.175.48.1 198.18.0.1 198.19.255.255 198.51.100.7 \
            203.0.113.9 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 64:ff9b::7f00:1 \
            64:ff9b::a00:1 64:ff9b:1::1 100::1 100:0:0:1::1 2001::1 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1::1 2002:a00:1:: \
            2620:4f:8000::1 3fff::1 5f00::1 fc00::1 fd12::1 fe80::1 fec0::1 ff02::1 4000::1";
        for address in table.split_whitespace() {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn public_addresses_are() {
        let table = "1.1.1.1 9.9.9.9 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 192.0.1.1 198.17.0.1 223.255.255.255 2606:4700::1111 \
            2a00:1450::1 ::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::1 2001:4860:4860::8888 2003::1";
        for address in table.split_whitespace() {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn literal_hosts_in_every_spelling() {
        for raw in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://①②⑦.0.0.1/",
        ] {
            let url = Url::parse(raw).unwrap();
            assert_eq!(check_literal(&url, false).unwrap_err().kind(), "address", "{raw}");
            assert!(check_literal(&url, true).is_ok());
        }
        assert!(check_literal(&Url::parse("http://news.example/").unwrap(), false).is_ok());
    }

    /// A name that is asked twice is judged twice, and what is connected to is what was judged.
    #[tokio::test]
    async fn a_name_that_answers_differently_the_second_time() {
        let name = || "news.example".parse::<Name>().unwrap();
        let mut resolver = GuardedResolver::new(&BTreeMap::from([("news.example".to_owned(), "8.8.8.8".parse().unwrap())]), false);
        let first: Vec<_> = resolver.resolve(name()).await.unwrap().collect();
        assert_eq!(first, ["8.8.8.8:0".parse().unwrap()]);
        for second in ["127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1"] {
            resolver.pinned = Arc::new(BTreeMap::from([("news.example".to_owned(), second.parse().unwrap())]));
            let Err(refused) = resolver.resolve(name()).await else { panic!("{second}") };
            assert!(refused.to_string().ends_with("which is not a public address"), "{refused}");
        }
    }

    #[test]
    fn one_private_answer_refuses_the_set() {
        let resolver = GuardedResolver::new(&BTreeMap::new(), false);
        let mixed = vec!["8.8.8.8".parse().unwrap(), "10.0.0.1".parse().unwrap()];
        let refused = resolver.judge("news.example", mixed.clone()).unwrap_err();
        assert_eq!(refused.to_string(), "news.example leads to 10.0.0.1, which is not a public address");
        assert!(GuardedResolver::new(&BTreeMap::new(), true).judge("news.example", mixed).is_ok());
    }
}
