//! What a person may order about a broadcast now, what each order does to balances and network in numbers, and why it
//! is refused. The guards themselves are the ledger's: this only words them.

use super::PersonalDesk;
use crate::coins::CoinService;
use crate::db::Tx;
use crate::ledger::LedgerError;
use crate::ledger::vetting::Facts;
use app::desk::Answer;
use app::model::{
    Act, Amount, BroadcastRow, NetworkTransactionState as State, Offer, TransactionRow, TransactionState,
    Verdict, Vetting,
};
use std::collections::BTreeMap;

/// Accounts named one by one in a preview; more are summed.
const NAMED_MAX: usize = 8;

pub async fn all(
    tx: &mut Tx<'_>,
    desk: &PersonalDesk,
    row: &BroadcastRow,
    transactions: &[TransactionRow],
    vetting: &Vetting,
) -> Answer<Vec<Offer>> {
    // A coin that left the configuration has no backend to act by.
    let Some(service) = desk.shared.coins.of(row.coin) else { return Ok(Vec::new()) };
    let facts = Facts::load(tx, row.id).await.map_err(super::error::from_ledger)?;
    let (can_replace, now) = (service.backend.can_replace(), desk.shared.clock.now());
    let preview = Preview { service, row, transactions, vetting };
    // Where nobody waits for a decision, what can't be ordered is no news.
    let waits = matches!(row.state, State::Broken | State::Conflicted)
        || (row.state == State::Collected && vetting.one_shot);
    let mut offers = Vec::new();
    for act in Act::ALL {
        let refused = match facts.may(*act, can_replace, service.spec.max_confirmation_count, now) {
            Ok(()) => None,
            // Not of this state: it isn't mentioned at all.
            Err(LedgerError::WrongState { .. } | LedgerError::CantReplace) => continue,
            Err(_) if !waits => continue,
            Err(refusal) => Some(preview.refusal(*act, &refusal)),
        };
        offers.push(Offer { act: *act, does: preview.does(*act), danger: preview.danger(*act), refused });
    }
    Ok(offers)
}

struct Preview<'a> {
    service: &'a CoinService,
    row: &'a BroadcastRow,
    transactions: &'a [TransactionRow],
    vetting: &'a Vetting,
}

