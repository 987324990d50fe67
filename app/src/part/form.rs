//! Pieces of forms: a field with its hint and its error, the hidden key, and what stands above a refused form.

use super::icon::Icon;
use crate::model::FieldError;
use leptos::prelude::*;

/// One labelled text field. The error stands under it, joined by `aria-describedby`; of several faulty fields a browser
/// goes to the first.
#[component]
pub fn Field(
    /// Name in the form and id in the page.
    name: &'static str,
    label: &'static str,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional_no_strip)] error: Option<String>,
    /// Stands behind the field: the coin.
    #[prop(optional, into)]
    unit: Option<String>,
    #[prop(optional)] amount: bool,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] placeholder: Option<String>,
    #[prop(optional)] max_length: Option<u32>,
) -> impl IntoView {
    let hint_id = (!hint.is_empty()).then(|| format!("{name}-hint"));
    let error_id = error.is_some().then(|| format!("{name}-error"));
    let described = [hint_id.clone(), error_id.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let input = view! {
        <input type="text" id=name name=name value=value inputmode=amount.then_some("decimal") autocomplete="off" spellcheck="false"
            required=required maxlength=max_length.map(|n| n.to_string()) placeholder=placeholder
            autofocus=error.is_some() aria-invalid=error.is_some().then_some("true") aria-describedby=(!described.is_empty()).then_some(described)/>
    };
    let input = match unit {
        Some(unit) => view! { <div class="with">{input}<span>{unit}</span></div> }.into_any(),
        None => input.into_any(),
    };
    view! {
        <div class="field">
            <label for=name>{label}</label>
            {hint_id.map(|id| view! { <p class="hint" id=id>{hint}</p> })}
            {input}
            {error.map(|error| view! { <p class="error" id=error_id><Icon name="note"/>{error}</p> })}
        </div>
    }
}

/// So that the same form, sent twice, acts once.
#[component]
pub fn Key(#[prop(into)] key: String) -> impl IntoView {
    view! { <input type="hidden" name="idempotency_key" value=key/> }
}

#[component]
pub fn Hidden(name: &'static str, #[prop(into)] value: String) -> impl IntoView {
    view! { <input type="hidden" name=name value=value/> }
}

/// Above a form that was refused for its fields.
#[component]
pub fn NotAccepted(faults: usize) -> impl IntoView {
    let fields = if faults == 1 { "1 field".to_owned() } else { format!("{faults} fields") };
    view! {
        <div class="notice" role="alert">
            <Icon name="note"/>
            <div><h2>{format!("Not accepted yet: {fields}")}</h2><p>"Nothing was debited. What you typed is still here."</p></div>
        </div>
    }
}

/// What is wrong with the field of this name.
pub fn fault(faults: &[FieldError], name: &str) -> Option<String> {
    faults.iter().find(|fault| fault.field == name).map(|fault| fault.message.clone())
}
