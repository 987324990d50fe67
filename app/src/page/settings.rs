//! The settings as this process has read them. Secrets are said to be set, and nothing of them is told.

use super::{Content, Visit};
use crate::desk::Answer;
use crate::model::{LoadedSettings, Setting, SettingSection, SettingValue};
use crate::part::{Notice, Show, When};
use leptos::prelude::*;

pub async fn show(visit: Visit) -> Answer<Content> {
    let settings = visit.desk.settings().await?;
    let body = view! {
        <div class="head"><div><h1>"Settings"</h1>
            <p>"As this process read them when it started. They are changed in the file; a restart reads it again."</p></div></div>
        {(!settings.migrated).then(|| view! {
            <Notice tone="wait" icon="wait" title="The schema isn’t up to date"><p>"Run "<code>"coffer initialize-database"</code>"."</p></Notice>
        })}
        {about(&settings, &visit)}
        {table(&settings.sections)}
    };
    Ok(Content::new("Settings", body))
}

fn about(settings: &LoadedSettings, visit: &Visit) -> AnyView {
    let file = match &settings.file {
        Some(file) => view! { <code>{file.clone()}</code> }.into_any(),
        None => view! { "none: a demo brings its own settings" }.into_any(),
    };
    let schema = if settings.migrated { "up to date" } else { "not up to date" };
    let line = |name: &'static str, value: AnyView| view! { <tr><th scope="row" class="at-tl">{name}</th><td class="at-row">{value}</td></tr> };
    view! {
        <table class="rows">
            <caption class="only-read">"This Coffer"</caption>
            <thead class="only-read"><tr><th scope="col">"What"</th><th scope="col">"Value"</th></tr></thead>
            <tbody>
                {line("Version", settings.version.into_any())}
                {line("Database", settings.database.into_any())}
                {line("Schema", schema.into_any())}
                {line("Read from", file)}
                {line("Time here", view! { <When at=visit.frame.now show=Show::Full/><span data-zone>" UTC"</span> }.into_any())}
            </tbody>
        </table>
    }
    .into_any()
}

/// One table for all, so that values stand under each other.
fn table(sections: &[SettingSection]) -> AnyView {
    let bodies = sections.iter().map(|section| {
        let rows = section.settings.iter().map(row).collect_view();
        view! { <tbody><tr><th scope="rowgroup" colspan="3" class="at-row"><strong>{section.path.clone()}</strong></th></tr>{rows}</tbody> }
    });
    view! {
        <section aria-labelledby="keys">
            <h2 id="keys">"Keys"</h2>
            <table class="rows">
                <caption class="only-read">"Settings by section"</caption>
                <thead><tr><th scope="col">"Key"</th><th scope="col">"Value"</th><th scope="col">"From"</th></tr></thead>
                {bodies.collect_view()}
            </table>
        </section>
    }
    .into_any()
}

fn row(setting: &Setting) -> AnyView {
    let value = match &setting.value {
        SettingValue::Text(text) => view! { <code class="whole">{text.clone()}</code> }.into_any(),
        SettingValue::Hidden => view! { "set, hidden" }.into_any(),
        SettingValue::NotSet => view! { <span class="soft">"not set"</span> }.into_any(),
    };
    let from = if setting.set {
        view! { "file" }.into_any()
    } else {
        view! { <span class="soft">"default"</span> }.into_any()
    };
    view! {
        <tr>
            <th scope="row" class="at-tl"><code>{setting.key}</code></th>
            <td class="at-row">{value}</td>
            <td class="at-tr fit">{from}</td>
        </tr>
    }
    .into_any()
}
