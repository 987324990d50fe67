//! The chain: each row's hash covers its text and the hash before, so that no row changes, goes or comes between
//! without changing all that follow.

use crate::record;
use app::model::Time;
use sha2::{Digest, Sha256};

/// The hash before the first row.
pub(super) const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What is sealed of a row.
#[derive(Clone)]
pub(super) struct Row {
    pub id: i64,
    pub at: Time,
    pub actor: String,
    pub action: String,
    pub subject: String,
    pub outcome: String,
}

record!(Row { id, at, actor, action, subject, outcome });

/// SHA-256, in hexadecimal, of the hash before followed by the row as a JSON array: no two rows have one text.
pub(super) fn hash(before: &str, sequence: i64, row: &Row) -> String {
    let Row { id, at, actor, action, subject, outcome } = row;
    let text = serde_json::json!([sequence, id, at.0, actor, action, subject, outcome]).to_string();
    hex::encode(Sha256::new().chain_update(before).chain_update(text).finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row {
            id: 7,
            at: Time(1_795_000_000_000_000),
            actor: "ada".into(),
            action: "send".into(),
            subject: "account 3, \"rent\"".into(),
            outcome: "done".into(),
        }
    }

    /// Anybody can compute it without Coffer.
    #[test]
    fn the_hash_is_of_the_text_that_is_told() {
        let text = r#"[2,7,1795000000000000,"ada","send","account 3, \"rent\"","done"]"#;
        let expected = hex::encode(Sha256::digest(format!("{BEGINNING}{text}")));
        assert_eq!(hash(BEGINNING, 2, &row()), expected);
    }

    #[test]
    fn every_part_of_a_row_counts() {
        let whole = hash(BEGINNING, 2, &row());
        let others = [
            hash(&whole, 2, &row()),
            hash(BEGINNING, 3, &row()),
            hash(BEGINNING, 2, &Row { id: 8, ..row() }),
            hash(BEGINNING, 2, &Row { at: Time(0), ..row() }),
            hash(BEGINNING, 2, &Row { actor: "adas".into(), action: "end".into(), ..row() }),
            hash(BEGINNING, 2, &Row { subject: String::new(), ..row() }),
            hash(BEGINNING, 2, &Row { outcome: "forbidden".into(), ..row() }),
        ];
        assert!(others.iter().all(|other| *other != whole));
    }
}
