//! Chance and hashes of the simulated network. What is drawn depends on the seed and on how often chance was used,
//! both in the database: a run with the same orders gives the same addresses, hashes and txids.

use crate::db::{DbError, Tx, query};
use sha2::{Digest, Sha256};

/// The next 32 bytes of chance; counted in the caller's database transaction.
pub(super) async fn draw(tx: &mut Tx<'_>, coin: &str) -> Result<[u8; 32], DbError> {
    let (seed, draws) =
        query("UPDATE simulated_network SET draws = draws + 1 WHERE coin = $1 RETURNING seed, draws")
            .bind(coin)
            .one::<(i64, i64)>(tx)
            .await?;
    Ok(sha256(&[b"draw", coin.as_bytes(), &seed.to_le_bytes(), &draws.to_le_bytes()]))
}

pub(super) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// As txids and block hashes are shown: twice hashed, bytes reversed.
pub(super) fn shown_hash(parts: &[&[u8]]) -> String {
    let mut hash: [u8; 32] = Sha256::digest(sha256(parts)).into();
    hash.reverse();
    hex::encode(hash)
}
