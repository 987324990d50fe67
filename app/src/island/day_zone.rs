//! The zone of a filter's days: a hidden field that tells the server, and the word beside the days that tells the person.
//! A filter that names days keeps its zone; else the days to be typed are those of the viewer's zone.

use leptos::prelude::*;

/// `zone`: as the URL has it, empty for UTC. `dated`: the URL names days.
#[island]
pub fn DayZone(zone: String, dated: bool) -> impl IntoView {
    let zone = RwSignal::new(zone);
    Effect::new(move |_| {
        if !dated && let Some(found) = super::local_time::zone_name() {
            zone.set(found);
        }
    });
    let word = move || {
        let zone = zone.get();
        if zone.is_empty() { "(UTC)".to_owned() } else { format!("({zone})") }
    };
    view! { <span>{word}</span><input type="hidden" name="zone" prop:value=zone value=zone.get_untracked()/> }
}
