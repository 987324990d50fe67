//! Raw transactions taken apart: inputs, outputs, txid, size (BIP 144 serialisation).
//! Strict, since money is checked against what it reads: nothing may be left over, nothing is guessed.
//! Knows no daemon. Start with `decode`.

use super::coin::AddressVersions;
use super::{Decoded, OutPoint};
use sha2::{Digest, Sha256};

/// Largest transaction that fits a block (4 million weight units).
const BYTES_MAX: usize = 4_000_000;
/// Smallest serialised input and output: bounds what a count may promise.
const INPUT_BYTES_MIN: usize = 41;
const OUTPUT_BYTES_MIN: usize = 9;

const SEGWIT_MARKER: u8 = 0;
const SEGWIT_FLAG: u8 = 1;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RawError {
    #[error("the transaction is larger than a block")]
    TooLarge,
    #[error("the transaction ends in the middle")]
    TooShort,
    #[error("{0} bytes follow the transaction")]
    TrailingBytes(usize),
    #[error(
        "a count or length in the transaction is not written the shortest way, or larger than the transaction"
    )]
    Count,
    #[error("the transaction has no inputs or no outputs")]
    NothingMoved,
    #[error("the transaction has an unknown extension (flag {0})")]
    UnknownFlag(u8),
    #[error("the transaction is marked as segwit and has no witness")]
    NoWitness,
    #[error("an output or the sum of outputs is larger than an amount can be")]
    Amount,
}

/// Takes a serialised transaction apart; addresses as `versions` spells them.
pub fn decode(raw: &[u8], versions: &AddressVersions) -> Result<Decoded, RawError> {
    if raw.len() > BYTES_MAX {
        return Err(RawError::TooLarge);
    }
    let mut reader = Reader { rest: raw };
    let version = reader.take(4)?;
    let segwit = reader.rest.first() == Some(&SEGWIT_MARKER);
    if segwit {
        let flag = reader.take(2)?[1];
        if flag != SEGWIT_FLAG {
            return Err(RawError::UnknownFlag(flag));
        }
    }
    let body_start = reader.rest;
    let inputs = read_inputs(&mut reader)?;
    let outputs = read_outputs(&mut reader, versions)?;
    let body = &body_start[..body_start.len() - reader.rest.len()];
    if inputs.is_empty() || outputs.is_empty() {
        return Err(RawError::NothingMoved);
    }
    if segwit {
        skip_witnesses(&mut reader, inputs.len())?;
    }
    let lock_time = reader.take(4)?;
    if !reader.rest.is_empty() {
        return Err(RawError::TrailingBytes(reader.rest.len()));
    }
    let stripped = [version, body, lock_time].concat();
    // BIP 141: weight is three times the stripped size plus the whole size; a virtual byte is four of it.
    let weight = 3 * stripped.len() + raw.len();
    let virtual_size = i64::try_from(weight.div_ceil(4)).map_err(|_| RawError::TooLarge)?;
    Ok(Decoded {
        txid: display_hash(Sha256::digest(Sha256::digest(stripped)).into()),
        inputs,
        outputs,
        virtual_size,
    })
}

/// Hashes are shown with their bytes reversed.
fn display_hash(mut hash: [u8; 32]) -> String {
    hash.reverse();
    hex::encode(hash)
}

fn read_inputs(reader: &mut Reader) -> Result<Vec<OutPoint>, RawError> {
    let count = reader.count(INPUT_BYTES_MIN)?;
    let mut inputs = Vec::with_capacity(count);
    for _ in 0..count {
        let txid = display_hash(reader.array()?);
        let vout = u32::from_le_bytes(reader.array()?);
        reader.bytes()?;
        reader.take(4)?;
        inputs.push(OutPoint { txid, vout });
    }
    Ok(inputs)
}

fn read_outputs(
    reader: &mut Reader,
    versions: &AddressVersions,
) -> Result<Vec<(Option<String>, i64)>, RawError> {
    let count = reader.count(OUTPUT_BYTES_MIN)?;
    let mut outputs = Vec::with_capacity(count);
    let mut sum: i64 = 0;
    for _ in 0..count {
        let amount = i64::try_from(u64::from_le_bytes(reader.array()?)).map_err(|_| RawError::Amount)?;
        sum = sum.checked_add(amount).ok_or(RawError::Amount)?;
        outputs.push((versions.address_of(reader.bytes()?), amount));
    }
    Ok(outputs)
}

