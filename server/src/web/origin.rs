//! Where a request came from, as far as that can be said honestly: the connection's own address, or, where
//! `web.public_url` says that a proxy stands before Coffer, what that proxy wrote.

use crate::config::WebSettings;
use crate::people::session::Origin;
use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderMap;
use axum::http::header::{HeaderName, USER_AGENT};
use std::net::{IpAddr, SocketAddr};

/// As much of it as the database keeps.
const USER_AGENT_MAX: usize = 255;

pub fn of(request: &Request, settings: &WebSettings) -> Origin {
    let user_agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok());
    let user_agent = user_agent.map(|text| text.chars().take(USER_AGENT_MAX).collect());
    if settings.public_url.is_some() {
        // The connection is the proxy's: without its word nobody knows.
        let ip = forwarded_for(request.headers()).map(|ip| ip.to_string());
        return Origin { by_proxy: ip.is_some(), ip, user_agent };
    }
    let connection = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let ip = connection.map(|ConnectInfo(address)| address.ip().to_canonical().to_string());
    Origin { ip, by_proxy: false, user_agent }
}

/// The last entry of all `X-Forwarded-For` is the one that the proxy itself added; whoever is before it may have made
/// up the others.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all(HeaderName::from_static("x-forwarded-for")).iter().next_back()?;
    let ip: IpAddr = last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()?;
    Some(ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn origin(public_url: Option<&str>, headers: &[(&str, &str)]) -> Origin {
        let settings = WebSettings {
            bind: "127.0.0.1:8080".parse().unwrap(),
            public_url: public_url.map(|url| url.parse().unwrap()),
            session_hours: 1,
            step_up_minutes: None,
            token_requests_per_minute: std::num::NonZeroU32::MIN,
        };
        let mut request = axum::http::Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::empty()).unwrap();
        let peer: SocketAddr = "[::ffff:192.0.2.7]:4711".parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        of(&request, &settings)
    }

    #[test]
    fn a_header_counts_only_behind_a_stated_proxy_and_only_its_last_entry() {
        let forged = ("x-forwarded-for", "198.51.100.1");
        let direct = origin(None, &[forged]);
        assert_eq!((direct.ip.as_deref(), direct.by_proxy), (Some("192.0.2.7"), false));
        let proxy = Some("https://coffer.example");
        let behind = origin(proxy, &[("x-forwarded-for", "198.51.100.1, 203.0.113.9")]);
        assert_eq!((behind.ip.as_deref(), behind.by_proxy), (Some("203.0.113.9"), true));
        let two_lines = origin(proxy, &[forged, ("x-forwarded-for", "2001:db8::1")]);
        assert_eq!(two_lines.ip.as_deref(), Some("2001:db8::1"));
        assert_eq!(origin(proxy, &[]).ip, None);
        assert_eq!(origin(proxy, &[("x-forwarded-for", "unknown")]).ip, None);
    }

    #[test]
    fn user_agents_are_cut() {
        let long = "x".repeat(1_000);
        assert_eq!(origin(None, &[("user-agent", &long)]).user_agent.unwrap().len(), 255);
    }
}
