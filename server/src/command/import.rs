//! `import-balance`: what a hot wallet held before its books, booked once and exactly; or what would be.

use super::{Failure, Outcome, serve, told};
use crate::clock::Clock;
use crate::coins::Coins;
use crate::config::Settings;
use crate::job;
use crate::lifecycle;
use app::model::AccountId;
use clap::Args;
use std::sync::Arc;
use tokio::sync::watch;

#[derive(Args)]
pub struct Import {
    /// The coin, such as btc
    #[arg(long, value_name = "COIN")]
    coin: String,
    /// The account that gets it: the number in the address of its page
    #[arg(long, value_name = "ID")]
    account: i64,
    /// Only say what would be booked
    #[arg(long)]
    dry_run: bool,
}

impl Import {
    pub async fn run(self, settings: Settings) -> Outcome {
        lifecycle::chosen(&settings, Some(&self.coin))?;
        let db = lifecycle::open_ready(&settings).await?;
        let clock = Clock::system();
        let coins: Coins = lifecycle::connect(&settings, &db, &clock)?;
        let (_keep, stop) = watch::channel(false);
        let context = serve::context(&settings, &db, &clock, &coins, stop);
        let coin = coins.get(&self.coin).ok_or_else(|| Failure::failed("there is no such coin"))?;
        let account = AccountId(self.account);
        let imported = job::import_balance_once(&context, &Arc::clone(coin), account, self.dry_run).await;
        let outcome = if imported.is_ok() { "done" } else { "failed" };
        if !self.dry_run {
            told(&db, clock.now(), "balance.import", &format!("account {account}, {}", self.coin), outcome)
                .await?;
        }
        db.close().await;
        let imported = imported.map_err(|error| Failure::Failed(format!("nothing was imported: {error}")))?;
        let missing = imported.backend_total.subtract(imported.due).map_err(Failure::failed)?;
        println!("block {}: the backend holds {} {}", imported.height, imported.backend_total, self.coin);
        println!("balances, pending sends and uncredited deposits are {} {}", imported.due, self.coin);
        match imported.transaction {
            Some(transaction) => {
                println!("{missing} {} imported to account {account}: transaction {transaction}", self.coin);
            }
            None if missing.is_zero() => println!("nothing is missing in the books"),
            None if missing.units < 0 => {
                println!("the books hold more than the backend: there is nothing to import");
            }
            None => println!("{missing} {} would be imported to account {account}", self.coin),
        }
        Ok(())
    }
}
