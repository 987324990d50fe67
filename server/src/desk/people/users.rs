//! Users, as an admin orders about them. A password that Coffer makes waits in the admin's own session for the one
//! page that shows it: it stands in no URL, no log, and in no other session.

use super::super::{PersonalDesk, error};
use super::{admins, sessions};
use crate::people::{self, ChangeUser, NewUser, What};
use app::desk::{Answer, AppError};
use app::model::{Role, UserChange, UserDetail, UserDraft, UserId, UserRow};

const NEW_PASSWORD: &str = "new_password";

pub async fn list(desk: &PersonalDesk) -> Answer<Vec<UserRow>> {
    desk.allowed(&admins("user.list", "all")).await?;
    people::users(&desk.shared.db, desk.shared.clock.now()).await.map_err(error::from_db)
}

pub async fn one(desk: &PersonalDesk, id: UserId) -> Answer<UserDetail> {
    desk.allowed(&admins("user.see", format!("user {id}"))).await?;
    let user = row(desk, id).await?;
    let sessions = sessions::list(desk, id).await?;
    Ok(UserDetail { own: desk.is_self(user.id), user, sessions })
}

async fn row(desk: &PersonalDesk, id: UserId) -> Answer<UserRow> {
    let mut read = desk.read().await?;
    let found = people::by_id(&mut read.tx(), id, desk.shared.clock.now()).await.map_err(error::from_db)?;
    found.ok_or(AppError::NotFound("user"))
}

pub async fn add(desk: &PersonalDesk, draft: &UserDraft) -> Answer<UserId> {
    let name = draft.name.trim();
    let order = admins("user.add", format!("{name}, {}", draft.role));
    let actor = desk.allowed(&order).await?;
    let role = checked_role(&draft.role)?;
    must_give(desk, &draft.password)?;
    let (password_hash, made) = hash(desk, &draft.password).await?;
    let user = NewUser { name: name.to_owned(), role, password_hash };
    let added = people::add_user(&desk.shared.db, user, desk.shared.clock.now(), &actor.name).await;
    match added.map_err(error::from_people) {
        Ok(id) => {
            keep(desk, id, made).await?;
            Ok(id)
        }
        Err(refusal) => {
            desk.log(&order, refusal.code()).await;
            Err(refusal)
        }
    }
}

fn checked_role(role: &str) -> Answer<Role> {
    role.trim().parse().map_err(|()| AppError::invalid("role", "Choose one of the roles."))
}

/// A password that Coffer makes waits in a session; a program has none.
fn must_give(desk: &PersonalDesk, password: &str) -> Answer<()> {
    if password.is_empty() && desk.person().is_err() {
        return Err(AppError::invalid("password", "Give a password."));
    }
    Ok(())
}

/// The hash of the password, and the password itself if it was made here.
async fn hash(desk: &PersonalDesk, typed: &str) -> Answer<(String, Option<String>)> {
    let made = typed.is_empty().then(people::generate);
    let hash = desk.shared.passwords.hash(made.as_deref().unwrap_or(typed)).await;
    Ok((hash.map_err(|problem| AppError::invalid("password", problem))?, made))
}

async fn keep(desk: &PersonalDesk, of: UserId, made: Option<String>) -> Answer<()> {
    match made {
        Some(password) => desk.seat()?.1.flash.put(NEW_PASSWORD, &format!("{of} {password}")).await,
        None => Ok(()),
    }
}

pub async fn new_password(desk: &PersonalDesk, of: UserId) -> Answer<Option<String>> {
    let flash = &desk.seat()?.1.flash;
    let Some(kept) = flash.take(NEW_PASSWORD).await? else { return Ok(None) };
    match kept.split_once(' ') {
        Some((id, password)) if id == of.to_string() => Ok(Some(password.to_owned())),
        // Somebody else's: it waits on for their page.
        _ => flash.put(NEW_PASSWORD, &kept).await.map(|()| None),
    }
}

pub async fn change_user(desk: &PersonalDesk, id: UserId, wanted: &UserChange) -> Answer<()> {
    let mut made = None;
    let what = async || {
        let mut what = Vec::new();
        if let Some(name) = &wanted.name {
            what.push(What::Name(people::checked_name(name).map_err(error::from_people)?));
        }
        if let Some(role) = &wanted.role {
            what.push(What::Role(checked_role(role)?));
        }
        if let Some(password) = &wanted.password {
            let password = new_password_of(desk, id, password).await?;
            what.push(What::Password { hash: password.0, keep: None });
            made = password.1;
        }
        what.extend(wanted.enabled.map(|enabled| if enabled { What::Enable } else { What::Disable }));
        Ok(what)
    };
    change(desk, id, "user.change", what).await?;
    keep(desk, id, made).await
}

pub async fn change_role(desk: &PersonalDesk, id: UserId, role: &str) -> Answer<()> {
    change(desk, id, "user.role", async || Ok(vec![What::Role(checked_role(role)?)])).await
}

pub async fn reset_password(desk: &PersonalDesk, id: UserId, password: &str) -> Answer<()> {
    let mut made = None;
    let what = async || {
        let password = new_password_of(desk, id, password).await?;
        made = password.1;
        Ok(vec![What::Password { hash: password.0, keep: None }])
    };
    change(desk, id, "user.password", what).await?;
    keep(desk, id, made).await
}

/// As `hash`, of a password for somebody else.
async fn new_password_of(desk: &PersonalDesk, id: UserId, typed: &str) -> Answer<(String, Option<String>)> {
    must_be_another(desk, id)?;
    must_give(desk, typed)?;
    hash(desk, typed).await
}

pub async fn disable(desk: &PersonalDesk, id: UserId) -> Answer<()> {
    change(desk, id, "user.disable", async || Ok(vec![What::Disable])).await
}

pub async fn enable(desk: &PersonalDesk, id: UserId) -> Answer<()> {
    change(desk, id, "user.enable", async || Ok(vec![What::Enable])).await
}

pub async fn drop_second_factor(desk: &PersonalDesk, id: UserId) -> Answer<()> {
    let what = async || must_be_another(desk, id).map(|()| vec![What::DropSecondFactor]);
    change(desk, id, "user.drop_second_factor", what).await
}

/// What guards oneself is changed on the profile, where the password is asked for: an unwatched browser must not do.
fn must_be_another(desk: &PersonalDesk, id: UserId) -> Answer<()> {
    if !desk.is_self(id) {
        return Ok(());
    }
    let message = "Your own password and second factor are changed on your profile.";
    Err(AppError::refused("own_profile", message))
}

/// The role is checked before anything else is.
async fn change(
    desk: &PersonalDesk,
    id: UserId,
    action: &'static str,
    what: impl AsyncFnOnce() -> Answer<Vec<What>>,
) -> Answer<()> {
    let order = admins(action, format!("user {id}"));
    let actor = desk.allowed(&order).await?.name.clone();
    let change = ChangeUser { id, what: what().await?, actor, now: desk.shared.clock.now() };
    desk.carry_out_on_people(&order, change).await
}
