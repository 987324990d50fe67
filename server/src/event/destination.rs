//! Where events may be sent. A name that resolves to an address of a private network would let whoever holds that name's DNS
//! have Coffer post to machines that only Coffer reaches; so what a name resolves to is judged each time that a connection
//! is made, by the very addresses that are then connected to. What the configuration itself names as this machine
//! (`127.0.0.1`, `::1`, `localhost`) was meant so.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use url::{Host, Url};

/// Why a url can't be a destination; said at the configuration's line.
pub fn fault(url: &Url, allow_private: bool) -> Option<String> {
    if !matches!(url.scheme(), "http" | "https") {
        return Some("expected a url that begins with http:// or https://".into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Some("a url with user and password isn't sent to; sign with a secret instead".into());
    }
    let address: IpAddr = match url.host() {
        Some(Host::Ipv4(address)) => address.into(),
        Some(Host::Ipv6(address)) => address.into(),
        Some(Host::Domain(_)) => return None,
        None => return Some("expected a url with a host".into()),
    };
    (is_private(address) && !address.is_loopback() && !allow_private).then(|| {
        format!("{address} is an address of a private network; set allow_private: true if that is meant")
    })
}

/// Not reachable from the internet at large: this machine, its networks, and what lies between them and it.
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => match embedded(address) {
            Some(inner) => is_private_v4(inner),
            None => is_private_v6(address),
        },
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_multicast()
        || address.is_documentation()
        // "This network", RFC 1122; shared by carriers, RFC 6598; protocols, RFC 6890; benchmarks, RFC 2544; reserved.
        || first == 0
        || (first == 100 && (64..128).contains(&second))
        || (first == 192 && second == 0 && third == 0)
        || (first == 198 && (18..20).contains(&second))
        || first >= 240
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let first = address.segments()[0];
    address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        // Site-local, RFC 3879; documentation, RFC 3849.
        || (first & 0xffc0) == 0xfec0
        || address.segments()[..2] == [0x2001, 0x0db8]
}

/// An IPv4 address in an IPv6 one: mapped, NAT64 (RFC 6052) or 6to4 (RFC 3056).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = address.segments();
    let join = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match segments {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => Some(join(high, low)),
        _ => address.to_ipv4_mapped(),
    }
}

/// Resolves names for connections to one destination.
pub struct Resolver {
    pub allow_private: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            let meant = |address: IpAddr| {
                allow_private || !is_private(address) || (is_localhost(&host) && address.is_loopback())
            };
            let kept: Vec<SocketAddr> = found.into_iter().filter(|socket| meant(socket.ip())).collect();
            if kept.is_empty() {
                return Err(format!(
                    "{host} resolves to no address outside of private networks; set allow_private: true if that is meant"
                )
                .into());
            }
            Ok(Box::new(kept.into_iter()) as Addrs)
        })
    }
}

fn is_localhost(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_internet_cannot_reach_is_private() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "ff02::1",
        ] {
            assert!(is_private(private.parse().unwrap()), "{private}");
        }
        for public in
            ["93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:2800:220:1::1", "::ffff:93.184.216.34"]
        {
            assert!(!is_private(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn this_machine_may_be_named_and_other_private_addresses_need_a_word() {
        let fault_of = |url: &str, allowed| fault(&url.parse().unwrap(), allowed);
        for fine in [
            "http://127.0.0.1:10000",
            "http://localhost:30000",
            "http://[::1]:1/",
            "https://app.example/hook",
        ] {
            assert_eq!(fault_of(fine, false), None, "{fine}");
        }
        assert!(fault_of("http://192.168.0.7/", false).unwrap().contains("allow_private"));
        assert_eq!(fault_of("http://192.168.0.7/", true), None);
        assert!(fault_of("ftp://app.example/", true).is_some());
        assert!(fault_of("http://me:secret@app.example/", true).is_some());
    }
}
