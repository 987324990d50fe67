//! `user` and `token`: whoever may run this command on the machine may make people and tokens.

use super::{Failure, Outcome};
use crate::audit_log::COMMAND_LINE;
use crate::clock::Clock;
use crate::config::Settings;
use crate::db::Db;
use crate::lifecycle;
use crate::people::{self, NewToken, NewUser, Passwords};
use app::model::{Role, Scope, Time};
use clap::{Args, Subcommand, ValueEnum};
use std::io::{BufRead, IsTerminal, Write};

#[derive(Subcommand)]
pub enum UserCommand {
    /// Add a user; the password is read from standard input
    Add {
        name: String,
        #[arg(long)]
        role: RoleWord,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// List all users
    List,
    /// Set a new password and end the user's sessions
    Password {
        name: String,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Bar a user from signing in and end the user's sessions
    Disable { name: String },
}

#[derive(Args)]
pub struct PasswordSource {
    /// Make a password and print it
    #[arg(long)]
    generate: bool,
}

/// Each may all that the one before may.
#[derive(Clone, Copy, ValueEnum)]
pub enum RoleWord {
    /// Look at everything
    Viewer,
    /// Move money and run jobs
    Operator,
    /// Everything
    Admin,
}

impl From<RoleWord> for Role {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::Viewer => Self::Viewer,
            RoleWord::Operator => Self::Operator,
            RoleWord::Admin => Self::Admin,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub enum ScopeWord {
    /// See everything but users, tokens and the audit log
    Read,
    /// Make wallets, accounts and addresses; mark deposits processed
    Receive,
    /// Transfer, send, cancel
    Send,
    /// Vet broadcasts, pause, scan, run jobs
    Vet,
    /// Everything
    Admin,
}

impl From<ScopeWord> for Scope {
    fn from(word: ScopeWord) -> Self {
        match word {
            ScopeWord::Read => Self::Read,
            ScopeWord::Receive => Self::Receive,
            ScopeWord::Send => Self::Send,
            ScopeWord::Vet => Self::Vet,
            ScopeWord::Admin => Self::Admin,
        }
    }
}

#[derive(Subcommand)]
pub enum TokenCommand {
    /// Make a token and print its secret, which is never shown again
    Create {
        #[arg(long)]
        name: String,
        /// What it may do; give it several times for several
        #[arg(long = "scope", required = true, value_name = "SCOPE")]
        scopes: Vec<ScopeWord>,
        /// Where it may be used from, such as 10.0.0.0/8; give it several times for several [default: anywhere]
        #[arg(long = "network", value_name = "NETWORK")]
        networks: Vec<String>,
        /// Whose idempotency keys it uses: the name of the token that it replaces [default: its own name]
        #[arg(long, value_name = "NAME")]
        owner: Option<String>,
        /// Days until it expires [default: never]
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..))]
        days: Option<u16>,
    },
    /// List all tokens, without their secrets
    List,
    /// Revoke a token at once
    Revoke { name: String },
}

impl UserCommand {
    pub async fn run(self, settings: Settings) -> Outcome {
        // Asked before the database is opened: a person may take long.
        let password = match &self {
            Self::Add { password, .. } | Self::Password { password, .. } => Some(password.read()?),
            _ => None,
        };
        let db = lifecycle::open_ready(&settings).await?;
        self.carry_out(&db, password).await?;
        db.close().await;
        Ok(())
    }

    async fn carry_out(self, db: &Db, password: Option<String>) -> Outcome {
        let now = Clock::system().now();
        let hash = match password {
            Some(password) => Passwords::default().hash(&password).await.map_err(Failure::Failed)?,
            None => String::new(),
        };
        match self {
            Self::Add { name, role, .. } => {
                let user = NewUser { name: name.clone(), role: role.into(), password_hash: hash };
                people::add_user(db, user, now, COMMAND_LINE).await.map_err(Failure::failed)?;
                println!("User {} was added as {}.", name.trim(), Role::from(role));
            }
            Self::Password { name, .. } => {
                people::set_password(db, &name, hash, now, COMMAND_LINE).await.map_err(Failure::failed)?;
                println!("The password of {name} was changed, and its sessions were ended.");
            }
            Self::Disable { name } => {
                people::disable_user(db, &name, now, COMMAND_LINE).await.map_err(Failure::failed)?;
                println!("User {name} was disabled, and its sessions were ended.");
            }
            Self::List => {
                for user in people::users(db, now).await.map_err(Failure::failed)? {
                    let disabled =
                        user.disabled_at.map_or_else(String::new, |at| format!(", disabled {}", at.date()));
                    println!("{}: {}, since {}{disabled}", user.name, user.role, user.created_at.date());
                }
            }
        }
        Ok(())
    }
}

impl PasswordSource {
    fn read(&self) -> Result<String, Failure> {
        if self.generate {
            let password = people::generate();
            println!("Password: {password}");
            return Ok(password);
        }
        let input = std::io::stdin();
        if input.is_terminal() {
            print!("Password (it will show): ");
            std::io::stdout().flush().map_err(Failure::failed)?;
        }
        let mut line = String::new();
        input.lock().read_line(&mut line).map_err(Failure::failed)?;
        let password = line.trim_end_matches(['\r', '\n']).to_owned();
        if password.is_empty() {
            return Err(Failure::Failed("no password was given; pipe one in, or use --generate".into()));
        }
        Ok(password)
    }
}

impl TokenCommand {
    pub async fn run(self, settings: Settings) -> Outcome {
        let db = lifecycle::open_ready(&settings).await?;
        self.carry_out(&db).await?;
        db.close().await;
        Ok(())
    }

    async fn carry_out(self, db: &Db) -> Outcome {
        let now = Clock::system().now();
        match self {
            Self::Create { name, scopes, networks, owner, days } => {
                let expires_at = days.map(|days| people::token_expiry(days.into(), now)).transpose();
                let expires_at = expires_at.map_err(Failure::failed)?;
                let scopes: Vec<Scope> = scopes.into_iter().map(Into::into).collect();
                let networks = people::networks(networks.iter().map(String::as_str));
                let networks = networks.map_err(Failure::failed)?;
                let token = NewToken { name, owner, scopes, networks, expires_at };
                let made = people::create_token(db, token, now, COMMAND_LINE).await;
                println!("{}", made.map_err(Failure::failed)?.1);
            }
            Self::List => {
                for token in people::tokens(db).await.map_err(Failure::failed)? {
                    let expiry = token
                        .expires_at
                        .map_or_else(|| "never expires".into(), |at| format!("expires {}", at.date()));
                    let used = token
                        .last_used_at
                        .map_or_else(|| "never used".into(), |at: Time| format!("used {}", at.date()));
                    let mut bounds = String::new();
                    if token.owner != token.name {
                        bounds += &format!("keys of {}, ", token.owner);
                    }
                    if !token.networks.is_empty() {
                        bounds += &format!("from {}, ", token.networks.join(" "));
                    }
                    println!(
                        "{}: {}; {bounds}{expiry}, {used}, since {}",
                        token.name,
                        people::scope_words(&token.scopes),
                        token.created_at.date()
                    );
                }
            }
            Self::Revoke { name } => {
                people::revoke_token(db, &name, now, COMMAND_LINE).await.map_err(Failure::failed)?;
                println!("Token {name} was revoked.");
            }
        }
        Ok(())
    }
}
