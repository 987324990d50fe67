//! How often a token may ask. Counted in this process alone: several replicas allow as many times more.

use super::problem::Refusal;
use app::model::TokenId;
use axum::http::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use governor::clock::{Clock as _, QuantaClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use std::num::NonZeroU32;

type Limiter = RateLimiter<TokenId, DefaultKeyedStateStore<TokenId>, QuantaClock, StateInformationMiddleware>;

/// One bucket a token; it fills steadily, so that a burst is paid back in time.
pub struct Limits {
    limiter: Limiter,
    clock: QuantaClock,
    a_minute: u32,
}

/// How a token stands, for the headers of its answers.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    a_minute: u32,
    remaining: u32,
    /// Seconds until another call is taken; 0 while some remain.
    wait: u64,
}

impl Limits {
    pub fn new(a_minute: NonZeroU32) -> Self {
        let limiter = RateLimiter::keyed(Quota::per_minute(a_minute)).with_middleware();
        Self { limiter, clock: QuantaClock::default(), a_minute: a_minute.get() }
    }

    /// Takes one call, or refuses it.
    pub fn take(&self, token: TokenId) -> (Standing, Option<Refusal>) {
        let standing = Standing { a_minute: self.a_minute, remaining: 0, wait: 0 };
        match self.limiter.check_key(&token) {
            Ok(left) => (Standing { remaining: left.remaining_burst_capacity(), ..standing }, None),
            Err(until) => {
                let wait = until.wait_time_from(self.clock.now()).as_secs() + 1;
                let detail =
                    format!("This token may ask {} times a minute. Ask again in {wait} s.", self.a_minute);
                (Standing { wait, ..standing }, Some(Refusal::new("rate_limited", detail)))
            }
        }
    }
}

impl Standing {
    /// `RateLimit` and its policy (draft-ietf-httpapi-ratelimit-headers), and the older three that most clients read.
    pub fn write(self, headers: &mut HeaderMap) {
        let Self { a_minute, remaining, wait } = self;
        // How long until the bucket is full again.
        let reset = u64::from(a_minute - remaining.min(a_minute)) * 60 / u64::from(a_minute.max(1));
        let reset = reset.max(wait);
        let texts = [
            ("ratelimit-policy", format!("\"token\";q={a_minute};w=60")),
            ("ratelimit", format!("\"token\";r={remaining};t={reset}")),
            ("ratelimit-limit", a_minute.to_string()),
            ("ratelimit-remaining", remaining.to_string()),
            ("ratelimit-reset", reset.to_string()),
        ];
        for (name, text) in texts {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        if wait > 0 {
            headers.insert(RETRY_AFTER, HeaderValue::from(wait));
        }
    }
}
