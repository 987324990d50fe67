//! What a failed call means: to a caller that asked, and to one that sent money.

use super::rpc::{Fault, NO_SUCH_METHOD};
use crate::network::{BackendError, SendOutcome};

/// Errors after which a send has certainly not left: bad amount, bad address, short funds, bad parameter, no keys,
/// locked, no wallet, several wallets, warming up, no such method.
pub const CERTAINLY_NOT_SENT: [i64; 10] = [-3, -5, -6, -8, -12, -13, -18, -19, WARMING_UP, NO_SUCH_METHOD];

const WALLET_LOCKED: i64 = -13;
const WALLET_NOT_FOUND: i64 = -18;
const WALLET_NOT_NAMED: i64 = -19;
const WARMING_UP: i64 = -28;

impl Fault {
    /// For questions. `wallet` is the configured name, for the errors that only a person can mend.
    pub fn into_error(self, wallet: Option<&str>) -> BackendError {
        let Self::Error { code, message } = self else {
            return BackendError::Unavailable(self.to_string());
        };
        let message = match (code, wallet) {
            (WARMING_UP, _) => {
                return BackendError::Unavailable(format!("The daemon is starting: {message}"));
            }
            (WALLET_NOT_FOUND, Some(name)) => format!(
                "The daemon has no wallet \"{name}\" loaded. Load it (loadwallet \"{name}\" true) or make it (createwallet), or correct the name in the configuration."
            ),
            (WALLET_NOT_FOUND, None) => {
                "The daemon has no wallet loaded. Load one (loadwallet NAME true) or make one (createwallet)."
                    .into()
            }
            (WALLET_NOT_NAMED, _) => {
                "The daemon has several wallets loaded. Name the one to use as `wallet` in the configuration."
                    .into()
            }
            (WALLET_LOCKED, _) => {
                "The daemon's wallet is locked. Unlock it (walletpassphrase) so that it can sign.".into()
            }
            _ => message,
        };
        BackendError::Refused { code, message }
    }

    /// For sends. Only what stands in the closed list is certain not to have left.
    pub fn into_outcome(self, wallet: Option<&str>) -> SendOutcome {
        let (certain, code) = match &self {
            Self::NotConnected(_) | Self::TurnedAway(_) => (true, None),
            Self::Error { code, .. } => (CERTAINLY_NOT_SENT.contains(code), Some(*code)),
            Self::Unclear(_) => (false, None),
        };
        let reason = self.into_error(wallet).to_string();
        if certain { SendOutcome::Refused { code, reason } } else { SendOutcome::Unknown { reason } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(code: i64) -> SendOutcome {
        Fault::Error { code, message: "x".into() }.into_outcome(None)
    }

    #[test]
    fn only_errors_of_the_closed_list_are_certain_not_to_have_left() {
        for code in -40_000..=100 {
            let certain = [-3, -5, -6, -8, -12, -13, -18, -19, -28, -32601].contains(&code);
            assert_eq!(matches!(outcome(code), SendOutcome::Refused { .. }), certain, "{code}");
        }
        let turned_away = Fault::TurnedAway("x".into()).into_outcome(None);
        assert!(matches!(turned_away, SendOutcome::Refused { .. }));
        let unclear = Fault::Unclear("x".into()).into_outcome(None);
        assert!(matches!(unclear, SendOutcome::Unknown { .. }));
    }

    #[test]
    fn a_starting_daemon_is_unavailable_and_a_wallet_error_says_what_to_do() {
        let starting = Fault::Error { code: -28, message: "Loading block index…".into() }.into_error(None);
        assert!(matches!(starting, BackendError::Unavailable(_)));
        let missing = Fault::Error { code: -18, message: "x".into() }.into_error(Some("hot"));
        assert!(missing.to_string().contains("loadwallet \"hot\""), "{missing}");
    }
}
