//! `initialize-database`: schema and coins.

use super::{Failure, Outcome};
use crate::clock::Clock;
use crate::config::Settings;
use crate::lifecycle;

pub async fn initialize(settings: Settings) -> Outcome {
    let db = lifecycle::open(&settings).await?;
    let done = db.migrate().await.map_err(Failure::failed)?;
    match done {
        0 => println!("The schema is up to date."),
        1 => println!("1 migration was run; the schema is up to date."),
        many => println!("{many} migrations were run; the schema is up to date."),
    }
    lifecycle::register_coins(&settings, &db, &Clock::system()).await?;
    let coins: Vec<&str> = settings.coins.iter().map(|coin| coin.spec.coin.ticker()).collect();
    println!("Coins: {}.", if coins.is_empty() { "none".into() } else { coins.join(", ") });
    db.close().await;
    Ok(())
}
