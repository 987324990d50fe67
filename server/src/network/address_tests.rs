//! Addresses against published vectors: BIP 173, BIP 350 and Bitcoin Core's `key_io_valid.json`.

use super::*;
use proptest::prelude::*;

fn versions(ticker: &str, network: Network) -> AddressVersions {
    CoinSpec::stock(ticker, network).unwrap().versions
}

fn btc() -> AddressVersions {
    versions("btc", Network::Main)
}

/// BIP 350: segwit addresses and the scripts that they stand for.
const WITNESS_VALID: &[(&str, &str)] = &[
    ("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "0014751e76e8199196d454941c45d1b3a323f1433bd6"),
    (
        "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
        "00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262",
    ),
    (
        "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
        "5128751e76e8199196d454941c45d1b3a323f1433bd6751e76e8199196d454941c45d1b3a323f1433bd6",
    ),
    ("BC1SW50QGDZ25J", "6002751e"),
    ("bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs", "5210751e76e8199196d454941c45d1b3a323"),
    (
        "tb1qqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesrxh6hy",
        "0020000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433",
    ),
    (
        "tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c",
        "5120000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433",
    ),
    (
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
    ),
];

/// BIP 350: what is no segwit address, and BIP 173's generic strings, which are valid bech32 but no addresses.
const WITNESS_INVALID: &[&str] = &[
    "tc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq5zuyut",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
    "tb1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqglt7rf",
    "BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh",
    "tb1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq24jc47",
    "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",
    "BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R",
    "bc1pw5dgrnzv",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav",
    "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P",
    "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47Zagq",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf",
    "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vpggkg4j",
    "bc1gmk9yu",
    "A12UEL5L",
    "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
    "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
    "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
    "?1ezyfcl",
    "pzry9x0s0muk",
    "1pzry9x0s0muk",
    "x1b4n0q5v",
    "li1dgmt3",
    "A1G7SGD8",
    "10a06t8",
];

/// `key_io_valid.json`: network, address, script.
const CORE_VALID: &[(Network, &str, &str)] = &[
    (
        Network::Main,
        "1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo",
        "76a914a31c06bd463e3923bc1aadbde48b16976c08071788ac",
    ),
    (Network::Main, "36j4NfKv6Akva9amjWrLG6MuSQym1GuEmm", "a914373b819a068f32b7a6b38b6b38729647cfde01c287"),
    (
        Network::Test,
        "mzK2FFDEhxqHcmrJw1ysqFkVyhUULo45hZ",
        "76a914ce28b26c57472737f5c3561a1761185bd8589a4388ac",
    ),
    (Network::Test, "2NC2hEhe28ULKAJkW5MjZ3jtTMJdvXmByvK", "a914ce0bba75891ff9ec60148d4bd4a09ee2dc5c933187"),
    (
        Network::Signet,
        "mww4LvqtTMKvmeQvizPz2EQv26xTneWrbg",
        "76a914b4110ba93ac54afc14da3bdd19614774a2d55d2988ac",
    ),
    (
        Network::Regtest,
        "n4fajahJrAuKbN7uNsKjLjQkz9Qn5ewJXQ",
        "76a914fdeca3b08e38af53d7c4c60e3ad208ce5066441088ac",
    ),
    (
        Network::Regtest,
        "2MxFajLApXpYk4VodBSZSt7rw8y4ryABkfA",
        "a91436e9f191e0b75036a77f65e2eaa4752443233fbe87",
    ),
    (
        Network::Main,
        "bc1qvyq0cc6rahyvsazfdje0twl7ez82ndmuac2lhv",
        "00146100fc6343edc8c874496cb2f5bbfec88ea9b77c",
    ),
    (Network::Main, "bc1z2rksukkjr8", "520250ed"),
    (
        Network::Regtest,
        "bcrt1sx6p8njlx7h9mc2agz4yg82dzne23050ncq72cneeecez2pst8mahn8xecsf8g6hzx94420",
        "6028368279cbe6f5cbbc2ba8154883a9a29e5517d1f3c03cac4f39ce3225060b3efb799cd9c412746ae2",
    ),
];

#[test]
fn published_addresses_and_scripts_are_inverse() {
    let witness = WITNESS_VALID.iter().map(|(address, script)| {
        let network = if address.to_lowercase().starts_with("tb") { Network::Test } else { Network::Main };
        (network, *address, *script, true)
    });
    let core = CORE_VALID
        .iter()
        .map(|(network, address, script)| (*network, *address, *script, address.contains('0')));
    for (network, address, script, any_case) in witness.chain(core) {
        let versions = versions("btc", network);
        let canonical = if any_case { address.to_lowercase() } else { address.to_string() };
        assert_eq!(versions.canonical(&format!(" {address}\n")), Ok(canonical.clone()), "{address}");
        assert_eq!(hex::encode(versions.script(address).unwrap()), script, "{address}");
        assert_eq!(versions.address_of(&hex::decode(script).unwrap()), Some(canonical), "{address}");
    }
}

#[test]
fn published_invalid_addresses_are_refused() {
    for address in WITNESS_INVALID {
        for network in Network::ALL {
            assert!(versions("btc", network).canonical(address).is_err(), "{address}");
        }
    }
}

#[test]
fn kinds_are_told_apart() {
    let kind = |address: &str| btc().kind(address).unwrap();
    assert_eq!(kind("1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo"), AddressKind::PubkeyHash);
    assert_eq!(kind("36j4NfKv6Akva9amjWrLG6MuSQym1GuEmm"), AddressKind::ScriptHash);
    assert_eq!(kind("bc1qvyq0cc6rahyvsazfdje0twl7ez82ndmuac2lhv"), AddressKind::WitnessPubkeyHash);
    assert_eq!(
        kind("bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3"),
        AddressKind::WitnessScriptHash
    );
    assert_eq!(kind("bc1z2rksukkjr8"), AddressKind::Witness(2));
}

#[test]
fn two_spellings_of_one_script_are_one_address() {
    // One script hash under the version that litecoin took from bitcoin, and under its own.
    let ltc = versions("ltc", Network::Main);
    let old = ltc_spelling(5);
    let new = ltc_spelling(50);
    assert!(old.starts_with('3') && new.starts_with('M'), "{old} {new}");
    assert_eq!(ltc.canonical(&old), Ok(new.clone()));
    assert_eq!(ltc.canonical(&new), Ok(new));
}

fn ltc_spelling(version: u8) -> String {
    bs58::encode([7; 20]).with_check_version(version).into_string()
}

#[test]
fn errors_say_what_to_do() {
    let ltc = versions("ltc", Network::Main);
    let told = |address: &str| ltc.canonical(address).unwrap_err().to_string();
    assert!(told("1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo").contains("belongs to btc (main)"));
    assert!(told("bc1qvyq0cc6rahyvsazfdje0twl7ez82ndmuac2lhv").contains("belongs to btc (main)"));
    assert!(told("tltc1qw508d6qejxtdg4y5r3zarvary0c5xw7klfsuq0").contains("ltc (test)"));
    assert_eq!(ltc.canonical(""), Err(AddressError::Empty));
    assert_eq!(ltc.canonical("LUxXFcwXFPpRZdMv4aYu6bDwPdC2skQ5Yx"), Err(AddressError::Checksum));
    assert_eq!(ltc.canonical("ltc"), Err(AddressError::Character('l')));
    assert_eq!(ltc.canonical("LUx"), Err(AddressError::TooShort));
    assert_eq!(ltc.canonical("M0"), Err(AddressError::Character('0')));
    assert!(matches!(ltc.canonical(&"1".repeat(91)), Err(AddressError::TooLong(91))));
    let mixed = btc().canonical("bc1QVYQ0CC6RAHYVSAZFDJE0TWL7EZ82NDMUAC2LHV");
    assert_eq!(mixed, Err(AddressError::MixedCase));
    // A private key has the checksum of an address and another version and length.
    let key = btc().canonical("5JuW2AMDYu4xVwRG9DZW18VbzQrGcd5RCgb99sS6ehJsNQXu5b9");
    assert_eq!(key, Err(AddressError::Length(32)));
    assert_eq!(
        btc().canonical("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"),
        Err(AddressError::UnknownPrefix("abcdef".into()))
    );
}

#[test]
fn scripts_that_no_address_has_are_told_apart() {
    let doge = versions("doge", Network::Main);
    for script in [
        "",
        "6a",
        "6a0474657374",
        "76a91488ac",
        "a91487",
        "0014",
        "0014751e76e8199196d454941c45d1b3a323f1433bd6",
    ] {
        assert_eq!(doge.address_of(&hex::decode(script).unwrap()), None, "{script}");
    }
}

fn any_stock() -> impl Strategy<Value = AddressVersions> {
    let stock: Vec<AddressVersions> = CoinSpec::STOCK
        .iter()
        .flat_map(|ticker| Network::ALL.map(|network| CoinSpec::stock(ticker, network)))
        .flatten()
        .map(|spec| spec.versions)
        .collect();
    proptest::sample::select(stock)
}

fn any_destination() -> impl Strategy<Value = Destination> {
    prop_oneof![
        any::<[u8; 20]>().prop_map(Destination::PubkeyHash),
        any::<[u8; 20]>().prop_map(Destination::ScriptHash),
        prop_oneof![Just(20usize), Just(32)]
            .prop_flat_map(|length| proptest::collection::vec(any::<u8>(), length))
            .prop_map(|program| Destination::Witness { version: Fe32::Q, program }),
        (1u8..=16, proptest::collection::vec(any::<u8>(), 2..=40)).prop_map(|(version, program)| {
            Destination::Witness { version: Fe32::try_from(version).unwrap(), program }
        }),
    ]
}

proptest! {
    #[test]
    fn canonical_reads_what_spell_wrote(versions in any_stock(), destination in any_destination()) {
        prop_assume!(versions.bech32.is_some() || !matches!(destination, Destination::Witness { .. }));
        let spelled = versions.spell(&destination);
        prop_assert_eq!(versions.canonical(&spelled), Ok(spelled.clone()));
        prop_assert_eq!(versions.address_of(&versions.script(&spelled).unwrap()), Some(spelled));
    }

    #[test]
    fn one_changed_character_is_refused(
        versions in any_stock(), destination in any_destination(), place in any::<prop::sample::Index>(), by in 1u8..94
    ) {
        prop_assume!(versions.bech32.is_some() || !matches!(destination, Destination::Witness { .. }));
        let spelled = versions.spell(&destination);
        let mut bytes = spelled.clone().into_bytes();
        let at = place.index(bytes.len());
        bytes[at] = b'!' + (bytes[at] - b'!' + by) % 94;
        let changed = String::from_utf8(bytes).unwrap();
        prop_assert!(versions.canonical(&changed).is_err(), "{} {}", spelled, changed);
    }

    #[test]
    fn reading_never_panics(versions in any_stock(), text in "\\PC{0,100}", script in proptest::collection::vec(any::<u8>(), 0..50)) {
        let _ = versions.canonical(&text);
        let _ = versions.address_of(&script);
    }
}
