//! Proving once more who sits there, before an order that moves money. It orders nothing: it leads back to the form or
//! review that was refused, filled in as it was.

use super::{Content, Refused, Visit, local_path};
use crate::action::StepUp;
use crate::desk::Answer;
use crate::part::{Asks, Hidden, SecretField, count};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

pub async fn show(visit: Visit) -> Answer<Content> {
    let by_code = visit.desk.proves_by_code().await?;
    let next = local_path(visit.query.get("next")).to_owned();
    let refused = Refused::of(&visit.query);
    let wrong =
        refused.as_ref().is_some_and(|refused| ["wrong_password", "wrong_code"].contains(&refused.code()));
    let error = wrong.then(|| {
        let text = if by_code {
            "Not a code of this moment, or used before."
        } else {
            "This isn’t your password."
        };
        text.to_owned()
    });
    let minutes = visit.desk.step_up_minutes();
    let lasts =
        minutes.map(|minutes| format!(" It then counts for {}.", count(minutes, "minute", "minutes")));
    let field = if by_code {
        view! { <SecretField name="typed" label="Code" asks=Asks::Code error=error hint="Of your app, or a recovery code."/> }.into_any()
    } else {
        view! { <SecretField name="typed" label="Password" asks=Asks::Password error=error/> }.into_any()
    };
    let body = view! {
        <div class="head"><div><h1>"Say once more who you are"</h1>
            <p>"Orders that move money ask for it."{lasts}</p></div></div>
        <div class="measure">
            {refused.filter(|_| !wrong).map(|refused| refused.view())}
            <form class="sheet" method="post" action=StepUp::url()>
                <Hidden name="next" value=next.clone()/>
                <p>"Nothing was done yet. The next page is the form that you came from, as you filled it in; nothing is sent before you press its button again."</p>
                <div class="block">{field}</div>
                <div class="acts"><button type="submit" class="primary">"Confirm it is me"</button><a class="button" href=next.clone()>"Back"</a></div>
            </form>
        </div>
    };
    Ok(Content::new("Say once more who you are", body))
}
