//! Raw transactions put together: the plain serialisation, with input scripts of the real size whose signatures
//! are made up. `network::raw` takes them apart again.

use super::chance::sha256;
use crate::network::OutPoint;

/// Spends nothing: the input of a coinbase.
pub(super) const COINBASE_VOUT: u32 = u32::MAX;

const VERSION: u32 = 2;
/// Final, and replaceable as every transaction is under full replacement.
const SEQUENCE: u32 = 0xffff_fffd;
const SIGNATURE_BYTES: u8 = 72;
const PUBLIC_KEY_BYTES: u8 = 33;

/// An output's script and its minor units.
pub(super) type ScriptOutput = (Vec<u8>, i64);

/// `None` when an outpoint's txid is none, or an amount is negative.
pub(super) fn transaction(inputs: &[OutPoint], outputs: &[ScriptOutput], secret: &[u8]) -> Option<Vec<u8>> {
    let mut spent = Vec::new();
    for input in inputs {
        spent.push(outpoint(input)?);
    }
    let mut paid = compact_size(outputs.len());
    for (script, amount) in outputs {
        paid.extend(u64::try_from(*amount).ok()?.to_le_bytes());
        paid.extend(compact_size(script.len()));
        paid.extend(script);
    }
    let message = sha256(&[&spent.concat(), &paid]);
    let mut raw = VERSION.to_le_bytes().to_vec();
    raw.extend(compact_size(inputs.len()));
    for input in &spent {
        let script = input_script(&[secret, &message, input]);
        raw.extend(input);
        raw.extend(compact_size(script.len()));
        raw.extend(script);
        raw.extend(SEQUENCE.to_le_bytes());
    }
    raw.extend(paid);
    raw.extend(0_u32.to_le_bytes());
    Some(raw)
}

fn outpoint(of: &OutPoint) -> Option<Vec<u8>> {
    let mut txid = hex::decode(&of.txid).ok().filter(|txid| txid.len() == 32)?;
    txid.reverse();
    txid.extend(of.vout.to_le_bytes());
    Some(txid)
}

/// As long as a real one that spends p2pkh, so that sizes and fees are real. The same transaction is always signed
/// the same way, as RFC 6979 has it.
fn input_script(parts: &[&[u8]]) -> Vec<u8> {
    let stream: Vec<u8> =
        (0..4_u8).flat_map(|part| sha256(&[&[part][..], parts.concat().as_slice()])).collect();
    let (signature, rest) = stream.split_at(usize::from(SIGNATURE_BYTES));
    [&[SIGNATURE_BYTES], signature, &[PUBLIC_KEY_BYTES], &rest[..usize::from(PUBLIC_KEY_BYTES)]].concat()
}

fn compact_size(value: usize) -> Vec<u8> {
    match value {
        0..=0xfc => vec![u8::try_from(value).expect("at most 0xfc")],
        0xfd..=0xffff => [&[0xfd], &u16::try_from(value).expect("at most 0xffff").to_le_bytes()[..]].concat(),
        _ => [&[0xfe], &u32::try_from(value).expect("no transaction has more than 4 GB").to_le_bytes()[..]]
            .concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{CoinSpec, Network, raw};

    fn outpoint(byte: u8, vout: u32) -> OutPoint {
        OutPoint { txid: hex::encode([byte; 32]), vout }
    }

    #[test]
    fn what_is_put_together_is_taken_apart_the_same() {
        let versions = CoinSpec::stock("ltc", Network::Regtest).unwrap().versions;
        let address = bs58::encode([7; 20]).with_check_version(versions.p2pkh).into_string();
        let inputs: Vec<_> = (0..300).map(|index| outpoint(1, index)).collect();
        let outputs = [(versions.script(&address).unwrap(), 5), (vec![0x6a], 0)];
        let bytes = transaction(&inputs, &outputs, b"seed").unwrap();
        let decoded = raw::decode(&bytes, &versions).unwrap();
        assert_eq!(decoded.inputs, inputs);
        assert_eq!(decoded.outputs, [(Some(address), 5), (None, 0)]);
        assert_eq!(decoded.virtual_size, i64::try_from(bytes.len()).unwrap());
        assert_eq!(transaction(&inputs, &outputs, b"seed").unwrap(), bytes);
        assert_ne!(transaction(&inputs[1..], &outputs, b"seed").unwrap(), bytes);
    }

    #[test]
    fn what_is_no_transaction_is_not_written() {
        assert_eq!(transaction(&[OutPoint { txid: "ff".into(), vout: 0 }], &[], b""), None);
        assert_eq!(transaction(&[outpoint(1, 0)], &[(vec![], -1)], b""), None);
    }
}
