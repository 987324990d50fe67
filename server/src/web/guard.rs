//! What every request passes before anybody looks at it: origin of unsafe requests, time limit, security headers.

use super::Web;
use crate::config::WebSettings;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::time::Duration;

/// Longer than any page or order takes: a backend call has 15 s, a database change its retries.
const REQUEST_LIMIT: Duration = Duration::from_secs(30);

/// A browser says from which origin a form is posted; a request that changes something and doesn't say is refused.
pub async fn check_origin(State(web): State<Web>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || is_own(request.headers(), &web.shared.settings.web) {
        return next.run(request).await;
    }
    tracing::warn!(path = request.uri().path(), "refused a request from a foreign or unnamed origin");
    (StatusCode::FORBIDDEN, "This form was not sent from Coffer's own pages. Nothing was done.\n")
        .into_response()
}

/// `Origin` must be the public url's, or where there is none this very host's; without an `Origin`, browsers that
/// send `Sec-Fetch-Site` vouch for theirs.
pub fn is_own(headers: &HeaderMap, settings: &WebSettings) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    match (headers.get(ORIGIN), text(ORIGIN)) {
        (Some(_), Some(origin)) => match &settings.public_url {
            Some(url) => origin == url.origin().ascii_serialization(),
            None => text(HOST).is_some_and(|host| origin.strip_prefix("http://") == Some(host)),
        },
        (Some(_), None) => false,
        (None, _) => text(HeaderName::from_static("sec-fetch-site")) == Some("same-origin"),
    }
}

pub async fn limit_time(request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    match tokio::time::timeout(REQUEST_LIMIT, next.run(request)).await {
        Ok(response) => response,
        Err(_) if is_api => super::api::timed_out(),
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "This took too long. Look whether it was done before you repeat it.\n",
        )
            .into_response(),
    }
}

/// Pages set their own policy, with a nonce; what isn't a page may do nothing at all. Only hashed files are cached.
pub async fn add_headers(State(web): State<Web>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut usual = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    usual(CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    usual(X_CONTENT_TYPE_OPTIONS, "nosniff");
    usual(X_FRAME_OPTIONS, "DENY");
    usual(REFERRER_POLICY, "same-origin");
    usual(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    usual(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    usual(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=()",
    );
    usual(CACHE_CONTROL, "no-store");
    if web.shared.settings.web.is_secure() {
        usual(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(public_url: Option<&str>, headers: &[(&'static str, &'static str)]) -> bool {
        let settings = WebSettings {
            bind: "127.0.0.1:8080".parse().unwrap(),
            public_url: public_url.map(|url| url.parse().unwrap()),
            session_hours: 1,
            step_up_minutes: None,
            token_requests_per_minute: std::num::NonZeroU32::MIN,
        };
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        is_own(&headers.collect(), &settings)
    }

    #[test]
    fn only_our_own_origin_may_change_anything() {
        let host = ("host", "127.0.0.1:8080");
        assert!(own(None, &[host, ("origin", "http://127.0.0.1:8080")]));
        assert!(own(None, &[host, ("sec-fetch-site", "same-origin")]));
        for foreign in [
            &[host][..],
            &[host, ("origin", "null")],
            &[host, ("origin", "http://127.0.0.1:8081")],
            &[host, ("origin", "https://127.0.0.1:8080")],
            &[host, ("origin", "http://127.0.0.1:8080.example")],
            &[host, ("origin", "http://evil.example"), ("sec-fetch-site", "same-origin")],
            &[host, ("sec-fetch-site", "same-site")],
            &[host, ("sec-fetch-site", "cross-site")],
        ] {
            assert!(!own(None, foreign), "{foreign:?}");
        }
        let public = Some("https://coffer.example");
        assert!(own(public, &[host, ("origin", "https://coffer.example")]));
        assert!(!own(public, &[host, ("origin", "http://127.0.0.1:8080")]));
        assert!(!own(public, &[host, ("origin", "http://coffer.example")]));
    }
}