fn skip_witnesses(reader: &mut Reader, inputs: usize) -> Result<(), RawError> {
    let mut items = 0;
    for _ in 0..inputs {
        let count = reader.count(1)?;
        for _ in 0..count {
            reader.bytes()?;
        }
        items += count;
    }
    // Nodes refuse the extended form where the plain one would do: one transaction, one serialisation.
    if items == 0 { Err(RawError::NoWitness) } else { Ok(()) }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], RawError> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(RawError::TooShort)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], RawError> {
        self.take(N)?.try_into().map_err(|_| RawError::TooShort)
    }

    /// A compact size, refused unless written the shortest way.
    fn compact_size(&mut self) -> Result<u64, RawError> {
        let (value, least) = match self.take(1)?[0] {
            0xfd => (u64::from(u16::from_le_bytes(self.array()?)), 0xfd),
            0xfe => (u64::from(u32::from_le_bytes(self.array()?)), 0x1_0000),
            0xff => (u64::from_le_bytes(self.array()?), 0x1_0000_0000),
            small => (u64::from(small), 0),
        };
        if value < least { Err(RawError::Count) } else { Ok(value) }
    }

    /// How many things follow, each at least `bytes_min` long: no more than can be there.
    fn count(&mut self, bytes_min: usize) -> Result<usize, RawError> {
        let count = usize::try_from(self.compact_size()?).map_err(|_| RawError::Count)?;
        if count > self.rest.len() / bytes_min { Err(RawError::Count) } else { Ok(count) }
    }

    fn bytes(&mut self) -> Result<&'a [u8], RawError> {
        let length = self.count(1)?;
        self.take(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{CoinSpec, Network};
    use proptest::prelude::*;

    /// BIP 143, "Native P2WPKH": unsigned and signed.
    const UNSIGNED: &str = "0100000002fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f0000000000eeffffffef51e1b804cc89d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb206000000001976a9148280b37df378db99f66f85c95a783a76ac7a6d5988ac9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac11000000";
    const SIGNED: &str = "01000000000102fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f00000000494830450221008b9d1dc26ba6a9cb62127b02742fa9d754cd3bebf337f7a55d114c8e5cdd30be022040529b194ba3f9281a99f2b1c0a19c0489bc22ede944ccf4ecbab4cc618ef3ed01eeffffffef51e1b804cc89d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb206000000001976a9148280b37df378db99f66f85c95a783a76ac7a6d5988ac9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac000247304402203609e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a0220573a954c4518331561406f90300e8f3358f51928d43c212a8caed02de67eebee0121025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee635711000000";
    /// The coinbase of bitcoin's first block.
    const GENESIS_COINBASE: &str = "01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000";

    fn versions() -> AddressVersions {
        CoinSpec::stock("btc", Network::Main).unwrap().versions
    }

    fn decoded(text: &str) -> Result<Decoded, RawError> {
        decode(&hex::decode(text).unwrap(), &versions())
    }

    #[test]
    fn published_segwit_transaction_is_taken_apart() {
        let signed = decoded(SIGNED).unwrap();
        assert_eq!(signed.txid, "e8151a2af31c368a35053ddd4bdb285a8595c769a3ad83e0fa02314a602d4609");
        let (stripped, whole) = (233, SIGNED.len() / 2);
        assert_eq!(signed.virtual_size, i64::try_from((3 * stripped + whole).div_ceil(4)).unwrap());
        assert_eq!(
            signed.inputs,
            [
                OutPoint {
                    txid: "9f96ade4b41d5433f4eda31e1738ec2b36f6e7d1420d94a6af99801a88f7f7ff".into(),
                    vout: 0
                },
                OutPoint {
                    txid: "8ac60eb9575db5b2d987e29f301b5b819ea83a5c6579d282d189cc04b8e151ef".into(),
                    vout: 1
                },
            ]
        );
        assert_eq!(
            signed.outputs.iter().map(|output| output.1).collect::<Vec<_>>(),
            [112_340_000, 223_450_000]
        );
        assert!(
            signed
                .outputs
                .iter()
                .all(|output| output.0.as_ref().is_some_and(|address| address.starts_with('1')))
        );
    }

    #[test]
    fn genesis_coinbase_has_its_published_txid() {
        let coinbase = decoded(GENESIS_COINBASE).unwrap();
        assert_eq!(coinbase.txid, "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b");
        assert_eq!(coinbase.outputs, [(None, 5_000_000_000)]);
        assert_eq!(coinbase.virtual_size, 204);
    }

    #[test]
    fn every_cut_and_every_addition_is_refused() {
        for whole in [UNSIGNED, SIGNED, GENESIS_COINBASE] {
            let raw = hex::decode(whole).unwrap();
            for length in 0..raw.len() {
                assert!(decode(&raw[..length], &versions()).is_err(), "{length}");
            }
            assert_eq!(decode(&[&raw[..], &[0]].concat(), &versions()), Err(RawError::TrailingBytes(1)));
        }
    }

    #[test]
    fn unknown_extensions_and_long_counts_are_refused() {
        assert_eq!(
            decoded(&SIGNED.replacen("010000000001", "010000000008", 1)),
            Err(RawError::UnknownFlag(8))
        );
        assert_eq!(decoded(&UNSIGNED.replacen("0100000002", "01000000fd0200", 1)), Err(RawError::Count));
        assert_eq!(decoded(&UNSIGNED.replacen("0100000002", "01000000feffffffff", 1)), Err(RawError::Count));
    }

    proptest! {
        #[test]
        fn decoding_never_panics(raw in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode(&raw, &versions());
        }
    }
}
