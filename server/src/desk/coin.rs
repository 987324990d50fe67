//! Coins as they are read, what an address is to one, and what a broadcast of it would be charged.

use super::{PersonalDesk, error, overview};
use crate::db::query;
use crate::network::address::AddressKind as Pays;
use app::desk::{Answer, AppError};
use app::model::{AccountId, AddressCheck, AddressKind, Amount, CoinRow, FeeEstimate};

/// About a week of bitcoin's blocks, which is as far as its estimates reach.
const TARGET_BLOCKS_MAX: u32 = 1_008;

/// In the order of the configuration.
pub async fn list(desk: &PersonalDesk) -> Answer<Vec<CoinRow>> {
    overview::coins(desk, &mut desk.read().await?.tx()).await.map_err(error::from_db)
}

pub async fn one(desk: &PersonalDesk, coin: &str) -> Answer<CoinRow> {
    let service = desk.service(coin)?;
    let mut read = desk.read().await?;
    overview::coin(&mut read.tx(), service).await.map_err(error::from_db)
}

/// Asks no backend: versions, checksum and the books say it all.
pub async fn check_address(desk: &PersonalDesk, coin: &str, address: &str) -> Answer<AddressCheck> {
    desk.may_read()?;
    let versions = &desk.service(coin)?.spec.versions;
    let (address, pays) = match versions.canonical(address).and_then(|address| {
        let pays = versions.kind(&address)?;
        Ok((address, pays))
    }) {
        Ok(read) => read,
        Err(problem) => {
            let reason = Some(problem.to_string());
            return Ok(AddressCheck { reason, address: None, kind: None, known_as: None, own_account: None });
        }
    };
    let sql = "SELECT kind, account FROM address WHERE coin = $1 AND address = $2";
    let known = query(sql)
        .bind(coin)
        .bind(&address)
        .optional::<(AddressKind, Option<AccountId>)>(&mut desk.read().await?.tx())
        .await
        .map_err(error::from_db)?;
    let (known_as, own_account) = known.map_or((None, None), |(kind, account)| (Some(kind), account));
    Ok(AddressCheck { reason: None, address: Some(address), kind: Some(word(pays)), known_as, own_account })
}

fn word(pays: Pays) -> &'static str {
    match pays {
        Pays::PubkeyHash => "p2pkh",
        Pays::ScriptHash => "p2sh",
        Pays::WitnessPubkeyHash => "p2wpkh",
        Pays::WitnessScriptHash => "p2wsh",
        Pays::Witness(1) => "p2tr",
        Pays::Witness(_) => "witness",
    }
}

pub async fn estimate_fee(
    desk: &PersonalDesk,
    coin: &str,
    target_blocks: Option<u32>,
) -> Answer<FeeEstimate> {
    desk.may_read()?;
    let service = desk.service(coin)?;
    let spec = &service.spec;
    let target = target_blocks.unwrap_or(spec.fee_target_blocks);
    if !(1..=TARGET_BLOCKS_MAX).contains(&target) {
        let message = format!("Choose 1 to {TARGET_BLOCKS_MAX} blocks.");
        return Err(AppError::invalid("target_blocks", message));
    }
    let estimate = service.backend.fee_rate(target).await.map_err(error::from_backend)?;
    Ok(FeeEstimate {
        rate: Amount::new(spec.coin, estimate.unwrap_or(spec.fee_rate_fallback)),
        estimated: estimate.is_some(),
        as_of: desk.shared.clock.now(),
    })
}
