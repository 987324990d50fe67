//! Tokens of programs that use the JSON API: listed, made (the secret is shown once), revoked after a confirmation.

use super::{Content, Query, Refused, Visit, link};
use crate::action::{CreateToken, RevokeToken};
use crate::desk::{Answer, AppError};
use crate::flash::flash;
use crate::model::{Scope, Time, TokenRow};
use crate::part::icon::Icon;
use crate::part::{Field, Hidden, Nothing, Notice, Show, When};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use std::future::Future;

pub const PATH: &str = "/tokens";
/// Where the secret waits for the page after it was made.
pub const SECRET: &str = "token";

/// Takes the context of the request before the first await.
pub fn show(visit: Visit) -> impl Future<Output = Answer<Content>> + Send {
    let flash = flash();
    async move {
        let tokens = visit.desk.tokens().await?;
        let secret = flash?.take(SECRET).await?;
        let revoking = revoking(&visit.query, &tokens)?;
        let asked = revoking.is_some();
        let body = view! {
            <div class="head">
                <div><h1>"API tokens"</h1><p>"A program shows its token to use the "<a href="/api">"JSON API"</a>". Its scopes say what it may do."</p></div>
                {(!asked).then(|| view! { <div class="acts"><a class="button primary" href="#new">"New token"</a></div> })}
            </div>
            {Refused::of(&visit.query).map(|refused| refused.view())}
            {secret.map(shown_once)}
            {revoked(&visit.query)}
            {revoking.map(confirm)}
            {list(&tokens, visit.frame.now)}
            {(!asked).then(|| new_token(&visit.query))}
        };
        Ok(Content::new("API tokens", body))
    }
}

/// The token that is about to be revoked.
fn revoking<'a>(query: &Query, tokens: &'a [TokenRow]) -> Answer<Option<&'a TokenRow>> {
    let Some(asked) = query.some("revoke") else { return Ok(None) };
    let found = tokens.iter().find(|token| token.id.to_string() == asked);
    found.map(Some).ok_or(AppError::NotFound("token"))
}

fn shown_once(secret: String) -> AnyView {
    view! {
        <div role="status"><Notice tone="done" icon="done" title="The token’s secret, shown this once">
            <p><code class="whole">{secret}</code></p>
            <p>"Copy it now: Coffer keeps only its hash, and nobody can show it again. The program sends it as "<code>"Authorization: Bearer"</code>"."</p>
        </Notice></div>
    }
    .into_any()
}

fn revoked(query: &Query) -> Option<AnyView> {
    let name = query.some("revoked")?;
    let title = format!("{name} was revoked");
    Some(view! { <div role="status"><Notice icon="off" title=title><p>"Whoever shows it is refused from now on."</p></Notice></div> }.into_any())
}

fn confirm(token: &TokenRow) -> AnyView {
    let title = format!("Revoke {}?", token.name);
    let used = match token.last_used_at {
        Some(at) => {
            view! { "It was used last at "<When at=at show=Show::Full/><span data-zone>" UTC"</span>"." }
                .into_any()
        }
        None => view! { "It was never used." }.into_any(),
    };
    let button = format!("Revoke {}", token.name);
    view! {
        <form class="sheet measure block" method="post" action=RevokeToken::url() aria-labelledby="revoke">
            <h2 id="revoke">{title}</h2>
            <Hidden name="token" value=token.id.to_string()/>
            <p>"The program that uses it is refused at once. It can’t be taken back: the program would need a new token."</p>
            <p>{format!("Its scopes are {}. ", words(token))}{used}</p>
            <div class="acts block"><button type="submit" class="primary">{button}</button><a class="button" href=PATH>"Keep it"</a></div>
        </form>
    }
    .into_any()
}

fn words(token: &TokenRow) -> String {
    token.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", ")
}