impl Preview<'_> {
    fn does(&self, act: Act) -> Vec<String> {
        let amount = format!("{} {}", self.row.amount, self.row.coin);
        let carried = self.carried();
        match act {
            Act::Close => vec![
                format!("{carried} broadcasted. The fee is charged to Network fees."),
                "Nothing is sent. If it was not sent before, it never arrives.".into(),
            ],
            Act::Reopen => vec![
                format!("{amount} is sent again by the next pass of the broadcast job."),
                "The evidence is gathered again first; if it then says found, nothing is sent.".into(),
            ],
            Act::Cancel if !self.handed_over() => {
                let mut does = vec!["Nothing is sent; nothing has left.".into()];
                if !self.vetting.versions.is_empty() {
                    does.push("Its signed bytes are erased and its inputs are free again.".into());
                }
                does.extend(self.returns());
                does
            }
            Act::Cancel if self.vetting.one_shot => self.returns(),
            Act::Cancel => {
                let mut does = vec![
                    "A version that pays nobody is signed and sent: it takes the anchor back to us, for a higher fee.".into(),
                    format!(
                        "The money returns when that version has {} confirmations:",
                        self.service.spec.confirmation_count
                    ),
                ];
                does.extend(self.returns());
                does.push("If the payment confirms first, the payment stands.".into());
                does
            }
            Act::Bump => self.bump(),
            Act::Fail => {
                let mut does = vec![format!("{carried} failed. Nothing is sent.")];
                does.extend(self.returns());
                does
            }
            Act::Renew => vec![
                format!("{carried} pending again, and join a new broadcast."),
                format!("{amount} is sent by it; the accounts stay debited."),
            ],
        }
    }

    /// What is lost if the person errs.
    fn danger(&self, act: Act) -> Option<String> {
        let amount = format!("{} {}", self.row.amount, self.row.coin);
        match act {
            Act::Reopen => {
                Some(format!("If the first attempt did reach the network, {amount} is paid twice."))
            }
            Act::Cancel if self.vetting.one_shot && self.handed_over() => {
                Some(format!("If the first attempt did reach the network, the hot wallet lacks {amount}."))
            }
            Act::Renew => {
                Some(format!("If the lost payment ever confirms after all, {amount} is paid twice."))
            }
            Act::Fail => {
                Some(format!("If the lost payment ever confirms after all, the hot wallet lacks {amount}."))
            }
            Act::Close | Act::Cancel | Act::Bump => None,
        }
    }

    fn bump(&self) -> Vec<String> {
        let mut does = vec![
            "A new version with a higher fee is signed and sent. It pays the same outputs.".into(),
            "All versions spend the same anchor, so that at most one can confirm.".into(),
        ];
        if let Some(version) = self.vetting.versions.iter().find(|version| !version.cancels) {
            does.push(format!(
                "The fee is {} {} now; the difference is charged to Network fees.",
                version.fee, version.fee.coin
            ));
        }
        does
    }

    /// The ledger's own sentence, but where this page can say what would be lost, or when it may change.
    fn refusal(&self, act: Act, refusal: &LedgerError) -> String {
        let evidence = self.vetting.evidence.as_ref();
        match (refusal, act, evidence.map(|evidence| evidence.verdict)) {
            (LedgerError::EvidenceForbids(_), Act::Reopen, Some(Verdict::Found)) => {
                "Refused while the evidence says found: it would be paid twice.".into()
            }
            (LedgerError::EvidenceForbids(_), Act::Cancel, Some(Verdict::Found)) if self.vetting.one_shot => {
                "Refused while the evidence says found: the accounts would get money that has left.".into()
            }
            (LedgerError::EvidenceForbids(why), _, Some(Verdict::CantTell)) => {
                let may_change = evidence.and_then(|evidence| evidence.may_change_at);
                let may_change = may_change.map_or_else(String::new, |at| {
                    format!(" That may change at {} UTC.", at.date_and_clock())
                });
                format!("Refused: {}{may_change}", in_sentence(why))
            }
            _ => format!("Refused: {}", in_sentence(&refusal.to_string())),
        }
    }

    /// "The 3 transactions become"
    fn carried(&self) -> String {
        match self.transactions.len() {
            1 => "The transaction becomes".into(),
            count => format!("The {count} transactions become"),
        }
    }

    /// Whether its bytes may have left: cancelling before is plain.
    fn handed_over(&self) -> bool {
        self.row.opened_at.is_some() && !matches!(self.row.state, State::Collected)
    }

    /// What each account gets back, by name.
    fn returns(&self) -> Vec<String> {
        let mut sums: BTreeMap<&str, Amount> = BTreeMap::new();
        let debited = |transaction: &&TransactionRow| {
            !matches!(transaction.state, TransactionState::Cancelled | TransactionState::Failed)
        };
        for transaction in self.transactions.iter().filter(debited) {
            let Some(account) = &transaction.sending else { continue };
            let sum = sums.entry(&account.name).or_insert(Amount::zero(self.row.coin));
            // A sum of one broadcast fits: its outputs were summed before.
            *sum = sum.add(transaction.amount).unwrap_or(*sum);
        }
        let coin = self.row.coin;
        let more = sums.len().saturating_sub(NAMED_MAX);
        let mut lines: Vec<String> = sums
            .iter()
            .take(NAMED_MAX)
            .map(|(account, sum)| format!("{sum} {coin} back to {account}."))
            .collect();
        if more > 0 {
            let rest = Amount::sum(coin, sums.values().skip(NAMED_MAX).copied());
            let rest = rest.map_or_else(|_| String::new(), |rest| format!("{rest} {coin} "));
            lines.push(format!("{rest}back to {more} more accounts."));
        }
        lines
    }
}

/// A sentence after a colon.
fn in_sentence(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
