//! The second page of signing in, for who has a second factor: the code. Without a right password just before there is
//! nothing here, and it leads back to the first page.

use super::sign_in::paused;
use super::{Query, Refused, link, local_path, redirect};
use crate::action::GiveCode;
use crate::island::LocalTime;
use crate::part::icon::Sprite;
use crate::part::{Asks, Hidden, Icon, SecretField, count};
use crate::sign_in::{Attempts, sign_in};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_axum::ResponseOptions;
use leptos_meta::Title;

pub fn page() -> AnyView {
    let (query, door) = (Query::asked(), sign_in());
    let response = use_context::<ResponseOptions>().unwrap_or_default();
    Suspend::new(async move {
        let next = local_path(query.get("next")).to_owned();
        let name = match &door {
            Ok(door) => door.half_in().await.ok().flatten(),
            Err(_) => None,
        };
        let Some(name) = name else {
            redirect(&response, &link("/sign-in", [("next", next.as_str())]));
            return ().into_any();
        };
        let attempts = match &door {
            Ok(door) if Refused::of(&query).is_some() => door.attempts(&name).await.ok(),
            _ => None,
        };
        view! {
            <Title text="Code · Coffer"/>
            <Sprite/>
            <main>
                <p class="brand"><Icon name="coffer"/>"Coffer"</p>
                <form class="sheet block" method="post" action=GiveCode::url()>
                    <h1>"Code"</h1>
                    {refusal(&query, attempts)}
                    <Hidden name="next" value=next.clone()/>
                    <div class="block"><SecretField name="code" label="Code of your app" asks=Asks::Code hint=format!("For {name}. Without the telephone, a recovery code.")/></div>
                    <button type="submit" class="primary">"Sign in"</button>
                </form>
                <p class="block"><small><a href=link("/sign-in", [("next", next.as_str())])>"Sign in as somebody else"</a></small></p>
                <p hidden><LocalTime/></p>
            </main>
        }
        .into_any()
    })
    .into_any()
}

fn refusal(query: &Query, attempts: Option<Attempts>) -> Option<AnyView> {
    let refused = Refused::of(query)?;
    let text = match attempts {
        Some(Attempts { paused_until: Some(until), .. }) => paused(until),
        _ if refused.code() == "wrong_password" => {
            "The password was changed meanwhile. Begin again.".into_any()
        }
        Some(Attempts { left, .. }) => {
            let left = count(left.into(), "try is", "tries are");
            format!("Not a code of this moment, or used before. {left} left, then a pause.").into_any()
        }
        None => "Not a code of this moment, or used before.".into_any(),
    };
    Some(view! { <div class="notice block" role="alert"><Icon name="note"/><p>{text}</p></div> }.into_any())
}
