//! Times: UTC in the HTML, with the exact moment in `datetime` and `title`. The island `LocalTime` turns what is
//! written into the viewer's zone piece by piece, so date and clock must stand as `Time` writes them.

use crate::model::Time;
use leptos::prelude::*;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Show {
    Clock,
    Day,
    /// Month and day, soft, before the clock.
    Dated,
    Full,
}

impl Show {
    /// For a list: with the date as soon as one row isn't of today.
    pub fn for_list(now: Time, mut times: impl Iterator<Item = Time>) -> Self {
        let today = now.date();
        if times.any(|time| time.date() != today) { Self::Dated } else { Self::Clock }
    }
}

#[component]
pub fn When(at: Time, show: Show) -> impl IntoView {
    let text = match show {
        Show::Clock => at.clock().into_any(),
        Show::Day => at.date().into_any(),
        Show::Dated => {
            let date = at.date();
            let day = date.get(5..).unwrap_or_default().to_owned();
            view! { <span class="date">{day}</span>{format!(" {}", at.clock())} }.into_any()
        }
        Show::Full => at.date_and_clock().into_any(),
    };
    let title = format!("{} UTC", at.date_and_clock());
    view! { <time datetime=format!("{}T{}Z", at.date(), at.clock()) title=title>{text}</time> }
}

/// A stretch of time in one unit, as a person says it: `41 s`, `32 min`, `5 h`, `3 days`.
pub fn stretch(seconds: i64) -> String {
    match seconds.max(0) {
        s @ 0..=119 => format!("{s} s"),
        s @ 120..=7199 => format!("{} min", s / 60),
        s @ 7200..=172_799 => format!("{} h", s / 3600),
        s => format!("{} days", s / 86_400),
    }
}
