//! Changing one's own password.

use super::{Content, Refused, Visit};
use crate::action::ChangePassword;
use crate::desk::Answer;
use crate::part::{Asks, SecretField};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

pub async fn show(visit: Visit) -> Answer<Content> {
    let refused = Refused::of(&visit.query);
    let code = refused.as_ref().map(|refused| refused.code().to_owned()).unwrap_or_default();
    let is = |wanted: &str, text: &str| (code == wanted).then(|| text.to_owned());
    let old = is("wrong_password", "This isn’t your password. Nothing was changed.");
    let new = is("bad_password", "A password has 8 to 1000 characters. Nothing was changed.");
    let again = is("passwords_differ", "This differs from the new password. Nothing was changed.");
    let above = refused.filter(|_| old.is_none() && new.is_none() && again.is_none());
    let body = view! {
        <div class="head"><div><h1>"Change your password"</h1><p>"All your other sessions end. This one goes on."</p></div></div>
        <div class="measure">
            {above.map(|refused| refused.view())}
            <form class="sheet" method="post" action=ChangePassword::url()>
                <input type="text" name="username" value=visit.frame.user.clone() autocomplete="username" hidden readonly/>
                <SecretField name="old" label="Password now" asks=Asks::Password error=old/>
                <SecretField name="new" label="New password" asks=Asks::NewPassword error=new hint="8 to 1000 characters."/>
                <SecretField name="again" label="New password once more" asks=Asks::NewPassword error=again/>
                <div class="acts"><button type="submit" class="primary">"Change password"</button><a class="button" href="/profile">"Back to your profile"</a></div>
            </form>
        </div>
    };
    Ok(Content::new("Change your password", body).within("/profile", "Your profile"))
}
