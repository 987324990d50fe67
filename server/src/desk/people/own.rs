//! One's own password and second factor. Each change asks for the password, so that an unwatched browser is no way to
//! take somebody's account over; the session then goes on under a new id.

use super::super::{PersonalDesk, error};
use super::{own, sessions};
use crate::db::query;
use crate::people::{self, ChangeSecondFactor, ChangeUser, SecondFactorOrder, What, totp};
use app::desk::{Answer, AppError};
use app::model::{OfferedFactor, Profile, UserRow};

/// The secret that waits for its first code, in base 16.
const OFFERED: &str = "offered_secret";
const NEW_CODES: &str = "new_recovery_codes";

pub async fn row(desk: &PersonalDesk) -> Answer<UserRow> {
    let id = desk.person()?.0;
    let mut read = desk.read().await?;
    let found = people::by_id(&mut read.tx(), id, desk.shared.clock.now()).await.map_err(error::from_db)?;
    found.ok_or(AppError::Unauthorized)
}

pub async fn profile(desk: &PersonalDesk) -> Answer<Profile> {
    let user = row(desk).await?;
    let sessions = sessions::list(desk, user.id).await?;
    let sql = r#"SELECT CAST(COUNT(*) AS BIGINT) FROM recovery_code WHERE "user" = $1 AND used_at IS NULL"#;
    let left = query(sql).bind(user.id).one::<(i64,)>(&mut desk.read().await?.tx()).await;
    Ok(Profile { user, sessions, recovery_codes_left: left.map_err(error::from_db)?.0 })
}

pub async fn change_password(desk: &PersonalDesk, old: &str, new: &str) -> Answer<()> {
    let (user, seat) = desk.seat()?;
    let actor = desk.actor()?;
    // A new password that can't be is told before a try is counted.
    let hash =
        seat.door.passwords.hash(new).await.map_err(|problem| AppError::invalid("password", problem))?;
    desk.ask_password(old, "user.password").await?;
    let change = ChangeUser {
        id: user,
        what: vec![What::Password { hash, keep: Some(seat.session.id()) }],
        actor: actor.name.clone(),
        now: desk.shared.clock.now(),
    };
    desk.carry_out_on_people(&own(actor, "user.password"), change).await?;
    seat.session.prove(desk.shared.clock.now()).await
}

pub async fn offer(desk: &PersonalDesk, password: &str) -> Answer<()> {
    let seat = desk.seat()?.1;
    desk.ask_password(password, "second_factor.turn_on").await?;
    if row(desk).await?.second_factor_since.is_some() {
        return Err(error::from_people(people::PeopleError::SecondFactorOn));
    }
    seat.session.prove(desk.shared.clock.now()).await?;
    seat.session.keep(OFFERED, &hex::encode(totp::new_secret())).await
}

async fn offered_secret(desk: &PersonalDesk) -> Answer<Option<Vec<u8>>> {
    let kept = desk.seat()?.1.session.kept(OFFERED).await?;
    Ok(kept.and_then(|kept| hex::decode(kept).ok()))
}

pub async fn offered(desk: &PersonalDesk) -> Answer<Option<OfferedFactor>> {
    let Some(secret) = offered_secret(desk).await? else { return Ok(None) };
    let host = desk.shared.settings.web.public_url.as_ref().and_then(|url| url.host_str());
    let issuer = host.map_or_else(|| "Coffer".to_owned(), |host| format!("Coffer {host}"));
    let uri = totp::uri(&secret, &issuer, &desk.actor()?.name);
    Ok(Some(OfferedFactor { secret: totp::base32(&secret), uri }))
}

/// A wrong code counts for nothing here: whoever types it was just shown the secret.
pub async fn turn_on(desk: &PersonalDesk, code: &str) -> Answer<()> {
    let seat = desk.seat()?.1;
    let now = desk.shared.clock.now();
    let Some(secret) = offered_secret(desk).await? else {
        let message = "Nothing waits to be turned on. Begin again.";
        return Err(AppError::refused("second_factor_not_offered", message));
    };
    let Some(step) = totp::matching_step(&secret, code, now, None) else {
        let refusal = error::from_door(people::DoorError::WrongCode);
        desk.log(&own(desk.actor()?, "second_factor.turn_on"), refusal.code()).await;
        return Err(refusal);
    };
    let recovery_codes = people::recovery_codes();
    let shown = recovery_codes.join(" ");
    let change = SecondFactorOrder::TurnOn { secret, step, recovery_codes };
    carry_out(desk, "second_factor.turn_on", change).await?;
    seat.session.prove(now).await?;
    seat.session.forget(OFFERED).await?;
    seat.flash.put(NEW_CODES, &shown).await
}

pub async fn turn_off(desk: &PersonalDesk, password: &str) -> Answer<()> {
    let seat = desk.seat()?.1;
    desk.ask_password(password, "second_factor.turn_off").await?;
    carry_out(desk, "second_factor.turn_off", SecondFactorOrder::TurnOff).await?;
    seat.session.prove(desk.shared.clock.now()).await
}

pub async fn renew_codes(desk: &PersonalDesk, password: &str) -> Answer<()> {
    let seat = desk.seat()?.1;
    desk.ask_password(password, "second_factor.renew_codes").await?;
    let recovery_codes = people::recovery_codes();
    let shown = recovery_codes.join(" ");
    let change = SecondFactorOrder::RenewCodes { recovery_codes };
    carry_out(desk, "second_factor.renew_codes", change).await?;
    seat.session.prove(desk.shared.clock.now()).await?;
    seat.flash.put(NEW_CODES, &shown).await
}

pub async fn new_codes(desk: &PersonalDesk) -> Answer<Option<Vec<String>>> {
    let kept = desk.seat()?.1.flash.take(NEW_CODES).await?;
    Ok(kept.map(|kept| kept.split(' ').map(str::to_owned).collect()))
}

async fn carry_out(desk: &PersonalDesk, action: &'static str, order: SecondFactorOrder) -> Answer<()> {
    let actor = desk.actor()?;
    let now = desk.shared.clock.now();
    let change = ChangeSecondFactor { user: desk.person()?.0, actor: actor.name.clone(), order, now };
    desk.carry_out_on_people(&own(actor, action), change).await
}

/// Nothing but the proof: whatever asked for it is ordered anew by its own form.
pub async fn step_up(desk: &PersonalDesk, typed: &str) -> Answer<()> {
    let (user, seat) = desk.seat()?;
    seat.door.prove(user, typed, "step_up").await.map_err(error::from_door)?;
    seat.session.prove(desk.shared.clock.now()).await
}
