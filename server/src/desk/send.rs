//! Moving money on order: transfers, sends with their review, cancelling. What was typed is checked here, so that the
//! form can say what is wrong beside the field; the books check all of it again.

use super::order::Order;
use super::{PersonalDesk, account, error};
use crate::coins::CoinService;
use crate::db::{Tx, query};
use crate::ledger::{CancelTransaction, MarkProcessed, Ordered, Send, Transfer, TransferBatch, label};
use app::desk::{Answer, AppError};
use app::model::{
    AccountId, AccountRef, AccountRow, Amount, Done, FieldError, Scope, SendDraft, SendReview, TransactionId,
    TransferOrder,
};
use sha2::{Digest, Sha256};

/// Virtual bytes of a broadcast with one input, one payment and its change (P2WPKH or P2PKH, rounded up): the fee
/// that is estimated before anybody knows which inputs it will spend.
const USUAL_SIZE: i64 = 226;
/// Payments to an address that are counted before a review says "seen before".
const SEEN_MAX: i64 = 1_000;

/// Transfers of one batch: a second or two of work, and a body well below its limit.
const BATCH_MAX: usize = 1_000;

pub async fn transfer(desk: &PersonalDesk, ordered: &TransferOrder, key: &str) -> Answer<Done> {
    let TransferOrder { from, to, amount, .. } = ordered;
    let subject = format!("account {from} to account {to}, {amount}");
    let order = Order { needs: Scope::Send, action: "transfer", subject };
    desk.allowed(&order).await?;
    must_admit(desk, &order, ordered).await?;
    let change = read_transfer(desk, ordered).await?;
    let fingerprint = fingerprint(&change);
    desk.carry_out_kept(order, Some(key), fingerprint, change).await
}

pub async fn transfer_batch(
    desk: &PersonalDesk,
    ordered: &[TransferOrder],
    atomic: bool,
    key: &str,
) -> Answer<Done> {
    let together = if atomic { "together" } else { "each for itself" };
    let subject = format!("{} transfers, {together}", ordered.len());
    let order = Order { needs: Scope::Send, action: "transfer.batch", subject };
    desk.allowed(&order).await?;
    if ordered.is_empty() || ordered.len() > BATCH_MAX {
        let message = format!("A batch has 1 to {BATCH_MAX} transfers; this one has {}.", ordered.len());
        return Err(AppError::invalid("transfers", message));
    }
    for transfer in ordered {
        must_admit(desk, &order, transfer).await?;
    }
    let transfers = read_batch(desk, ordered).await?;
    let each: Vec<String> = ordered.iter().zip(&transfers).map(fingerprint_in_batch).collect();
    let fingerprint = format!("transfer.batch {atomic} {}", digest(&each.join("\n")));
    desk.carry_out_kept(order, Some(key), fingerprint, TransferBatch { transfers, atomic }).await
}

/// What can't even be tried is refused in its own place.
async fn read_batch(desk: &PersonalDesk, ordered: &[TransferOrder]) -> Answer<Vec<Ordered>> {
    let mut read = desk.read().await?;
    let mut transfers = Vec::with_capacity(ordered.len());
    for order in ordered {
        let coin = account::coin(&mut read.tx(), order.from).await.map_err(error::from_db)?;
        transfers.push(match coin.map(|coin| Amount::parse(coin, &order.amount)) {
            None => Ordered::UnknownAccount(order.from),
            Some(Err(problem)) => Ordered::BadAmount(problem),
            Some(Ok(amount)) => Ordered::Ready(transfer_of(desk, order, amount, order.label.trim())),
        });
    }
    Ok(transfers)
}

fn transfer_of(desk: &PersonalDesk, order: &TransferOrder, amount: Amount, label: &str) -> Transfer {
    Transfer {
        from: order.from,
        to: order.to,
        amount,
        label: label.to_owned(),
        allow_negative: order.allow_negative,
        now: desk.shared.clock.now(),
    }
}

fn fingerprint_in_batch((order, read): (&TransferOrder, &Ordered)) -> String {
    match read {
        Ordered::Ready(transfer) => fingerprint(transfer),
        _ => format!("{order:?}"),
    }
}

/// Whoever lets an account fall below zero needs more than the scope of transfers.
async fn must_admit(desk: &PersonalDesk, order: &Order, ordered: &TransferOrder) -> Answer<()> {
    if ordered.allow_negative {
        desk.allowed(&Order { needs: Scope::Admin, ..order.clone() }).await?;
    }
    Ok(())
}

