//! The door: user name and password. It tells how many tries are left, never which of the two was wrong.

use super::{Query, Refused, local_path};
use crate::action::SignInWith;
use crate::island::LocalTime;
use crate::model::Time;
use crate::part::icon::Sprite;
use crate::part::{Hidden, Icon, Show, When, count};
use crate::sign_in::{Attempts, Door, sign_in};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

pub fn page() -> AnyView {
    let query = Query::asked();
    let door = sign_in();
    Suspend::new(async move {
        let name = query.get("name").to_owned();
        let (facts, attempts) = match &door {
            Ok(door) if Refused::of(&query).is_some() => (door.door(), door.attempts(&name).await.ok()),
            Ok(door) => (door.door(), None),
            Err(_) => (Door::default(), None),
        };
        view! {
            <Title text="Sign in · Coffer"/>
            <Sprite/>
            <main>
                <p class="brand"><Icon name="coffer"/>"Coffer"</p>
                <form class="sheet block" method="post" action=SignInWith::url()>
                    <h1>"Sign in"</h1>
                    {refusal(&query, attempts)}
                    <Hidden name="next" value=local_path(query.get("next"))/>
                    <div class="field"><label for="name">"User name"</label>
                        <input type="text" id="name" name="name" value=name autocomplete="username" autocapitalize="none" spellcheck="false" required/></div>
                    <div class="field"><label for="password">"Password"</label>
                        <input type="password" id="password" name="password" autocomplete="current-password" required/></div>
                    <button type="submit" class="primary">"Sign in"</button>
                </form>
                {facts.simulated.then(|| view! { <p class="block"><span class="sim">"Simulated network"</span></p> })}
                {facts.demo.then(|| view! {
                    <p><small>"A demo. "<code>"coffer demo"</code>" printed the user name and password where it was started."</small></p>
                })}
                <p hidden><LocalTime/></p>
            </main>
        }
    })
    .into_any()
}

fn refusal(query: &Query, attempts: Option<Attempts>) -> Option<AnyView> {
    Refused::of(query)?;
    let text = match attempts {
        Some(Attempts { paused_until: Some(until), .. }) => paused(until),
        Some(Attempts { left, .. }) => {
            let left = count(left.into(), "try is", "tries are");
            format!("User name and password don’t fit together. {left} left, then a pause.").into_any()
        }
        None => "User name and password don’t fit together.".into_any(),
    };
    Some(view! { <div class="notice block" role="alert"><Icon name="note"/><p>{text}</p></div> }.into_any())
}

pub fn paused(until: Time) -> AnyView {
    view! { "Too many tries. The next one counts from "<When at=until show=Show::Clock/><span data-zone>" UTC"</span>" on." }.into_any()
}
