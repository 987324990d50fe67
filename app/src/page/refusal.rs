//! Why an order was refused, carried as a code in the URL. The sentences stand here, so that nobody can make a page
//! say something by a link.

use super::Query;
use crate::part::Notice;
use leptos::prelude::*;

fn sentence(code: &str) -> (&'static str, &'static str) {
    match code {
        "not_enough_account_balance" => {
            ("Not enough balance", "The account holds less than that by now. Nothing was debited.")
        }
        "bad_imported_address" => (
            "Not an address that can be imported",
            "Copy it again from where you got it. The hot wallet must have its key: import it there first. Nothing was changed.",
        ),
        "bad_address" | "bad_to_address" => (
            "Not an address of this coin",
            "Copy the address again from where you got it. Nothing was debited.",
        ),
        "bad_amount" => (
            "Not an amount",
            "Write it as plain digits with at most one point, more than zero. Nothing was debited.",
        ),
        "bad_name" => ("Not a name", "A name has 1 to 255 characters. Nothing was changed."),
        "bad_label" => ("Not a label", "A label has at most 255 characters. Nothing was changed."),
        "bad_reason" => ("A reason is missing", "Write why, in a few words. Nothing was changed."),
        "bad_account" => ("No account was chosen", "Choose one in the list. Nothing was booked."),
        "bad_coin" => ("No such coin", "Choose one of the coins in the list. Nothing was changed."),
        "bad_to_account" | "same_account" => (
            "Not an account that can receive this",
            "Choose another account of the same wallet. Nothing was debited.",
        ),
        "bad_blocks" => {
            ("Not a number of blocks", "Write a whole number from 1 to 1000. No block was mined.")
        }
        "typed_differs" => (
            "The typed amount differs",
            "What was typed to confirm isn’t the amount of this send. Nothing was debited.",
        ),
        "number_differs" => (
            "The typed number differs",
            "What was typed to confirm isn’t this broadcast’s number. Nothing was changed, nothing was sent.",
        ),
        "evidence_forbids" => (
            "The evidence forbids it",
            "It has changed meanwhile: this page shows how it stands. Nothing was changed, nothing was sent.",
        ),
        "bad_txid" => ("Not a txid", "A txid has 64 characters, digits and a to f. Nothing was changed."),
        "txid_unknown" => (
            "The backend doesn’t know this txid",
            "Nothing was closed. If you know that it was sent, say why beneath the txid.",
        ),
        "txid_differs" => (
            "This network transaction pays something else",
            "It doesn’t pay all outputs of this broadcast. Nothing was closed. If you know that it was sent, say why beneath the txid.",
        ),
        "txid_taken" => (
            "Another broadcast has this txid",
            "One network transaction can’t close two broadcasts. Nothing was closed.",
        ),
        "txid_unchecked" => (
            "The txid couldn’t be checked",
            "The backend doesn’t answer. Nothing was closed. Try again later, or say beneath the txid why you know that it was sent.",
        ),
        "not_confirmed" => ("Not confirmed", "Confirm it by the box above the button. Nothing was changed."),
        "below_minimum" => {
            ("Below the smallest amount", "The network wouldn’t carry so little. Nothing was debited.")
        }
        "different_wallet" => {
            ("Not an account of this wallet", "A transfer stays within one wallet. Nothing was debited.")
        }
        "account_barred" => (
            "Debits of this account are barred",
            "A deposit of it was reversed after the money was used. Nothing was debited.",
        ),
        "network_fees_reserved" => (
            "“Network fees” is reserved",
            "It has no addresses, sends nothing and is made by itself. Nothing was changed.",
        ),
        "wrong_state" => (
            "Its state doesn’t allow that any more",
            "It has moved on meanwhile: this page shows how it stands. Nothing was changed.",
        ),
        "idempotency_mismatch" | "idempotency_key_required" => (
            "That form can’t be used",
            "It was used before for something else, or made for somebody else. This one is new. Nothing was debited by what you sent.",
        ),
        "address_exists" => ("An address of ours already", "It receives already. Nothing was changed."),
        "bad_days" => ("Not a number of days", "Write 1 to 3650 days, or nothing. No token was made."),
        "bad_scopes" => {
            ("No scope was chosen", "A token that may do nothing is of no use. No token was made.")
        }
        "token_exists" => ("The name is taken", "There is a token of this name. No token was made."),
        "bad_how" | "bad_call" | "bad_times" => {
            ("Not a failure to order", "Choose a call and a way from the lists, and a whole number of times.")
        }
        "conflict_unresolved" => (
            "Too much happened at once",
            "Others kept changing the same balances. Nothing was changed; try again.",
        ),
        "backend_unavailable" => (
            "The backend doesn’t answer",
            "Nothing was changed. Coffer keeps trying to reach it; try again later.",
        ),
        "database_unavailable" => {
            ("The database doesn’t answer", "Nothing was changed; try again in a while.")
        }
        "forbidden" => {
            ("Your role may not do this", "It needs the role operator or admin. Nothing was changed.")
        }
        "not_found" => ("It isn’t there", "What this form was about can’t be found. Nothing was changed."),
        "wrong_password" => ("User name and password don’t fit together", "Check both and try again."),
        "too_many_attempts" => ("Too many tries", "Wait until the pause is over, then try again."),
        "wrong_code" => (
            "The code is wrong",
            "A code lasts for half a minute and works once. Take the one that the app shows now, or wait for the next.",
        ),
        "passwords_differ" => {
            ("The new password was typed in two ways", "Type it twice the same. Nothing was changed.")
        }
        "bad_password" => ("Not a password", "A password has 8 to 1000 characters. Nothing was changed."),
        "bad_role" => ("No such role", "Choose one of the roles in the list. Nothing was changed."),
        "name_taken" => (
            "There is a user of this name",
            "Names are unique, and users are never deleted. Nothing was changed.",
        ),
        "last_admin" => (
            "This is the last enabled admin",
            "Without one nobody could let anybody in. Make another admin first. Nothing was changed.",
        ),
        "own_profile" => (
            "That is you",
            "Your own password and second factor are changed on your profile. Nothing was changed.",
        ),
        "second_factor_on" => ("The second factor is on already", "Turn it off first to set up another app."),
        "second_factor_off" => ("The second factor is off", "Turn it on first. Nothing was changed."),
        "second_factor_not_offered" => {
            ("Nothing waits to be turned on", "Begin again: a new secret is made. Nothing was changed.")
        }
        "step_up_needed" => {
            ("Who sits there?", "This order asks for your password or a code once more. Nothing was debited.")
        }
        "handler_gone" => (
            "This handler is gone",
            "The configuration doesn’t name it any more, so that nobody would deliver. Nothing was changed.",
        ),
        "bad_sequence" => ("Not the number of an event", "Write a whole number. Nothing was redelivered."),
        "internal" => (
            "Something went wrong in Coffer",
            "Look at Transactions before you repeat it. The same form, sent twice, acts once.",
        ),
        _ => ("It was refused", "Nothing was changed."),
    }
}

/// What the last order was refused for, if this page comes after a refusal.
#[derive(Clone, Debug)]
pub struct Refused {
    code: String,
    incident: String,
}

impl Refused {
    pub fn of(query: &Query) -> Option<Self> {
        let code = query.some("refused")?;
        let incident = query.get("incident").chars().filter(char::is_ascii_alphanumeric).take(40).collect();
        Some(Self { code, incident })
    }

    pub fn code(&self) -> &str {
        &self.code
    }

    /// What stands beneath this field, where it was refused for it. Its form has what was typed.
    pub fn of_field(query: &Query, field: &str) -> Option<String> {
        let code = query.get("refused").strip_prefix("bad_")?;
        (code == field).then(|| sentence(&format!("bad_{code}")).1.to_owned())
    }

    pub fn view(&self) -> AnyView {
        let (title, text) = sentence(&self.code);
        let incident = (self.code == "internal" && !self.incident.is_empty())
            .then(|| view! { <p>"Incident " <code>{self.incident.clone()}</code> ": the log has it under the same id."</p> });
        view! { <div role="alert"><Notice icon="note" title=title><p>{text}</p>{incident}</Notice></div> }
            .into_any()
    }
}
