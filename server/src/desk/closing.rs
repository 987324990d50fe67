//! What a person decides about a broadcast. Closing asks the backend for the txid, the only act that does, outside of
//! any database transaction; all the others rest on the evidence that is stored.

use super::order::Order;
use super::{PersonalDesk, broadcast, error, vetting};
use crate::coins::CoinService;
use crate::db::{DbError, Tx, query};
use crate::ledger::{
    BumpBroadcast, CancelBroadcast, CloseBroadcast, Decision, LoseBroadcast, ReopenBroadcast, read,
};
use crate::network::{Output, WalletTransaction};
use app::desk::{Answer, AppError};
use app::model::{Act, Closing, Coin, NetworkTransactionId, Scope};

/// Two of them and what stands between fit into the 255 characters that are kept.
const REASON_MAX: usize = 110;

pub async fn vet(desk: &PersonalDesk, broadcast: NetworkTransactionId, act: Act, reason: &str) -> Answer<()> {
    let action = match act {
        Act::Close => return Err(AppError::invalid("txid", "Closing needs a txid.")),
        Act::Reopen => "broadcast.reopen",
        Act::Cancel => "broadcast.cancel",
        Act::Bump => "broadcast.bump",
        Act::Fail => "broadcast.fail",
        Act::Renew => "broadcast.renew",
    };
    let order = Order { needs: Scope::Vet, action, subject: format!("broadcast {broadcast}") };
    let actor = desk.allowed(&order).await?.name.clone();
    let decision = Decision { actor, reason: checked_reason(reason)? };
    let row = broadcast::find(&mut desk.read().await?.tx(), &desk.shared.coins, broadcast).await?;
    let service = desk.service(row.coin.ticker())?;
    let (can_replace, now) = (service.backend.can_replace(), desk.shared.clock.now());
    match act {
        Act::Close => Ok(()),
        Act::Reopen => desk.carry_out(order, ReopenBroadcast { broadcast, decision, now }).await,
        Act::Cancel => desk.carry_out(order, CancelBroadcast { broadcast, can_replace, decision, now }).await,
        Act::Bump => desk.carry_out(order, BumpBroadcast { broadcast, can_replace, decision, now }).await,
        Act::Fail | Act::Renew => {
            let (renew, max_confirmation_count) = (act == Act::Renew, service.spec.max_confirmation_count);
            let lose = LoseBroadcast { broadcast, renew, max_confirmation_count, decision, now };
            desk.carry_out(order, lose).await
        }
    }?;
    vetting::wake(desk, row.coin).await;
    Ok(())
}

pub async fn close(desk: &PersonalDesk, broadcast: NetworkTransactionId, closing: &Closing) -> Answer<()> {
    let subject = format!("broadcast {broadcast}");
    let order = Order { needs: Scope::Vet, action: "broadcast.close", subject };
    let actor = desk.allowed(&order).await?.name.clone();
    let mut reason = checked_reason(&closing.reason)?;
    let txid = checked_txid(&closing.txid)?;
    let mut read = desk.read().await?;
    let row = broadcast::find(&mut read.tx(), &desk.shared.coins, broadcast).await?;
    let outputs = outputs(&mut read.tx(), broadcast).await.map_err(error::from_db)?;
    must_be_free(&mut read.tx(), row.coin, broadcast, &txid).await?;
    drop(read);
    let checked = check(desk.service(row.coin.ticker())?, &txid, &outputs).await;
    let fee = match checked {
        Ok(fee) => fee,
        Err(problem) => {
            let why = closing.override_reason.trim();
            if why.is_empty() {
                desk.log(&order, problem.code()).await;
                return Err(problem);
            }
            reason = format!("{reason} Not checked: {}", checked_reason(why)?);
            None
        }
    };
    let now = desk.shared.clock.now();
    let decision = Some(Decision { actor, reason });
    desk.carry_out(order, CloseBroadcast { broadcast, txid, fee, attempt: None, decision, now }).await
}

fn checked_reason(reason: &str) -> Answer<String> {
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    if reason.is_empty() || reason.chars().count() > REASON_MAX {
        return Err(AppError::invalid("reason", format!("Write why, in 1 to {REASON_MAX} characters.")));
    }
    Ok(reason)
}

fn checked_txid(txid: &str) -> Answer<String> {
    let txid = txid.trim().to_ascii_lowercase();
    if txid.len() != 64 || !txid.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(AppError::invalid("txid", "A txid has 64 characters, digits and a to f."));
    }
    Ok(txid)
}

fn refused(code: &'static str, message: &str) -> AppError {
    AppError::refused(code, message)
}

/// No reason overrides this: one network transaction is one broadcast.
async fn must_be_free(
    tx: &mut Tx<'_>,
    coin: Coin,
    broadcast: NetworkTransactionId,
    txid: &str,
) -> Answer<()> {
    match read::broadcast_of_txid(tx, coin, txid).await.map_err(error::from_db)? {
        Some(other) if other != broadcast => {
            Err(refused("txid_taken", &format!("Broadcast {other} has this txid.")))
        }
        _ => Ok(()),
    }
}

async fn outputs(tx: &mut Tx<'_>, broadcast: NetworkTransactionId) -> Result<Vec<Output>, DbError> {
    let sql = "SELECT d.address, o.amount FROM broadcast_output o JOIN address d ON d.id = o.address WHERE o.broadcast = $1";
    let rows: Vec<(String, i64)> = query(sql).bind(broadcast).all(tx).await?;
    Ok(rows.into_iter().map(|(address, amount)| Output { address, amount }).collect())
}

/// The backend knows it, and it pays all outputs; answers its fee.
async fn check(service: &CoinService, txid: &str, outputs: &[Output]) -> Answer<Option<i64>> {
    let asked = service.backend.transaction(txid).await;
    let found = asked.map_err(|problem| AppError::Unavailable {
        code: "txid_unchecked",
        message: format!("the backend doesn't answer: {problem}"),
    })?;
    let found = found.ok_or_else(|| refused("txid_unknown", "the backend knows no such txid"))?;
    if !pays(service, &found, outputs) {
        return Err(refused("txid_differs", "it doesn't pay all outputs of this broadcast"));
    }
    Ok(found.fee)
}

/// Each output by one of its own; change beside them is no matter.
fn pays(service: &CoinService, found: &WalletTransaction, outputs: &[Output]) -> bool {
    let canonical = |address: &String| service.spec.versions.canonical(address).ok();
    let mut paid: Vec<(Option<String>, i64)> = found
        .outputs
        .iter()
        .map(|(address, amount)| (address.as_ref().and_then(canonical), *amount))
        .collect();
    outputs.iter().all(|output| {
        let same = |(address, amount): &(Option<String>, i64)| {
            address.as_deref() == Some(output.address.as_str()) && *amount == output.amount
        };
        paid.iter().position(same).map(|at| paid.swap_remove(at)).is_some()
    })
}
