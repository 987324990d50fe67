//! Reusable pieces of pages, one file each. They know rows and words, not where these come from.

pub mod amount;
pub mod chart;
pub mod download;
pub mod filter;
pub mod form;
pub mod frame;
pub mod icon;
pub mod id;
pub mod keys;
pub mod notice;
pub mod pager;
pub mod payment;
pub mod qr;
pub mod secret;
pub mod sessions;
pub mod state;
pub mod time;
pub mod timeline;
pub mod transactions;

pub use amount::{Amt, Plain};
pub use download::Download;
pub use form::{Field, Hidden, Key, NotAccepted, fault};
pub use icon::Icon;
pub use id::{Id, Quads, Whole};
pub use notice::{Nothing, Notice};
pub use pager::Pager;
pub use secret::{Asks, SecretField};
pub use sessions::Sessions;
pub use time::{Show, When};
pub use timeline::Timeline;

/// "1 account", "38 accounts".
pub fn count(n: i64, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{} {many}", grouped(n)) }
}

/// Thousands apart by a narrow space, as heights and counts are written.
pub fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    if n < 0 { format!("−{text}") } else { text }
}
