//! What is kept about Coffer itself: the audit log, API tokens, the settings as loaded.

use super::{Role, Time, TokenId};

/// Who did or tried what.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditLogRow {
    pub id: i64,
    /// Its number in the chain, `None` until it is sealed, some seconds after it was written.
    pub sequence: Option<i64>,
    pub hash: Option<String>,
    pub at: Time,
    pub actor: String,
    pub action: String,
    pub subject: String,
    /// `done`, or why not.
    pub outcome: String,
}

/// What the list is narrowed to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditLogFilter {
    pub actor: Option<String>,
    /// How it begins: `broadcast.` finds all acts about broadcasts.
    pub action: Option<String>,
    /// A part of it.
    pub subject: Option<String>,
    pub outcome: Option<Outcome>,
    /// From this moment on, and before this one.
    pub from: Option<Time>,
    pub to: Option<Time>,
}

states! {
    /// How an act ended, for a filter.
    Outcome {
        Done = "done",
        Refused = "refused",
    }
}

/// How the audit log's chain of hashes stands.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditLogChain {
    /// Number and hash of the newest sealed row; 0 before the first.
    pub sequence: i64,
    pub hash: String,
    /// The last time that all rows up to this one were as they were sealed.
    pub verified: Option<(i64, Time)>,
    /// The first row that isn't, in words, and since when that is known.
    pub fault: Option<(String, Option<Time>)>,
}

states! {
    /// What a token may do (API.md).
    Scope {
        Read = "read",
        Receive = "receive",
        Send = "send",
        Vet = "vet",
        Admin = "admin",
    }
}

impl Scope {
    /// The least role that has it: a role is a set of scopes.
    pub fn role(self) -> Role {
        match self {
            Self::Read => Role::Viewer,
            Self::Receive | Self::Send | Self::Vet => Role::Operator,
            Self::Admin => Role::Admin,
        }
    }

    /// Whether whoever has `scopes` has this one.
    pub fn is_in(self, scopes: &[Self]) -> bool {
        scopes.contains(&self) || scopes.contains(&Self::Admin)
    }

    /// As a sentence begins on a form.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Read => "See everything but users, tokens and the audit log",
            Self::Receive => "Make wallets, accounts and addresses, and mark deposits processed",
            Self::Send => "Transfer, send and cancel",
            Self::Vet => "Vet broadcasts, pause, scan and run jobs",
            Self::Admin => "Everything",
        }
    }
}

/// A program's token, without its secret, which nobody can show again.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenRow {
    pub id: TokenId,
    pub name: String,
    /// Whose idempotency keys it uses: usually its own name, or that of the token that it replaced.
    pub owner: String,
    pub scopes: Vec<Scope>,
    /// Where it may be used from, in CIDR; none: from anywhere.
    pub networks: Vec<String>,
    pub expires_at: Option<Time>,
    pub last_used_at: Option<Time>,
    pub created_at: Time,
}

/// What a person typed, or a program said, to make a token.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TokenDraft {
    pub name: String,
    /// Empty: its own name.
    pub owner: String,
    pub scopes: Vec<String>,
    /// In CIDR, separated by blanks or commas. Empty: it may be used from anywhere.
    pub networks: String,
    /// Empty: it never expires, unless `expires_at` says when.
    pub days: String,
    pub expires_at: Option<Time>,
}

/// A token that was just made.
#[derive(Clone, PartialEq)]
pub struct NewToken {
    pub token: TokenRow,
    /// Nobody can show it again.
    pub secret: String,
}

/// The configuration as this process has read it.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadedSettings {
    pub version: &'static str,
    /// `SQLite` or `PostgreSQL`.
    pub database: &'static str,
    /// Every migration of this version has run.
    pub migrated: bool,
    /// `None` where no file was read: the demo.
    pub file: Option<String>,
    /// In the order of the file.
    pub sections: Vec<SettingSection>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SettingSection {
    /// The path of its keys: `web`, `coins.btc`.
    pub path: String,
    pub settings: Vec<Setting>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    pub key: &'static str,
    pub value: SettingValue,
    /// The file says it; else it is the default.
    pub set: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum SettingValue {
    Text(String),
    /// A secret that is set. Nothing of it is told, not even its length.
    Hidden,
    NotSet,
}

/// A list that can be taken along as a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    Transactions,
    History,
    Addresses,
    NetworkTransactions,
    Broadcasts,
    AuditLog,
}

impl Export {
    /// In the audit log.
    pub fn action(self) -> &'static str {
        match self {
            Self::Transactions => "transactions.export",
            Self::History => "account.export",
            Self::Addresses => "addresses.export",
            Self::NetworkTransactions => "network_transactions.export",
            Self::Broadcasts => "broadcasts.export",
            Self::AuditLog => "audit_log.export",
        }
    }
}