async fn read_transfer(desk: &PersonalDesk, order: &TransferOrder) -> Answer<Transfer> {
    let coin = account::coin(&mut desk.read().await?.tx(), order.from).await.map_err(error::from_db)?;
    let coin = coin.ok_or(AppError::NotFound("account"))?;
    let amount = Amount::parse(coin, &order.amount)
        .map_err(|problem| AppError::invalid("amount", problem.to_string()))?;
    let label = label(&order.label).map_err(|problem| AppError::invalid("label", problem.to_string()))?;
    Ok(transfer_of(desk, order, amount, &label))
}

fn fingerprint(transfer: &Transfer) -> String {
    let Transfer { from, to, amount, label, allow_negative, .. } = transfer;
    let negative = if *allow_negative { "negative " } else { "" };
    format!("transfer {from} to {to} {} {negative}{label}", amount.units)
}

/// A batch is long; its key needn't carry all of it.
fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// A draft read: every field right by itself.
struct Checked {
    account: AccountRow,
    address: String,
    amount: Amount,
    label: String,
}

/// Faults in the order of the form.
fn check(service: &CoinService, account: AccountRow, draft: &SendDraft) -> Answer<Checked> {
    let mut faults = Vec::new();
    let mut fault = |field, message: String| faults.push(FieldError { field, message });
    let address = match service.spec.versions.canonical(&draft.to_address) {
        Ok(address) => Some(address),
        Err(problem) => {
            fault("to_address", problem.to_string());
            None
        }
    };
    let amount = match Amount::parse(account.coin, &draft.amount) {
        Ok(amount) => Some(amount),
        Err(problem) => {
            fault("amount", problem.to_string());
            None
        }
    };
    if let Some(short) =
        amount.and_then(|amount| amount.subtract(account.balance).ok()).filter(|short| short.units > 0)
    {
        let coin = account.coin;
        fault(
            "amount",
            format!(
                "The account holds {} {coin}: {short} {coin} too little. Nothing was debited.",
                account.balance
            ),
        );
    }
    let label = match label(&draft.label) {
        Ok(label) => Some(label),
        Err(problem) => {
            fault("label", problem.to_string());
            None
        }
    };
    match (address, amount, label, faults.is_empty()) {
        (Some(address), Some(amount), Some(label), true) => Ok(Checked { account, address, amount, label }),
        _ => Err(AppError::Invalid(faults)),
    }
}

/// The account and its coin, where the account may send at all.
async fn sender(desk: &PersonalDesk, from: AccountId) -> Answer<(AccountRow, &CoinService)> {
    let account = account::one(desk, from).await?;
    if account.network_fees {
        let message = "The account Network fees sends nothing.";
        return Err(AppError::refused("network_fees_reserved", message));
    }
    let service = desk.service(account.coin.ticker())?;
    Ok((account, service))
}

pub async fn review(desk: &PersonalDesk, from: AccountId, draft: &SendDraft) -> Answer<SendReview> {
    desk.allowed(&Order { needs: Scope::Send, action: "send.review", subject: format!("account {from}") })
        .await?;
    let (account, service) = sender(desk, from).await?;
    let Checked { account, address, amount, label } = check(service, account, draft)?;
    let mut read = desk.read().await?;
    let tx = &mut read.tx();
    let own = if draft.force_external { None } else { own_account(tx, &account, &address).await? };
    if own.as_ref().is_some_and(|own| own.id == account.id) {
        return Err(AppError::invalid("to_address", "It is an address of the same account. Choose another."));
    }
    check_minimum(service, amount, own.is_some())?;
    let fee = if own.is_some() { None } else { fee(tx, account.coin.ticker()).await? };
    let balance_after = account.balance.subtract(amount).map_err(|problem| error::internal(&problem))?;
    Ok(SendReview {
        seen_before: seen_before(tx, account.coin.ticker(), &address).await?,
        own_account: own,
        to_address: address,
        fee: fee.map(|units| Amount::new(account.coin, units)),
        account,
        amount,
        balance_after,
        label,
        broadcast_period: i64::try_from(desk.shared.settings.service.broadcast_period.as_secs())
            .unwrap_or(i64::MAX),
        force_external: draft.force_external,
    })
}

