//! `demo`: Coffer without any preparation. A throw-away database, two simulated coins, a user, a little life; all of
//! it goes through the desk, as people's orders do, and is gone when the command ends.

use super::{Failure, Outcome, serve};
use crate::audit_log::COMMAND_LINE;
use crate::clock::Clock;
use crate::coins::Coins;
use crate::config::{self, Settings};
use crate::db::Db;
use crate::desk::{Actor, PersonalDesk, Shared, Who};
use crate::lifecycle;
use crate::people::{self, NewUser, Passwords};
use app::desk::{AppError, Desk};
use app::model::{AddressId, Role};
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Args)]
pub struct Demo {
    /// Where the dashboard listens, on 127.0.0.1
    #[arg(long, default_value_t = 8080, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
}

const USER: &str = "demo";

/// What stands in the books when the page opens first: coin, wallet, two accounts, and a payment to the first.
const BOOKS: [(&str, &str, [&str; 2], &str); 2] = [
    ("btc", "Merchants", ["Lantern Hostel", "Marlow Seeds"], "0.75"),
    ("doge", "Tips", ["Harbour Radio", "Night Market"], "12500"),
];

/// Removes the folder at the end, whatever the end is.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, Failure> {
        let path = std::env::temp_dir().join(format!(
            "coffer-demo-{}-{:08x}",
            std::process::id(),
            rand::random::<u32>()
        ));
        std::fs::create_dir(&path).map_err(Failure::failed)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Demo {
    pub async fn run(self) -> Outcome {
        let folder = Folder::new()?;
        let settings = settings(&folder.0, self.port)?;
        lifecycle::start_logging(settings.service.logging);
        let _runner = lifecycle::become_runner(&settings)?;
        let stop = lifecycle::stop_on_signal()?;
        let (db, clock) = (lifecycle::open_ready(&settings).await?, Clock::system());
        let coins = lifecycle::connect(&settings, &db, &clock)?;
        let password = add_user(&db, &clock).await?;
        fill(&settings, &db, &coins, &clock).await?;
        println!("Coffer's demo: http://{}/", settings.web.bind);
        println!("User: {USER}");
        println!("Password: {password}");
        println!(
            "Its networks are simulated, its money isn't real, and all of it is gone when you press Ctrl-C."
        );
        let outcome = serve::supervise(settings, serve::Parts::ALL, &db, &clock, coins, stop).await;
        db.close().await;
        outcome
    }
}

fn settings(folder: &Path, port: u16) -> Result<Settings, Failure> {
    let text = format!(
        "database: {{ url: 'sqlite:///{}' }}\n\
         web: {{ bind: '127.0.0.1:{port}' }}\n\
         service: {{ broadcast_period: 10, confirmation_period: 5, logging: {{ level: warn }} }}\n\
         coins:\n  btc: {{ backend: {{ class: simulated }} }}\n  doge: {{ backend: {{ class: simulated }} }}\n",
        folder.join("coffer.sqlite").display()
    );
    let read = config::read(&text, &|_| None);
    let settings = read.map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        Failure::Failed(faults.join("; "))
    })?;
    Ok(Settings { demo: true, ..settings })
}

async fn add_user(db: &Db, clock: &Clock) -> Result<String, Failure> {
    let password = people::generate();
    let password_hash = Passwords::default().hash(&password).await.map_err(Failure::Failed)?;
    let user = NewUser { name: USER.into(), role: Role::Admin, password_hash };
    people::add_user(db, user, clock.now(), COMMAND_LINE).await.map_err(Failure::failed)?;
    Ok(password)
}

async fn fill(settings: &Settings, db: &Db, coins: &Coins, clock: &Clock) -> Outcome {
    let users = people::users(db, clock.now()).await?;
    let user = users.first().ok_or_else(|| Failure::Failed("the demo's user is missing".into()))?;
    let actor = Actor { name: user.name.clone(), who: Who::User { id: user.id, role: user.role } };
    let shared = Shared {
        db: db.clone(),
        coins: coins.clone(),
        clock: clock.clone(),
        settings: settings.clone(),
        passwords: Passwords::default(),
    };
    let desk = PersonalDesk::new(Arc::new(shared), Some(actor));
    live_a_little(&desk).await.map_err(Failure::failed)
}

async fn live_a_little(desk: &dyn Desk) -> Result<(), AppError> {
    for (coin, wallet, accounts, payment) in BOOKS {
        let wallet = desk.create_wallet(coin, wallet).await?.id;
        for (number, name) in accounts.into_iter().enumerate() {
            let account = desk.create_account(wallet, name).await?.id;
            let made = desk.create_address(account, "", &desk.new_key()).await?;
            if number == 0 {
                let address = desk.address(AddressId(made.id), None).await?.address;
                desk.simulated_pay(coin, &address.address, payment).await?;
            }
        }
    }
    Ok(())
}
