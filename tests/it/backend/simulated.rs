//! What only the simulated network does: failures to order, blocks by the clock, conflicts, shared state.

use super::harness::{Harness, Play, spec};
use server::network::simulated::{EVERY_CALL, Failure, OrderedFailure, Simulated};
use server::network::{Backend, BackendError, CoinSpec, Network, Output, SendOutcome};
use tests::database::Database;

const COIN: i64 = 100_000_000;

/// Runs a body on both databases.
macro_rules! on_both {
    ($($(#[$attribute:meta])* async fn $case:ident($play:ident: &Play) $body:block)*) => {
        $(
            $(#[$attribute])*
            #[tokio::test]
            async fn $case() {
                async fn body($play: &Play) $body
                body(&Play::on(Database::sqlite().await.unwrap())).await;
                body(&Play::on(Database::postgres().await.unwrap())).await;
            }
        )*
    };
}

/// Signed bytes that pay `COIN / 2` outside; and to whom.
async fn signed(play: &Play) -> (Vec<u8>, String) {
    let network = &play.network;
    let address = network.new_address("").await.unwrap();
    play.pay(&address, COIN).await;
    play.mine(1).await;
    let input = network.unspent().await.unwrap().remove(0);
    let outside = play.outside_address().await;
    let change = Output { address: network.change_address().await.unwrap(), amount: COIN / 2 - 10_000 };
    let outputs = [Output { address: outside.clone(), amount: COIN / 2 }, change];
    (network.sign(&[input], &outputs).await.unwrap(), outside)
}

/// Sends with this failure; whether it had an effect by now.
async fn sent_with(play: &Play, how: Failure) -> (SendOutcome, bool) {
    let (raw, outside) = signed(play).await;
    play.network.fail("send_prepared", how, 1).await.unwrap();
    let outcome = play.network.send_prepared(&raw).await;
    play.mine(1).await;
    let paid = play.outside_received(&outside).await == COIN / 2;
    // Once only; and whatever happened, sending the same bytes until they are there ends well.
    play.network.send_prepared(&raw).await;
    play.mine(1).await;
    assert_eq!(play.outside_received(&outside).await, COIN / 2);
    (outcome, paid)
}

on_both! {
    async fn each_failure_of_a_send_has_its_outcome_and_its_effect(play: &Play) {
        let cases = [
            (Failure::Refused { code: -28 }, false, false),
            (Failure::Refused { code: -26 }, true, false),
            (Failure::Unavailable, false, false),
            (Failure::LostReply, true, true),
            (Failure::NotDelivered, true, false),
            (Failure::Garbled, true, true),
            (Failure::Hang { seconds: 0 }, true, true),
            (Failure::Late { seconds: 60 }, true, false),
        ];
        for (how, unknown, effect) in cases {
            let (outcome, paid) = sent_with(play, how).await;
            assert_eq!(matches!(outcome, SendOutcome::Unknown { .. }), unknown, "{how}: {outcome:?}");
            assert_eq!(matches!(outcome, SendOutcome::Refused { .. }), !unknown, "{how}: {outcome:?}");
            assert_eq!(paid, effect, "{how}");
        }
        assert_eq!(play.network.failures().await.unwrap(), []);
    }

    async fn late_send_comes_when_its_time_has_come(play: &Play) {
        let (raw, outside) = signed(play).await;
        let txid = play.network.decode(&raw).unwrap().txid;
        play.network.fail("send_prepared", Failure::Late { seconds: 4 }, 1).await.unwrap();
        assert!(matches!(play.network.send_prepared(&raw).await, SendOutcome::Unknown { .. }));
        play.clock.advance(3);
        assert_eq!(play.network.transaction(&txid).await.unwrap(), None);
        play.clock.advance(1);
        assert!(play.network.transaction(&txid).await.unwrap().is_some());
        play.mine(1).await;
        assert_eq!(play.outside_received(&outside).await, COIN / 2);
    }

    async fn failures_are_used_up_and_can_be_taken_back(play: &Play) {
        let network = &play.network;
        network.fail("node", Failure::Unavailable, 2).await.unwrap();
        network.fail("unspent", Failure::Refused { code: -4 }, 9).await.unwrap();
        let ordered = OrderedFailure { call: "node".into(), how: Failure::Unavailable, times_left: 2 };
        assert_eq!(network.failures().await.unwrap()[0], ordered);
        for _ in 0..2 {
            assert!(matches!(network.node().await, Err(BackendError::Unavailable(_))));
        }
        network.node().await.unwrap();
        assert!(matches!(network.unspent().await, Err(BackendError::Refused { code: -4, .. })));
        network.fail("unspent", Failure::Unavailable, 0).await.unwrap();
        network.unspent().await.unwrap();
        network.fail(EVERY_CALL, Failure::Unavailable, 2).await.unwrap();
        assert!(network.totals().await.is_err() && network.since(None, 1).await.is_err());
        network.totals().await.unwrap();
        assert!(network.fail("explode", Failure::Unavailable, 1).await.is_err());
    }

    async fn lost_reply_of_a_new_address_leaves_it_owned(play: &Play) {
        play.network.fail("new_address", Failure::LostReply, 1).await.unwrap();
        assert!(play.network.new_address("").await.is_err());
        play.network.new_address("").await.unwrap();
    }

    async fn network_is_one_for_all_processes(play: &Play) {
        let other = Simulated::new(play.database.db.clone(), spec(), play.clock.clone(), 99, 0);
        let address = play.network.new_address("").await.unwrap();
        assert!(other.owns(&address).await.unwrap());
        let txid = other.pay(&address, COIN).await.unwrap();
        other.mine(2).await.unwrap();
        assert_eq!(play.network.transaction(&txid).await.unwrap().unwrap().confirmations, 2);
        other.fail("node", Failure::Unavailable, 1).await.unwrap();
        assert!(play.network.node().await.is_err());
        assert_eq!(other.status().await.unwrap(), play.network.status().await.unwrap());
    }

    async fn two_coins_share_a_database_and_nothing_else(play: &Play) {
        let btc = CoinSpec::stock("btc", Network::Regtest).unwrap();
        let other = Simulated::new(play.database.db.clone(), btc, play.clock.clone(), 1, 0);
        let address = play.network.new_address("").await.unwrap();
        play.pay(&address, COIN).await;
        play.mine(3).await;
        assert_eq!(other.node().await.unwrap().height, 0);
        assert_eq!(other.totals().await.unwrap().trusted, 0);
        assert!(!other.owns(&address).await.unwrap());
        assert_ne!(other.new_address("").await.unwrap(), address);
    }

    async fn clock_mines_what_is_due_and_sleeps_through_long_pauses(play: &Play) {
        let network = Simulated::new(play.database.db.clone(), spec(), play.clock.clone(), 1, 10);
        assert_eq!(network.node().await.unwrap().height, 0);
        play.clock.advance(9);
        assert_eq!(network.node().await.unwrap().height, 0);
        play.clock.advance(1);
        assert_eq!(network.node().await.unwrap().height, 1);
        play.clock.advance(30);
        network.tick().await.unwrap();
        assert_eq!(network.status().await.unwrap().height, 4);
        play.clock.advance(1_000_000);
        network.tick().await.unwrap();
        network.tick().await.unwrap();
        assert_eq!(network.node().await.unwrap().height, 10);
    }

    async fn double_spent_deposit_goes_negative_and_never_returns(play: &Play) {
        let network = &play.network;
        let address = network.new_address("").await.unwrap();
        let elsewhere = network.new_address("").await.unwrap();
        let txid = play.pay(&address, COIN).await;
        play.mine(2).await;
        network.reorg_with_double_spend(2, &txid).await.unwrap();
        let lost = network.transaction(&txid).await.unwrap().unwrap();
        assert_eq!((lost.confirmations, lost.block, lost.in_mempool), (-3, None, Some(false)));
        play.mine(2).await;
        assert_eq!(network.transaction(&txid).await.unwrap().unwrap().confirmations, -5);
        assert_eq!(network.totals().await.unwrap().trusted, 0);
        // Replaced while unconfirmed, by one that pays us too: both name each other.
        let first = play.pay(&address, COIN).await;
        let second = network.double_spend(&first, Some(&elsewhere)).await.unwrap();
        let replaced = network.transaction(&first).await.unwrap().unwrap();
        assert_eq!((replaced.confirmations, replaced.in_mempool), (0, Some(false)));
        assert_eq!(replaced.conflicts, std::slice::from_ref(&second));
        assert_eq!(network.transaction(&second).await.unwrap().unwrap().conflicts, std::slice::from_ref(&first));
        play.mine(1).await;
        assert_eq!(network.transaction(&first).await.unwrap().unwrap().confirmations, -1);
        assert_eq!(network.totals().await.unwrap().trusted, COIN);
        // A reorganisation that the winner falls out of as well leaves both without a block.
        network.reorg(1).await.unwrap();
        assert_eq!(network.transaction(&first).await.unwrap().unwrap().confirmations, 0);
    }

    async fn what_spends_a_lost_deposit_is_lost_with_it(play: &Play) {
        let network = &play.network;
        let (raw, outside) = signed(play).await;
        let deposit = network.decode(&raw).unwrap().inputs[0].txid.clone();
        assert!(matches!(network.send_prepared(&raw).await, SendOutcome::Sent { .. }));
        play.mine(1).await;
        assert_eq!(play.outside_received(&outside).await, COIN / 2);
        network.reorg_with_double_spend(2, &deposit).await.unwrap();
        play.mine(1).await;
        assert_eq!(play.outside_received(&outside).await, 0);
        let txid = network.decode(&raw).unwrap().txid;
        assert_eq!(network.transaction(&txid).await.unwrap().unwrap().confirmations, -4);
        assert!(!matches!(network.send_prepared(&raw).await, SendOutcome::Sent { .. }));
        assert_eq!(network.totals().await.unwrap().trusted, 0);
    }

    async fn evicted_send_is_sent_again_by_the_same_bytes(play: &Play) {
        let (raw, outside) = signed(play).await;
        let txid = play.network.decode(&raw).unwrap().txid;
        play.network.send_prepared(&raw).await;
        play.network.evict(&txid).await.unwrap();
        play.mine(1).await;
        let gone = play.network.transaction(&txid).await.unwrap().unwrap();
        assert_eq!((gone.confirmations, gone.in_mempool), (0, Some(false)));
        assert_eq!(play.network.send_prepared(&raw).await, SendOutcome::Sent { txid });
        play.mine(1).await;
        assert_eq!(play.outside_received(&outside).await, COIN / 2);
    }

    async fn higher_fee_replaces_and_only_one_confirms(play: &Play) {
        let network = &play.network;
        let (raw, first) = signed(play).await;
        let input = network.unspent().await.unwrap().remove(0);
        network.send_prepared(&raw).await;
        let second = play.outside_address().await;
        let outputs = [Output { address: second.clone(), amount: COIN - 50_000 }];
        let better = network.sign(&[input], &outputs).await.unwrap();
        assert!(matches!(network.send_prepared(&better).await, SendOutcome::Sent { .. }));
        play.mine(1).await;
        assert_eq!((play.outside_received(&first).await, play.outside_received(&second).await), (0, COIN - 50_000));
        let txid = network.decode(&raw).unwrap().txid;
        assert_eq!(network.transaction(&txid).await.unwrap().unwrap().confirmations, -1);
    }

    async fn coinbase_matures_and_is_abandoned_with_its_block(play: &Play) {
        let network = &play.network;
        let address = network.new_address("").await.unwrap();
        network.mine_to(1, &address).await.unwrap();
        let totals = network.totals().await.unwrap();
        assert_eq!((totals.trusted, totals.immature), (0, 50 * COIN));
        assert_eq!(network.unspent().await.unwrap(), []);
        play.mine(99).await;
        assert_eq!(network.unspent().await.unwrap(), []);
        play.mine(1).await;
        let coinbase = network.unspent().await.unwrap().remove(0);
        assert_eq!((coinbase.amount, coinbase.confirmations), (50 * COIN, 101));
        network.reorg(101).await.unwrap();
        let lost = network.transaction(&coinbase.outpoint.txid).await.unwrap().unwrap();
        assert!(lost.coinbase && lost.abandoned && lost.confirmations == 0);
        assert_eq!(network.totals().await.unwrap().trusted, 0);
    }

    async fn somebody_else_can_spend_from_the_same_wallet(play: &Play) {
        let address = play.network.new_address("").await.unwrap();
        play.pay(&address, COIN).await;
        play.mine(1).await;
        let outside = play.outside_address().await;
        let txid = play.network.spend_behind(&outside, COIN / 2).await.unwrap();
        let told = play.network.transaction(&txid).await.unwrap().unwrap();
        assert!(told.spends_ours && told.received.is_empty());
        assert!(play.network.spend_behind(&outside, COIN).await.is_err());
    }

    async fn notices_bring_txids_of_deposits_and_their_first_confirmation(play: &Play) {
        let mut notices = play.network.subscribe();
        let address = play.network.new_address("").await.unwrap();
        let txid = play.pay(&address, COIN).await;
        play.pay(&play.outside_address().await, COIN).await;
        play.mine(2).await;
        assert_eq!((notices.try_recv().unwrap(), notices.try_recv().unwrap()), (txid.clone(), txid));
        assert!(notices.try_recv().is_err());
    }

    async fn a_main_network_is_not_played(play: &Play) {
        let main = CoinSpec::stock("ltc", Network::Main).unwrap();
        let network = Simulated::new(play.database.db.clone(), main, play.clock.clone(), 1, 0);
        assert!(matches!(network.connect().await, Err(BackendError::Unsupported(_))));
        assert!(network.new_address("").await.is_err());
    }

    async fn same_seed_and_same_orders_make_the_same_chain(play: &Play) {
        async fn run(network: &Simulated) -> (String, String, String) {
            let address = network.new_address("").await.unwrap();
            let txid = network.pay(&address, COIN).await.unwrap();
            network.mine(3).await.unwrap();
            (address, txid, network.node().await.unwrap().best_block)
        }
        let again = Database::sqlite().await.unwrap();
        let again = Simulated::new(again.db.clone(), spec(), play.clock.clone(), 1, 0);
        let other = Database::sqlite().await.unwrap();
        let other = Simulated::new(other.db.clone(), spec(), play.clock.clone(), 2, 0);
        let ours = run(&play.network).await;
        assert_eq!(run(&again).await, ours);
        assert_ne!(run(&other).await, ours);
    }
}
