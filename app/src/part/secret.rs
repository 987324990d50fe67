//! Fields for what nobody may look at over a shoulder or find in a URL: passwords and codes. They start empty, also
//! after a refusal.

use super::icon::Icon;
use leptos::prelude::*;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// The one that is now.
    Password,
    /// One that is to be.
    NewPassword,
    /// Of the app, or a recovery code.
    Code,
}

#[component]
pub fn SecretField(
    name: &'static str,
    #[prop(into)] label: String,
    asks: Asks,
    #[prop(optional, into)] hint: String,
    #[prop(optional_no_strip)] error: Option<String>,
    #[prop(default = true)] required: bool,
    /// Where another form of the page asks for the same.
    #[prop(optional)]
    id: Option<&'static str>,
) -> impl IntoView {
    let id = id.unwrap_or(name);
    let hint_id = (!hint.is_empty()).then(|| format!("{id}-hint"));
    let error_id = error.is_some().then(|| format!("{id}-error"));
    let described = [hint_id.clone(), error_id.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let (kind, complete, class) = match asks {
        Asks::Password => ("password", "current-password", None),
        Asks::NewPassword => ("password", "new-password", None),
        // A code is of no use a minute later, and typed better where it can be seen.
        Asks::Code => ("text", "one-time-code", Some("short")),
    };
    view! {
        <div class="field">
            <label for=id>{label}</label>
            {hint_id.map(|id| view! { <p class="hint" id=id>{hint}</p> })}
            <input type=kind id=id name=name class=class autocomplete=complete autocapitalize="none" spellcheck="false" maxlength="1000" required=required
                aria-invalid=error.is_some().then_some("true") aria-describedby=(!described.is_empty()).then_some(described)/>
            {error.map(|error| view! { <p class="error" id=error_id><Icon name="note"/><span role="alert">{error}</span></p> })}
        </div>
    }
}
