//! A transfer before it is ordered: what a person typed, and what it would do. Pure; the books check all of it again.

use super::{AccountRow, Amount, FieldError};

/// What a person typed into the transfer form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TransferDraft {
    /// The receiving account's id.
    pub to_account: String,
    pub amount: String,
    pub label: String,
}

/// A transfer that would be accepted now. Nothing is debited yet.
#[derive(Clone, Debug, PartialEq)]
pub struct TransferReview {
    pub from: AccountRow,
    pub to: AccountRow,
    pub amount: Amount,
    pub balance_after: Amount,
    pub to_balance_after: Amount,
    pub label: String,
}

impl TransferReview {
    /// `to`: the account that the draft names, where it is known. Faults come in the order of the form.
    pub fn new(
        from: AccountRow,
        to: Option<AccountRow>,
        draft: &TransferDraft,
    ) -> Result<Self, Vec<FieldError>> {
        let mut faults = Vec::new();
        let mut fault = |field, message: String| faults.push(FieldError { field, message });
        match &to {
            None => fault("to_account", "Choose the account that receives.".into()),
            Some(to) if to.id == from.id => {
                fault("to_account", "It is the same account. Choose another.".into());
            }
            Some(to) if to.wallet != from.wallet => {
                fault("to_account", "It is in another wallet. Choose one of this wallet.".into());
            }
            Some(_) => {}
        }
        let amount = match Amount::parse(from.coin, &draft.amount) {
            Ok(amount) => Some(amount),
            Err(error) => {
                fault("amount", error.to_string());
                None
            }
        };
        if let Some(amount) = amount.filter(|amount| amount.units > from.balance.units) {
            let coin = from.coin;
            let short =
                amount.subtract(from.balance).map_or_else(|_| amount.to_string(), |short| short.to_string());
            fault("amount", format!("The account holds {} {coin}: {short} {coin} too little.", from.balance));
        }
        if draft.label.chars().count() > 255 {
            fault("label", "A label has at most 255 characters.".into());
        }
        let (Some(to), Some(amount), true) = (to, amount, faults.is_empty()) else { return Err(faults) };
        let sum = from.balance.subtract(amount).and_then(|left| Ok((left, to.balance.add(amount)?)));
        let (balance_after, to_balance_after) =
            sum.map_err(|error| vec![FieldError { field: "amount", message: error.to_string() }])?;
        Ok(Self { from, to, amount, balance_after, to_balance_after, label: draft.label.trim().into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AccountId, Coin, Time, WalletId};

    fn account(id: i64, wallet: i64, units: i64) -> AccountRow {
        let coin = Coin::new("btc", 8).unwrap();
        let zero = Amount::zero(coin);
        AccountRow {
            id: AccountId(id),
            wallet: WalletId(wallet),
            wallet_name: "merchants".into(),
            coin,
            name: format!("account {id}"),
            balance: Amount::new(coin, units),
            unconfirmed: zero,
            pending: zero,
            network_fees: false,
            barred_at: None,
            created_at: Time(0),
            updated_at: Time(0),
        }
    }

    fn draft(amount: &str) -> TransferDraft {
        TransferDraft { to_account: "2".into(), amount: amount.into(), label: String::new() }
    }

    #[test]
    fn transfer_to_same_account_is_refused() {
        let faults = TransferReview::new(account(1, 1, 100), Some(account(1, 1, 100)), &draft("0.0000001"))
            .unwrap_err();
        assert_eq!(faults[0].field, "to_account");
    }

    #[test]
    fn transfer_to_another_wallet_is_refused() {
        let faults =
            TransferReview::new(account(1, 1, 100), Some(account(2, 9, 0)), &draft("0.0000001")).unwrap_err();
        assert_eq!(faults[0].field, "to_account");
    }

    #[test]
    fn transfer_of_more_than_the_balance_says_how_much_is_missing() {
        let faults = TransferReview::new(account(1, 1, 100), Some(account(2, 1, 0)), &draft("0.00000150"))
            .unwrap_err();
        assert_eq!(faults[0].message, "The account holds 0.00000100 btc: 0.00000050 btc too little.");
    }

    #[test]
    fn review_says_both_balances_after() {
        let review =
            TransferReview::new(account(1, 1, 100), Some(account(2, 1, 5)), &draft("0.0000004")).unwrap();
        assert_eq!((review.balance_after.units, review.to_balance_after.units), (60, 45));
    }
}
