//! Names and labels: trimmed, counted in characters, free of control characters.

use super::{LedgerError, NETWORK_FEES};

const LONGEST: usize = 255;

/// A name of a wallet or account that a person chose.
pub(super) fn name(text: &str) -> Result<String, LedgerError> {
    let name = text.trim();
    if name.is_empty() {
        return Err(LedgerError::BadName("needs at least one character"));
    }
    if name.chars().count() > LONGEST {
        return Err(LedgerError::BadName("has at most 255 characters"));
    }
    if name.chars().any(char::is_control) {
        return Err(LedgerError::BadName("has no control characters"));
    }
    Ok(name.to_owned())
}

/// As `name`, for accounts: one name is Coffer's own.
pub(super) fn account_name(text: &str) -> Result<String, LedgerError> {
    let name = name(text)?;
    if name == NETWORK_FEES { Err(LedgerError::NetworkFeesReserved) } else { Ok(name) }
}

/// A label, or a reason that need not be given: it may be empty.
pub fn label(text: &str) -> Result<String, LedgerError> {
    let label = text.trim();
    if label.chars().count() > LONGEST || label.chars().any(char::is_control) {
        return Err(LedgerError::BadLabel);
    }
    Ok(label.to_owned())
}

/// Why a person ordered something; never empty.
pub(super) fn reason(text: &str) -> Result<String, LedgerError> {
    let reason = label(text)?;
    if reason.is_empty() { Err(LedgerError::NoReason) } else { Ok(reason) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_counted_in_characters() {
        assert_eq!(name("  Savings ").unwrap(), "Savings");
        assert_eq!(name(&"ü".repeat(255)).unwrap().chars().count(), 255);
        assert!(name(&"ü".repeat(256)).is_err());
        assert!(name(" \t ").is_err());
        assert!(name("a\u{0}b").is_err());
    }

    #[test]
    fn network_fees_is_reserved_for_accounts_only() {
        assert!(matches!(account_name(" Network fees "), Err(LedgerError::NetworkFeesReserved)));
        assert!(name(NETWORK_FEES).is_ok());
    }

    #[test]
    fn labels_may_be_empty_but_not_long() {
        assert_eq!(label("  ").unwrap(), "");
        assert!(matches!(label(&"x".repeat(256)), Err(LedgerError::BadLabel)));
        assert!(label("two\nlines").is_err());
    }
}
