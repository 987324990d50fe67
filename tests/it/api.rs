//! The JSON API through the real binary, as a program uses it: every call, every refusal, keys, scopes, limits.

mod calls;
mod document;
mod keys;
mod refusals;
mod schemathesis;
mod trouble;
mod vet;

use anyhow::Context;
use serde_json::{Value, json};
use server::clock::Clock;
use server::config;
use server::db::Db;
use server::network::simulated::Simulated;
use std::time::Duration;
use tests::app::{Store, TestApp};
use tests::litecoind::eventually;
use tests::program::{Program, id};

pub const COIN: &str =
    "  ltc: { network: regtest, confirmation_count: 2, backend: { class: simulated, block_seconds: 0 } }";
pub const LIMIT: Duration = Duration::from_mins(1);
pub const OUTSIDE: &str = "rltc1qw508d6qejxtdg4y5r3zarvary0c5xw7k693xs3";
pub const EVERY: [&str; 5] = ["read", "receive", "send", "vet", "admin"];

/// A shop's wallet with two accounts; alice holds 3 ltc.
pub struct Shop {
    pub app: TestApp,
    pub program: Program,
    pub wallet: i64,
    pub alice: i64,
    pub bob: i64,
    /// Alice's, which was paid.
    pub address: String,
}

impl Shop {
    pub async fn open(store: Store, scopes: &[&str]) -> anyhow::Result<Self> {
        Self::with(store, scopes, COIN).await
    }

    /// `coin`: as `COIN`, of litecoin on the simulated network.
    pub async fn with(store: Store, scopes: &[&str], coin: &str) -> anyhow::Result<Self> {
        let mut app = TestApp::prepare(store, coin).await?;
        app.start("serve", None).await?;
        let program = app.program("shop", scopes).await?;
        let wallet = program.post("/wallets", &json!({ "coin": "ltc", "name": "shop" })).await?.is(201)?;
        let wallet = id(&wallet)?;
        let accounts = format!("/wallets/{wallet}/accounts");
        let alice = id(&program.post(&accounts, &json!({ "name": "alice" })).await?.is(201)?)?;
        let bob = id(&program.post(&accounts, &json!({ "name": "bob" })).await?.is(201)?)?;
        let path = format!("/accounts/{alice}/addresses");
        let made = program.post_once(&path, "first", &json!({ "label": null })).await?.is(201)?;
        let address = made["address"].as_str().context("an address")?.to_owned();
        let shop = Self { app, program, wallet, alice, bob, address };
        shop.simulate("pay", &json!({ "address": shop.address, "amount": "3" })).await?;
        shop.simulate("mine", &json!({ "blocks": 2 })).await?;
        shop.until_balance(alice, "3.00000000").await?;
        Ok(shop)
    }

    pub async fn simulate(&self, what: &str, body: &Value) -> anyhow::Result<Value> {
        self.program.post(&format!("/coins/ltc/simulated/{what}"), body).await?.is(200)
    }

    /// The node itself, for what happens to it without anybody's order.
    pub async fn node(&self) -> anyhow::Result<Simulated> {
        let text = std::fs::read_to_string(self.app.folder.join("coffer.yaml"))?;
        let settings = config::read(&text, &|_| None).map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
        let db = Db::open(settings.database.url.reveal(), 3, 1).await?;
        Ok(Simulated::new(db, settings.coins[0].spec.clone(), Clock::system(), 7, 0))
    }

    pub async fn balance(&self, account: i64) -> anyhow::Result<String> {
        let account = self.program.get(&format!("/accounts/{account}")).await?.is(200)?;
        Ok(account["balance"].as_str().context("a balance")?.to_owned())
    }

    pub async fn until_balance(&self, account: i64, balance: &str) -> anyhow::Result<()> {
        eventually("the balance", LIMIT, async || Ok(self.balance(account).await? == balance)).await
    }

    pub fn transfer(&self, amount: &str) -> Value {
        json!({ "from_account": self.alice, "to_account": self.bob, "amount": amount, "label": "rent" })
    }

    pub fn send(&self, amount: &str) -> Value {
        json!({ "from_account": self.alice, "to_address": OUTSIDE, "amount": amount })
    }
}