fn list(tokens: &[TokenRow], now: Time) -> AnyView {
    if tokens.is_empty() {
        return view! { <Nothing title="No token."><p>"Programs can’t use the JSON API until one is made."</p></Nothing> }.into_any();
    }
    let rows = tokens.iter().map(|token| row(token, now)).collect_view();
    view! {
        <table class="rows">
            <caption class="only-read">"API tokens by name"</caption>
            <thead><tr>
                <th scope="col">"Name"</th><th scope="col">"Scopes"</th><th scope="col" class="n">"Last used"</th><th scope="col" class="n">"Expires"</th>
                <th scope="col" class="n wide">"Made"<span data-zone>" (UTC)"</span></th><th scope="col"><span class="only-read">"Act"</span></th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

/// What is special about it, below its name.
fn bounds(token: &TokenRow) -> Option<AnyView> {
    let mut said = Vec::new();
    if token.owner != token.name {
        said.push(format!("keys of {}", token.owner));
    }
    if !token.networks.is_empty() {
        said.push(format!("from {}", token.networks.join(", ")));
    }
    (!said.is_empty()).then(|| view! { <br/><small>{said.join("; ")}</small> }.into_any())
}

fn row(token: &TokenRow, now: Time) -> AnyView {
    let used = match token.last_used_at {
        Some(at) => view! { <When at=at show=Show::for_list(now, std::iter::once(at))/> }.into_any(),
        None => view! { <span class="soft">"never"</span> }.into_any(),
    };
    let expired = token.expires_at.is_some_and(|at| at <= now);
    let expires = match token.expires_at {
        Some(at) if expired => {
            view! { <span class="state"><Icon name="off"/>"expired "<When at=at show=Show::Day/></span> }
                .into_any()
        }
        Some(at) => view! { <When at=at show=Show::Day/> }.into_any(),
        None => view! { <span class="soft">"never"</span> }.into_any(),
    };
    let revoke = link(PATH, [("revoke", token.id.to_string().as_str())]);
    view! {
        <tr>
            <th scope="row" class="at-tl"><strong>{token.name.clone()}</strong>{bounds(token)}</th>
            <td class="at-row">{words(token)}</td>
            <td class="n at-bl" data-name="Last used">{used}</td>
            <td class="n at-br" data-name="Expires">{expires}</td>
            <td class="n at-none wide"><When at=token.created_at show=Show::Day/></td>
            <td class="n at-tr"><a class="button small" href=revoke>"Revoke"<span class="only-read">{format!(" {}", token.name)}</span></a></td>
        </tr>
    }
    .into_any()
}

/// What is wrong with a field, where the last try was refused for it.
fn beside(query: &Query, field: &str) -> Option<String> {
    let text = match (query.get("refused"), field) {
        ("bad_name", "name") => "Write a name of 1 to 255 printable characters.",
        ("token_exists", "name") => "There is a token of this name. Choose another.",
        ("bad_scopes", "scopes") => "Choose at least one scope.",
        ("bad_owner", "owner") => "Write a name of 1 to 255 printable characters, or nothing.",
        ("bad_networks", "networks") => {
            "Write networks such as 10.0.0.0/8 or 2001:db8::/32, at most 32, or nothing."
        }
        ("bad_days", "days") => "Write a whole number of days from 1 to 3650, or nothing.",
        _ => return None,
    };
    Some(text.into())
}

fn new_token(query: &Query) -> AnyView {
    let chosen: Vec<String> = query.get("scopes").split_whitespace().map(str::to_owned).collect();
    let scopes = Scope::ALL.iter().map(|scope| {
        let word = scope.as_str();
        let checked = chosen.iter().any(|chosen| chosen == word);
        let meaning = format!("scope-{word}");
        view! {
            <p><label><input type="checkbox" name=format!("scope_{word}") value="1" checked=checked aria-describedby=meaning.clone()/>{word}</label>
                " "<small id=meaning>{format!("{}.", scope.meaning())}</small></p>
        }
    });
    let problem = beside(query, "scopes");
    let described = problem.is_some().then_some("scopes-error");
    view! {
        <section class="measure" aria-labelledby="new">
            <h2 id="new">"New token"</h2>
            <form class="block" method="post" action=CreateToken::url()>
                <Field name="name" label="Name" value=query.get("name") hint="What it is for, such as shop. It is how the audit log calls the program."
                    error=beside(query, "name") required=true max_length=255/>
                <fieldset class="field" aria-describedby=described><legend>"Scopes"</legend>{scopes.collect_view()}
                    {problem.map(|text| view! { <p class="error" id="scopes-error"><Icon name="note"/>{text}</p> })}</fieldset>
                <Field name="networks" label="Networks" value=query.get("networks") hint="Where it may be used from, such as 10.0.0.0/8. Left empty: from anywhere."
                    error=beside(query, "networks")/>
                <Field name="owner" label="Owner of its keys" value=query.get("owner") hint="A token that replaces another takes that one’s name here, so that its idempotency keys go on. Left empty: its own name."
                    error=beside(query, "owner") max_length=255/>
                <Field name="days" label="Expires after" value=query.get("days") hint="Whole days. Left empty it never expires." error=beside(query, "days") unit="days"/>
                <div class="acts"><button type="submit" class="primary">"Create token"</button></div>
            </form>
        </section>
    }
    .into_any()
}
