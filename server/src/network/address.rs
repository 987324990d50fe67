//! Addresses of a coin: read, checked, spelled one way; and their scripts.
//! base58check for key and script hashes, bech32 and bech32m for witness programs (BIP 173, BIP 350).
//! Knows no daemon. Start with `AddressVersions::canonical`.

use super::coin::{AddressVersions, CoinSpec, Network};
use bech32::primitives::decode::{CharError, ChecksumError, SegwitHrpstringError, UncheckedHrpstringError};
use bech32::{Fe32, Hrp, segwit};

/// Longest spelling: BIP 173 allows 90 characters. Longer text is not even looked at.
const TEXT_MAX: usize = 90;
const HASH_BYTES: usize = 20;

const OP_DUP: u8 = 0x76;
const OP_HASH160: u8 = 0xa9;
const OP_EQUALVERIFY: u8 = 0x88;
const OP_CHECKSIG: u8 = 0xac;
const OP_EQUAL: u8 = 0x87;
/// `OP_1` to `OP_16` are 0x51 to 0x60.
const OP_1_BASE: u8 = 0x50;

/// What an address pays to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressKind {
    PubkeyHash,
    ScriptHash,
    WitnessPubkeyHash,
    WitnessScriptHash,
    /// Version 1 (taproot) to 16.
    Witness(u8),
}

/// Why a text is no address of this coin and network, told so that a person can mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("An address is missing.")]
    Empty,
    #[error("This address is too long: {0} characters. Copy only the address.")]
    TooLong(usize),
    #[error("This address is too short. Copy all of it.")]
    TooShort,
    #[error("An address can't contain \"{0}\". Copy it again.")]
    Character(char),
    #[error("This address is mistyped: its checksum doesn't match. Copy it again.")]
    Checksum,
    #[error("This address mixes upper and lower case. Copy it again as it was given.")]
    MixedCase,
    #[error("This address belongs to {0}. Ask for an address of this coin and network.")]
    OtherNetwork(String),
    #[error("This is no address of this coin, nor of another that Coffer knows.")]
    UnknownVersion,
    #[error("This coin has no addresses that begin with \"{0}1\".")]
    UnknownPrefix(String),
    #[error("What this address encodes has a length that no address has ({0} bytes).")]
    Length(usize),
    #[error("This address has a witness version or padding that doesn't exist. Copy it again.")]
    Program,
}

impl AddressError {
    /// Told before the checksum was found right.
    fn is_spelling(&self) -> bool {
        matches!(self, Self::Character(_) | Self::Checksum | Self::TooShort)
    }
}

/// An address without its spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Destination {
    PubkeyHash([u8; HASH_BYTES]),
    ScriptHash([u8; HASH_BYTES]),
    Witness { version: Fe32, program: Vec<u8> },
}

impl AddressVersions {
    /// The one spelling under which an address is kept and compared: trimmed, bech32 in lower case, the first
    /// version where a coin has two.
    pub fn canonical(&self, text: &str) -> Result<String, AddressError> {
        self.read(text).map(|destination| self.spell(&destination))
    }

    pub fn kind(&self, address: &str) -> Result<AddressKind, AddressError> {
        Ok(match self.read(address)? {
            Destination::PubkeyHash(_) => AddressKind::PubkeyHash,
            Destination::ScriptHash(_) => AddressKind::ScriptHash,
            Destination::Witness { version: Fe32::Q, program } if program.len() == HASH_BYTES => {
                AddressKind::WitnessPubkeyHash
            }
            Destination::Witness { version: Fe32::Q, .. } => AddressKind::WitnessScriptHash,
            Destination::Witness { version, .. } => AddressKind::Witness(version.to_u8()),
        })
    }

    /// The `scriptPubKey` that pays this address.
    pub fn script(&self, address: &str) -> Result<Vec<u8>, AddressError> {
        Ok(match self.read(address)? {
            Destination::PubkeyHash(hash) => {
                [&[OP_DUP, OP_HASH160, 20], &hash[..], &[OP_EQUALVERIFY, OP_CHECKSIG]].concat()
            }
            Destination::ScriptHash(hash) => [&[OP_HASH160, 20], &hash[..], &[OP_EQUAL]].concat(),
            Destination::Witness { version, program } => {
                let version = version.to_u8();
                let opcode = if version == 0 { 0 } else { OP_1_BASE + version };
                let length = u8::try_from(program.len()).map_err(|_| AddressError::Length(program.len()))?;
                [&[opcode, length], &program[..]].concat()
            }
        })
    }

    /// The canonical address that a `scriptPubKey` pays; `None` where it pays none of this coin and network.
    pub fn address_of(&self, script: &[u8]) -> Option<String> {
        let destination = match script {
            [OP_DUP, OP_HASH160, 20, hash @ .., OP_EQUALVERIFY, OP_CHECKSIG] => {
                Destination::PubkeyHash(hash.try_into().ok()?)
            }
            [OP_HASH160, 20, hash @ .., OP_EQUAL] => Destination::ScriptHash(hash.try_into().ok()?),
            [opcode, length, program @ ..] if program.len() == usize::from(*length) => {
                self.bech32.as_ref()?;
                witness_program(*opcode, program)?
            }
            _ => return None,
        };
        Some(self.spell(&destination))
    }