fn check_minimum(service: &CoinService, amount: Amount, own: bool) -> Answer<()> {
    let minimum = Amount::new(amount.coin, service.spec.minimum_send);
    if own || amount.units >= minimum.units {
        return Ok(());
    }
    let message = format!("The smallest amount that can be sent is {minimum} {}.", amount.coin);
    Err(AppError::invalid("amount", message))
}

/// Whose address it is, if it is a receiving one of this wallet.
async fn own_account(tx: &mut Tx<'_>, account: &AccountRow, address: &str) -> Answer<Option<AccountRef>> {
    let sql = "SELECT a.id, a.name FROM address d JOIN account a ON a.id = d.account
        WHERE d.coin = $1 AND d.address = $2 AND d.kind = 'receiving' AND a.wallet = $3";
    let coin = account.coin.ticker();
    let found =
        query(sql).bind(coin).bind(address).bind(account.wallet).optional::<(AccountId, String)>(tx).await;
    Ok(found.map_err(error::from_db)?.map(|(id, name)| AccountRef { id, name }))
}

/// Earlier sends to it that were not cancelled, up to a thousand.
async fn seen_before(tx: &mut Tx<'_>, coin: &str, address: &str) -> Answer<i64> {
    let sql = r#"SELECT CAST(COUNT(*) AS BIGINT) FROM (
        SELECT t.id FROM address d JOIN "transaction" t ON t.address = d.id
        WHERE d.coin = $1 AND d.address = $2 AND t.sending_account IS NOT NULL AND t.state <> 'cancelled' LIMIT $3) AS seen"#;
    let found = query(sql).bind(coin).bind(address).bind(SEEN_MAX).one::<(i64,)>(tx).await;
    Ok(found.map_err(error::from_db)?.0)
}

/// From the backend's last answer: a page never waits for a daemon.
async fn fee(tx: &mut Tx<'_>, coin: &str) -> Answer<Option<i64>> {
    let sql = "SELECT fee_rate FROM backend WHERE coin = $1";
    let rate = query(sql).bind(coin).optional::<(Option<i64>,)>(tx).await.map_err(error::from_db)?;
    Ok(rate.and_then(|(rate,)| rate).map(|rate| rate.saturating_mul(USUAL_SIZE) / 1_000))
}

pub async fn send(desk: &PersonalDesk, from: AccountId, draft: &SendDraft, key: &str) -> Answer<Done> {
    let subject = format!("account {from} to {}, {}", draft.to_address.trim(), draft.amount.trim());
    let order = Order { needs: Scope::Send, action: "send", subject };
    desk.allowed(&order).await?;
    let (account, service) = sender(desk, from).await?;
    // No look at the balance here: a repeated key must answer what it did, however much is left by now.
    let unlimited = AccountRow { balance: Amount::new(account.coin, i64::MAX), ..account };
    let Checked { address, amount, label, .. } = check(service, unlimited, draft)?;
    let force_external = draft.force_external;
    let fingerprint = format!("send {from} {address} {} {force_external} {label}", amount.units);
    let change = Send {
        from,
        to_address: address,
        amount,
        label,
        force_external,
        minimum_send: Amount::new(amount.coin, service.spec.minimum_send),
        now: desk.shared.clock.now(),
    };
    desk.carry_out_kept(order, Some(key), fingerprint, change).await
}

pub async fn cancel(
    desk: &PersonalDesk,
    transaction: TransactionId,
    reason: &str,
    key: Option<&str>,
) -> Answer<Done> {
    let subject = format!("transaction {transaction}");
    let order = Order { needs: Scope::Send, action: "transaction.cancel", subject };
    desk.allowed(&order).await?;
    let reason = label(reason).map_err(|problem| AppError::invalid("reason", problem.to_string()))?;
    let fingerprint = format!("transaction.cancel {transaction} {reason}");
    let change = CancelTransaction { transaction, reason, now: desk.shared.clock.now() };
    desk.carry_out_kept(order, key, fingerprint, change).await
}

pub async fn mark_processed(desk: &PersonalDesk, transaction: TransactionId) -> Answer<()> {
    let subject = format!("transaction {transaction}");
    let order = Order { needs: Scope::Receive, action: "transaction.processed", subject };
    desk.carry_out(order, MarkProcessed { transaction, now: desk.shared.clock.now() }).await.map(|_| ())
}
