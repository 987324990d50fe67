//! People and programs that may use Coffer: users, their passwords, tokens, and the door they come in by.
//! Knows no HTTP. Start at `user.rs`; `door.rs` has the rules of signing in, `second_factor.rs` of its codes.

mod door;
mod password;
mod second_factor;
pub mod session;
mod token;
pub mod totp;
mod user;

pub use door::{Door, DoorError, Entered, TRIES};
pub use password::{Passwords, generate};
pub use second_factor::{ChangeSecondFactor, Order as SecondFactorOrder, recovery_codes};
pub use token::{
    NewToken, bearer, by_id as token_by_id, create as create_token, expiry as token_expiry, list as tokens,
    may_come_from, networks, revoke as revoke_token, scope_words, used as token_used,
};
pub use user::{
    ChangeUser, NewUser, PeopleError, What, add as add_user, by_id, checked_name, disable as disable_user,
    list as users, set_password,
};

/// Letters and digits that nobody takes for one another.
const PLAIN: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// Random text from the operating system's generator: secrets can't be replayed, so chance isn't an argument here.
fn random_text(length: usize) -> String {
    use rand::Rng;
    let mut chance = rand::rng();
    (0..length).map(|_| char::from(PLAIN[chance.random_range(0..PLAIN.len())])).collect()
}