    fn spell(&self, destination: &Destination) -> String {
        let base58 = |version: u8, hash: &[u8]| bs58::encode(hash).with_check_version(version).into_string();
        match destination {
            Destination::PubkeyHash(hash) => base58(self.p2pkh, hash),
            Destination::ScriptHash(hash) => base58(self.p2sh.first().copied().unwrap_or_default(), hash),
            Destination::Witness { version, program } => {
                let prefix = self.bech32.as_deref().unwrap_or_default();
                let hrp =
                    Hrp::parse(prefix).expect("only coins with a valid prefix have witness destinations");
                segwit::encode(hrp, *version, program)
                    .expect("version and length were checked when it was read")
            }
        }
    }

    fn read(&self, text: &str) -> Result<Destination, AddressError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        if text.len() > TEXT_MAX {
            return Err(AddressError::TooLong(text.chars().count()));
        }
        // A base58 text whose checksum is right is nothing else, whatever it begins with.
        match (self.read_base58(text), self.bech32.as_deref()) {
            (Err(error), Some(prefix)) if error.is_spelling() && has_prefix(text, prefix) => {
                read_witness(text, prefix)
            }
            (Err(error), _) if error.is_spelling() => Err(foreign_witness(text).unwrap_or(error)),
            (result, _) => result,
        }
    }

    fn read_base58(&self, text: &str) -> Result<Destination, AddressError> {
        let bytes = bs58::decode(text).with_check(None).into_vec().map_err(|error| match error {
            bs58::decode::Error::InvalidCharacter { character, .. } => AddressError::Character(character),
            bs58::decode::Error::NonAsciiCharacter { index } => {
                AddressError::Character(text[index..].chars().next().unwrap_or('?'))
            }
            bs58::decode::Error::NoChecksum => AddressError::TooShort,
            _ => AddressError::Checksum,
        })?;
        let (version, hash) = bytes.split_first().ok_or(AddressError::TooShort)?;
        let hash = hash.try_into().map_err(|_| AddressError::Length(hash.len()))?;
        if *version == self.p2pkh {
            Ok(Destination::PubkeyHash(hash))
        } else if self.p2sh.contains(version) {
            Ok(Destination::ScriptHash(hash))
        } else {
            Err(stock_owners(|versions| versions.p2pkh == *version || versions.p2sh.contains(version))
                .map_or(AddressError::UnknownVersion, AddressError::OtherNetwork))
        }
    }
}

fn witness_program(opcode: u8, program: &[u8]) -> Option<Destination> {
    let version = match opcode {
        0 => 0,
        opcode => opcode.checked_sub(OP_1_BASE).filter(|version| (1..=16).contains(version))?,
    };
    let version = Fe32::try_from(version).ok()?;
    bech32::primitives::segwit::validate_witness_program_length(program.len(), version).ok()?;
    Some(Destination::Witness { version, program: program.to_vec() })
}

/// Whether `text` begins with `prefix` and the separator `1`, in either case.
fn has_prefix(text: &str, prefix: &str) -> bool {
    let (text, prefix) = (text.as_bytes(), prefix.as_bytes());
    text.get(prefix.len()) == Some(&b'1') && text[..prefix.len()].eq_ignore_ascii_case(prefix)
}

/// `segwit::decode` checks what BIP 173 and BIP 350 ask: case, variant by version, padding, program length.
fn read_witness(text: &str, prefix: &str) -> Result<Destination, AddressError> {
    let (hrp, version, program) = segwit::decode(text).map_err(|error| witness_error(&error.0))?;
    // The last `1` is the separator: a mistyped one makes another prefix.
    if !hrp.as_str().eq_ignore_ascii_case(prefix) {
        return Err(AddressError::Checksum);
    }
    Ok(Destination::Witness { version, program })
}

fn witness_error(error: &SegwitHrpstringError) -> AddressError {
    match error {
        SegwitHrpstringError::Unchecked(UncheckedHrpstringError::Char(error)) => match error {
            CharError::MixedCase => AddressError::MixedCase,
            CharError::InvalidChar(character) => AddressError::Character(*character),
            _ => AddressError::TooShort,
        },
        SegwitHrpstringError::NoData | SegwitHrpstringError::Checksum(ChecksumError::InvalidLength) => {
            AddressError::TooShort
        }
        SegwitHrpstringError::TooLong(length) => AddressError::TooLong(*length),
        SegwitHrpstringError::Checksum(_) | SegwitHrpstringError::Unchecked(_) => AddressError::Checksum,
        _ => AddressError::Program,
    }
}

/// A bech32 address of something else: named if its prefix is known, at least recognised if its checksum is right.
fn foreign_witness(text: &str) -> Option<AddressError> {
    let (prefix, _) = text.rsplit_once('1')?;
    let owners = stock_owners(|versions| {
        versions.bech32.as_deref().is_some_and(|own| prefix.eq_ignore_ascii_case(own))
    });
    if let Some(owners) = owners {
        return Some(AddressError::OtherNetwork(owners));
    }
    bech32::decode(text).ok().map(|_| AddressError::UnknownPrefix(prefix.to_lowercase()))
}

/// Names the stock coins and networks with such versions: "btc (main), ltc (main)".
fn stock_owners(matches: impl Fn(&AddressVersions) -> bool) -> Option<String> {
    let stock = CoinSpec::STOCK.iter().flat_map(|ticker| Network::ALL.map(|network| (*ticker, network)));
    let owners: Vec<String> = stock
        .filter_map(|(ticker, network)| CoinSpec::stock(ticker, network))
        .filter(|spec| matches(&spec.versions))
        .map(|spec| format!("{} ({})", spec.coin, spec.network.as_str()))
        .collect();
    if owners.is_empty() { None } else { Some(owners.join(", ")) }
}

#[cfg(test)]
#[path = "address_tests.rs"]
mod tests;
