//! The command line: words, help, exit codes. Each command is a file; what they share at start is in `lifecycle`.
//! Exit codes: 0 done, 1 failed, 2 a helper job died, 64 wrong usage, 78 wrong configuration.

mod audit;
mod database;
mod demo;
mod import;
mod people;
mod scan;
mod serve;

use crate::audit_log;
use crate::config::{self, ConfigError, Settings};
use crate::db::{Db, Execute};
use crate::lifecycle;
use app::model::Time;
use clap::{Args, Parser, Subcommand};
use std::fmt::Display;
use std::path::PathBuf;
use std::process::ExitCode;

/// Coffer operates cryptocurrency hot wallets: the books, the broadcasts and the deposits.
#[derive(Parser)]
#[command(name = "coffer", version, max_term_width = 100)]
struct CommandLine {
    /// Configuration file [default: coffer.yaml here, else /etc/coffer/coffer.yaml]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run everything: dashboard and helper jobs
    Serve,
    /// Run the helper jobs alone: broadcasts, confirmations, scans, audit
    Helper,
    /// Run the dashboard alone, beside a `helper`
    Web,
    /// Make or update the schema of the database, and register the coins
    InitializeDatabase,
    /// Ask each backend for received transactions, and book what is missing
    ScanReceived(OneCoin),
    /// Book what a hot wallet held before its books, once and exactly, to one account
    ImportBalance(import::Import),
    /// Check that every balance equals its entries, and show books against backend; exits 1 when anything differs
    Audit(OneCoin),
    /// Manage the people who may sign in
    #[command(subcommand)]
    User(people::UserCommand),
    /// Manage the tokens of programs that use the JSON API
    #[command(subcommand)]
    Token(people::TokenCommand),
    /// Try Coffer: a throw-away database, simulated coins, a user whose password is printed
    Demo(demo::Demo),
    /// Read the configuration and name all its faults
    CheckConfig,
}

#[derive(Args)]
struct OneCoin {
    /// Only this coin, such as btc
    #[arg(long, value_name = "COIN")]
    coin: Option<String>,
}

/// Why a command did not do what it says.
#[derive(Debug)]
pub enum Failure {
    Failed(String),
    HelperDied(String),
    Config(String),
}

impl Failure {
    pub fn failed(problem: impl Display) -> Self {
        Self::Failed(problem.to_string())
    }

    fn code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::HelperDied(_) => 2,
            Self::Config(_) => 78,
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Config(error.to_string())
    }
}

pub type Outcome = Result<(), Failure>;

/// BSD's code for wrong usage.
const USAGE: u8 = 64;

pub fn run() -> ExitCode {
    let line = match CommandLine::try_parse() {
        Ok(line) => line,
        Err(error) => {
            // Nobody reads what can't be printed.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS };
        }
    };
    match start(line) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let (Failure::Failed(text) | Failure::HelperDied(text) | Failure::Config(text)) = &failure;
            eprintln!("coffer: {text}");
            ExitCode::from(failure.code())
        }
    }
}

fn start(line: CommandLine) -> Outcome {
    let file = line.config;
    let settings = || config::load(file.as_deref());
    match line.command {
        Command::Demo(demo) => block_on(demo.run()),
        Command::CheckConfig => {
            serve::check_handlers(&settings()?)?;
            println!("ok");
            Ok(())
        }
        Command::Serve => with(settings()?, |settings| serve::run(settings, serve::Parts::ALL)),
        Command::Helper => with(settings()?, |settings| serve::run(settings, serve::Parts::HELPER)),
        Command::Web => with(settings()?, |settings| serve::run(settings, serve::Parts::WEB)),
        Command::InitializeDatabase => with(settings()?, database::initialize),
        Command::ScanReceived(one) => with(settings()?, |settings| scan::run(settings, one.coin)),
        Command::ImportBalance(import) => with(settings()?, |settings| import.run(settings)),
        Command::Audit(one) => with(settings()?, |settings| audit::run(settings, one.coin)),
        Command::User(command) => with(settings()?, |settings| command.run(settings)),
        Command::Token(command) => with(settings()?, |settings| command.run(settings)),
    }
}

/// The audit log has what is ordered by command too.
async fn told(db: &Db, at: Time, action: &str, subject: &str, outcome: &str) -> Outcome {
    let entry = audit_log::entry(at, audit_log::COMMAND_LINE, action, subject, outcome);
    db.write(Execute::one("audit_log", entry)).await.map(|_| ()).map_err(Failure::failed)
}

fn with<F: Future<Output = Outcome>>(settings: Settings, run: impl FnOnce(Settings) -> F) -> Outcome {
    lifecycle::start_logging(settings.service.logging);
    block_on(run(settings))
}

fn block_on(work: impl Future<Output = Outcome>) -> Outcome {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::failed)?;
    let outcome = runtime.block_on(work);
    // What hangs in a blocking call (a name lookup, a hash) must not keep the process.
    runtime.shutdown_background();
    outcome
}
