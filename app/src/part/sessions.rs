//! A person's sessions: since when, where last seen, ended one by one.

use super::{Hidden, Show, When};
use crate::action::EndSession;
use crate::model::{SessionRow, Time, UserId};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// `of`: on the page of this user; `None` on one's own profile.
#[component]
pub fn Sessions(
    rows: Vec<SessionRow>,
    now: Time,
    #[prop(optional_no_strip)] of: Option<UserId>,
) -> impl IntoView {
    let show =
        Show::for_list(now, rows.iter().flat_map(|row| [Some(row.created_at), row.last_seen_at]).flatten());
    let rows = rows.iter().map(|row| session(row, show, of)).collect_view();
    view! {
        <table class="rows">
            <caption class="only-read">"Sessions, newest first"</caption>
            <thead><tr>
                <th scope="col">"From"</th><th scope="col">"Browser"</th><th scope="col" class="n">"Last seen"<span data-zone>" (UTC)"</span></th>
                <th scope="col" class="n">"Signed in"<span data-zone>" (UTC)"</span></th><th scope="col"><span class="only-read">"Act"</span></th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

fn session(row: &SessionRow, show: Show, of: Option<UserId>) -> AnyView {
    let seen = row.last_seen_at.map(|at| view! { <When at=at show=show/> });
    let act = if row.current {
        view! { <strong>"this session"</strong> }.into_any()
    } else {
        let named = format!(" session {}", row.id);
        view! {
            <form method="post" action=EndSession::url()><Hidden name="session" value=row.id.to_string()/>
                <Hidden name="user" value=of.map_or_else(String::new, |id| id.to_string())/>
                <button type="submit" class="small">"End"<span class="only-read">{named}</span></button></form>
        }
        .into_any()
    };
    view! {
        <tr>
            <th scope="row" class="at-tl">{from(row)}</th>
            <td class="at-row">{row.user_agent.as_deref().map_or_else(|| "It says nothing".into(), browser)}</td>
            <td class="n at-bl" data-name="seen">{seen}</td>
            <td class="n at-br" data-name="since"><When at=row.created_at show=show/></td>
            <td class="n at-tr">{act}</td>
        </tr>
    }
    .into_any()
}

fn from(row: &SessionRow) -> AnyView {
    match &row.remote_ip {
        Some(ip) if row.by_proxy => {
            view! { {ip.clone()}" "<span class="soft">"as the proxy says"</span> }.into_any()
        }
        Some(ip) => ip.clone().into_any(),
        None => view! { <span class="soft">"not known"</span> }.into_any(),
    }
}

/// "Firefox on Linux", as far as the browser says so; else what it says, as it says it.
fn browser(user_agent: &str) -> String {
    let first = |words: &[(&'static str, &'static str)]| {
        words.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    // In this order: each of them claims to be those that come after it.
    let name = first(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    match (name, system) {
        (Some(name), Some(system)) => format!("{name} on {system}"),
        _ => user_agent.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::browser;

    #[test]
    fn browsers_are_named_as_people_name_them() {
        for (says, name) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            ("curl/8.14.1", "curl/8.14.1"),
        ] {
            assert_eq!(browser(says), name);
        }
    }
}
