//! The real binary, run as a person runs it: a configuration file, a database of its own, a free port; started,
//! stopped and killed by the test.

use crate::browser::Browser;
use crate::database::{EMPTY, name, new_postgres};
use crate::litecoind::{eventually, free_port};
use anyhow::{Context, bail, ensure};
use server::db::Db;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

/// A first start with migrations on a machine that does much else.
const START_LIMIT: Duration = Duration::from_mins(1);
const COMMAND_LIMIT: Duration = Duration::from_mins(1);
/// Of every user that `signed_in` makes.
pub const PASSWORD: &str = "correct horse battery staple";

/// Both databases run every test of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    Sqlite,
    Postgres,
}

pub struct TestApp {
    pub folder: PathBuf,
    pub port: u16,
    pub database_url: String,
    child: Option<Child>,
    /// What this run's log must not hold.
    secrets: Mutex<Vec<String>>,
}

/// What a command of the binary printed, and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl TestApp {
    /// Writes the configuration; nothing is started. `coins` is the YAML below `coins:`, two blanks deep.
    pub async fn prepare(store: Store, coins: &str) -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(name());
        std::fs::create_dir_all(&folder)?;
        let database_url = match store {
            Store::Sqlite => format!("sqlite:///{}/coffer.sqlite", folder.display()),
            Store::Postgres => new_postgres(EMPTY).await?,
        };
        let port = free_port()?;
        let config = format!(
            "database: {{ url: \"{database_url}\" }}\n\
             web: {{ bind: \"127.0.0.1:{port}\" }}\n\
             service: {{ broadcast_period: 1, confirmation_period: 5, audit_period: 5, logging: {{ level: debug }} }}\n\
             coins:\n{coins}\n"
        );
        std::fs::write(folder.join("coffer.yaml"), config)?;
        let app = Self { folder, port, database_url, child: None, secrets: Mutex::default() };
        app.remember_password_of_database();
        Ok(app)
    }

    /// Another Coffer on the same database, in a folder and on a port of its own.
    pub fn beside(other: &Self) -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(name());
        std::fs::create_dir_all(&folder)?;
        let port = free_port()?;
        let config = std::fs::read_to_string(other.folder.join("coffer.yaml"))?;
        let config = config.replace(&format!("127.0.0.1:{}", other.port), &format!("127.0.0.1:{port}"));
        std::fs::write(folder.join("coffer.yaml"), config)?;
        let database_url = other.database_url.clone();
        let app = Self { folder, port, database_url, child: None, secrets: Mutex::default() };
        for secret in other.remembered() {
            app.remember(&secret);
        }
        Ok(app)
    }

    /// Its database, beside Coffer. `retries`: as of `Db::open`.
    pub async fn database(&self, retries: u32) -> anyhow::Result<Db> {
        Ok(Db::open(&self.database_url, retries, 1).await?)
    }

    /// Runs a command to its end, with `input` as its standard input.
    pub async fn run(&self, arguments: &[&str], input: &str) -> anyhow::Result<Ran> {
        let mut child = self
            .command(arguments)?
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut stdin = child.stdin.take().context("its standard input was piped")?;
        stdin.write_all(input.as_bytes()).await?;
        drop(stdin);
        let output = tokio::time::timeout(COMMAND_LIMIT, child.wait_with_output()).await??;
        Ok(Ran {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// As `run`, and it must end well.
    pub async fn must(&self, arguments: &[&str], input: &str) -> anyhow::Result<String> {
        let ran = self.run(arguments, input).await?;
        ensure!(ran.code == Some(0), "coffer {arguments:?} ended with {ran:?}");
        Ok(ran.stdout)
    }

    /// Starts `command` (`serve`, `web`, `helper`); `serve` and `web` are waited for until they are ready.
    pub async fn start(&mut self, command: &str, failpoint: Option<&str>) -> anyhow::Result<()> {
        ensure!(self.child.is_none(), "it runs already");
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.log())?;
        let mut process = self.command(&[command])?;
        if let Some(failpoint) = failpoint {
            process.env("COFFER_FAILPOINT", failpoint);
        }
        self.child = Some(process.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?);
        if command == "helper" {
            return Ok(());
        }
        let browser = self.browser()?;
        let ready = eventually("Coffer to be ready", START_LIMIT, async || {
            if let Some(status) = self.child.as_mut().and_then(|child| child.try_wait().transpose()) {
                bail!("coffer {command} ended with {}", status?);
            }
            Ok(browser.get("/readyz").await.is_ok_and(|page| page.status.is_success()))
        });
        ready.await.with_context(|| self.log_tail())
    }

    /// SIGKILL, as a machine that dies.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        let mut child = self.child.take().context("it doesn't run")?;
        child.kill().await?;
        Ok(())
    }

    /// Of the running process.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref()?.id()
    }

    /// SIGTERM, and the exit code.
    pub async fn terminate(&mut self) -> anyhow::Result<Option<i32>> {
        let pid = self.pid().context("it doesn't run")?.to_string();
        Command::new("kill").args(["-TERM", &pid]).status().await?;
        self.ended().await
    }

    /// Waits until it ends; the exit code.
    pub async fn ended(&mut self) -> anyhow::Result<Option<i32>> {
        let mut child = self.child.take().context("it doesn't run")?;
        Ok(tokio::time::timeout(COMMAND_LIMIT, child.wait()).await??.code())
    }

    pub fn browser(&self) -> anyhow::Result<Browser> {
        Browser::new(format!("http://127.0.0.1:{}", self.port))
    }

    /// From now on the log must not hold it: the test fails if it does.
    pub fn remember(&self, secret: &str) {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).push(secret.to_owned());
    }

    fn remembered(&self) -> Vec<String> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember_password_of_database(&self) {
        let user = self.database_url.split_once("://").and_then(|(_, rest)| rest.split_once('@'));
        if let Some((_, password)) = user.and_then(|(user, _)| user.split_once(':')) {
            self.remember(password);
        }
    }

    /// A user of this role, signed in.
    pub async fn signed_in(&self, name: &str, role: &str) -> anyhow::Result<Browser> {
        self.remember(PASSWORD);
        self.must(&["user", "add", name, "--role", role], &format!("{PASSWORD}\n")).await?;
        let browser = self.browser()?;
        browser.sign_in(name, PASSWORD).await?;
        Ok(browser)
    }

    /// The end of what the server logged, for a failed test's message.
    pub fn log_tail(&self) -> String {
        let log = std::fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        format!("the log ends:\n{}", lines[lines.len().saturating_sub(40)..].join("\n"))
    }

    fn log(&self) -> PathBuf {
        self.folder.join("coffer.log")
    }

    fn command(&self, arguments: &[&str]) -> anyhow::Result<Command> {
        let mut command = Command::new(binary()?);
        command
            .arg("--config")
            .arg(self.folder.join("coffer.yaml"))
            .args(arguments)
            .current_dir(&self.folder)
            .kill_on_drop(true);
        Ok(command)
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.log_tail());
        }
        let log = std::fs::read_to_string(self.log()).unwrap_or_default();
        let told = self.remembered().into_iter().find(|secret| log.contains(secret.as_str()));
        // What can't be removed is left to the system's own cleaning.
        let _ = std::fs::remove_dir_all(&self.folder);
        // A second panic would only hide the first.
        if let (Some(secret), false) = (told, std::thread::panicking()) {
            panic!("a secret stands in the log: {secret}");
        }
    }
}

/// Built beside the tests, unless `COFFER_BIN` names another.
#[allow(clippy::disallowed_methods, reason = "how the test run names the binary")]
pub fn binary() -> anyhow::Result<PathBuf> {
    if let Ok(named) = std::env::var("COFFER_BIN") {
        return Ok(named.into());
    }
    let tests = std::env::current_exe()?;
    let folder = tests.ancestors().nth(2).context("tests lie two folders below the build's")?;
    Ok(folder.join("coffer"))
}
