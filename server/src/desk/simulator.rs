//! The simulated networks' own controls. No other coin has them.

use super::order::Order;
use super::{PersonalDesk, error};
use crate::network::BackendError;
use crate::network::simulated::{CALLS, EVERY_CALL, Simulated};
use app::desk::{Answer, AppError};
use app::model::{Amount, Scope, SimulatorRow};

/// Blocks mined by one order: enough to settle anything, quickly done.
const BLOCKS_MAX: u32 = 1_000;
/// Failures of one order: a long outage is ordered as one that hangs.
const FAILURES_MAX: u32 = 1_000;

fn simulated<'a>(desk: &'a PersonalDesk, coin: &str) -> Answer<&'a Simulated> {
    desk.service(coin)?.backend.simulated().ok_or(AppError::NotFound("simulated network"))
}

/// The network's own rules refuse an order as the books do; only silence is an absence.
fn refused(problem: BackendError) -> AppError {
    match problem {
        BackendError::Refused { message, .. } => AppError::refused("wrong_state", message),
        other => error::from_backend(other),
    }
}

async fn allowed(desk: &PersonalDesk, action: &'static str, coin: &str, what: String) -> Answer<Order> {
    let order = Order { needs: Scope::Vet, action, subject: format!("{coin}, {what}") };
    desk.allowed(&order).await?;
    Ok(order)
}

pub async fn list(desk: &PersonalDesk) -> Answer<Vec<SimulatorRow>> {
    desk.may_read()?;
    let mut rows = Vec::new();
    for service in desk.shared.coins.all() {
        let Some(simulated) = service.backend.simulated() else { continue };
        let status = simulated.status().await.map_err(refused)?;
        rows.push(SimulatorRow {
            coin: service.spec.coin,
            height: status.height,
            mempool: status.mempool,
            block_seconds: status.block_seconds,
            failures: status.failures.iter().map(ToString::to_string).collect(),
        });
    }
    Ok(rows)
}

pub async fn pay(desk: &PersonalDesk, coin: &str, address: &str, amount: &str) -> Answer<String> {
    let order = allowed(desk, "simulated.pay", coin, format!("{address}, {amount}")).await?;
    let network = simulated(desk, coin)?;
    let (address, units) = payment(desk, coin, address, amount)?;
    let txid = network.pay(&address, units).await.map_err(refused)?;
    desk.log(&order, "done").await;
    Ok(txid)
}

/// Canonical address and minor units, as typed.
fn payment(desk: &PersonalDesk, coin: &str, address: &str, amount: &str) -> Answer<(String, i64)> {
    let spec = &desk.service(coin)?.spec;
    let address = spec
        .versions
        .canonical(address)
        .map_err(|problem| AppError::invalid("address", problem.to_string()))?;
    let amount = Amount::parse(spec.coin, amount)
        .map_err(|problem| AppError::invalid("amount", problem.to_string()))?;
    Ok((address, amount.units))
}

pub async fn spend(desk: &PersonalDesk, coin: &str, address: &str, amount: &str) -> Answer<()> {
    let order = allowed(desk, "simulated.spend", coin, format!("{address}, {amount}")).await?;
    let network = simulated(desk, coin)?;
    let (address, units) = payment(desk, coin, address, amount)?;
    network.spend_behind(&address, units).await.map_err(refused)?;
    desk.log(&order, "done").await;
    Ok(())
}

pub async fn reorganise(desk: &PersonalDesk, coin: &str, depth: u32, txid: &str) -> Answer<()> {
    let order = allowed(desk, "simulated.reorganise", coin, format!("{depth} blocks, {txid}")).await?;
    if depth == 0 || depth > BLOCKS_MAX {
        return Err(AppError::invalid("blocks", format!("Choose 1 to {BLOCKS_MAX} blocks.")));
    }
    let network = simulated(desk, coin)?;
    let done = if txid.is_empty() {
        network.reorg(depth).await
    } else {
        network.reorg_with_double_spend(depth, txid).await
    };
    done.map_err(refused)?;
    desk.log(&order, "done").await;
    Ok(())
}

pub async fn restart(desk: &PersonalDesk, coin: &str) -> Answer<()> {
    let order = allowed(desk, "simulated.restart", coin, "the node".into()).await?;
    simulated(desk, coin)?.restart().await.map_err(refused)?;
    desk.log(&order, "done").await;
    Ok(())
}

pub async fn mine(desk: &PersonalDesk, coin: &str, blocks: u32) -> Answer<()> {
    let order = allowed(desk, "simulated.mine", coin, format!("{blocks} blocks")).await?;
    if blocks == 0 || blocks > BLOCKS_MAX {
        return Err(AppError::invalid("blocks", format!("Mine 1 to {BLOCKS_MAX} blocks at once.")));
    }
    simulated(desk, coin)?.mine(blocks).await.map_err(refused)?;
    desk.log(&order, "done").await;
    Ok(())
}

pub async fn fail(desk: &PersonalDesk, coin: &str, call: &str, how: &str, times: u32) -> Answer<()> {
    let order = allowed(desk, "simulated.fail", coin, format!("{call}, {how}, {times} times")).await?;
    if call != EVERY_CALL && !CALLS.contains(&call) {
        return Err(AppError::invalid("call", "The backend has no such call."));
    }
    if times > FAILURES_MAX {
        return Err(AppError::invalid(
            "times",
            format!("Choose 0 to {FAILURES_MAX} times; 0 takes the order back."),
        ));
    }
    let how = how.parse().map_err(|()| AppError::invalid("how", "There is no such failure."))?;
    simulated(desk, coin)?.fail(call, how, times).await.map_err(refused)?;
    desk.log(&order, "done").await;
    Ok(())
}
