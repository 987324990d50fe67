//! One thing's story, oldest first. A day is named once, before its first step.

use super::time::{Show, When};
use crate::model::{Step, StepKind};
use leptos::prelude::*;

#[component]
pub fn Timeline(steps: Vec<Step>) -> impl IntoView {
    let mut day = String::new();
    let mut items = Vec::new();
    for step in steps {
        if let Some(at) = step.at.filter(|at| at.date() != day) {
            items.push(view! { <li class="day"><span><When at=at show=Show::Day/><span data-zone>", UTC"</span></span></li> }.into_any());
            day = at.date();
        }
        items.push(item(step));
    }
    view! { <ol class="timeline">{items}</ol> }
}

fn item(step: Step) -> AnyView {
    let class = match step.kind {
        StepKind::Past => None,
        StepKind::Wait => Some("wait"),
        StepKind::Done => Some("done"),
        StepKind::Risk => Some("risk"),
        StepKind::Next => Some("next"),
    };
    let time = match step.at {
        Some(at) => view! { <When at=at show=Show::Clock/> }.into_any(),
        None => view! { <span></span> }.into_any(),
    };
    let what = if step.kind == StepKind::Next {
        step.what.into_any()
    } else {
        view! { <strong>{step.what}</strong> }.into_any()
    };
    let detail = (!step.detail.is_empty()).then(|| view! { <p>{step.detail}</p> });
    view! { <li class=class>{time}<div><p>{what}</p>{detail}</div></li> }.into_any()
}
