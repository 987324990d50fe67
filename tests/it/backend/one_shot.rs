//! One-shot sends, restarts and changed copies on the simulated network: what only it can be told to do.

use super::harness::{Harness, Play};
use server::network::simulated::Failure;
use server::network::{Backend, OutPoint, Output, SendOutcome, WalletTransaction};
use tests::database::Database;

const COIN: i64 = 100_000_000;
const NO_BLOCK: &str = "00000000000000000000000000000000000000000000000000000000000000ff";

/// Runs a body on both databases.
macro_rules! on_both {
    ($(async fn $case:ident($play:ident: &Play) $body:block)*) => {
        $(
            #[tokio::test]
            async fn $case() {
                async fn body($play: &Play) $body
                body(&Play::on(Database::sqlite().await.unwrap())).await;
                body(&Play::on(Database::postgres().await.unwrap())).await;
            }
        )*
    };
}

async fn fund(play: &Play, amounts: &[i64]) {
    for amount in amounts {
        let address = play.network.new_address("").await.unwrap();
        play.pay(&address, *amount).await;
    }
    play.mine(1).await;
}

/// Sends half a coin outside in one call; where to, and what was said.
async fn send_half(play: &Play, comment: &str) -> (String, SendOutcome) {
    let address = play.outside_address().await;
    let outputs = [Output { address: address.clone(), amount: COIN / 2 }];
    let outcome = play.network.send_many(&outputs, comment).await;
    (address, outcome)
}

/// All that was ever sent, by its comment.
async fn sent(play: &Play, comment: &str) -> Vec<WalletTransaction> {
    let sent = play.network.sent_since(NO_BLOCK).await.unwrap();
    sent.into_iter().filter(|sent| sent.comment.as_deref() == Some(comment)).collect()
}

on_both! {
    async fn each_failure_of_a_one_shot_has_its_outcome_and_its_effect(play: &Play) {
        let cases = [
            (Failure::Refused { code: -6 }, false, false),
            (Failure::Refused { code: -4 }, true, false),
            (Failure::Unavailable, false, false),
            (Failure::LostReply, true, true),
            (Failure::NotDelivered, true, false),
            (Failure::Garbled, true, true),
            (Failure::Hang { seconds: 0 }, true, true),
            (Failure::Late { seconds: 60 }, true, false),
        ];
        for (how, unknown, effect) in cases {
            fund(play, &[COIN]).await;
            play.network.fail("send_many", how, 1).await.unwrap();
            let (address, outcome) = send_half(play, &how.to_string()).await;
            assert_eq!(matches!(outcome, SendOutcome::Unknown { .. }), unknown, "{how}: {outcome:?}");
            assert_eq!(matches!(outcome, SendOutcome::Refused { .. }), !unknown, "{how}: {outcome:?}");
            assert_eq!(sent(play, &how.to_string()).await.len(), usize::from(effect), "{how}");
            play.mine(1).await;
            assert_eq!(play.outside_received(&address).await == COIN / 2, effect, "{how}");
        }
    }

    async fn late_one_shot_picks_its_inputs_when_it_is_due(play: &Play) {
        fund(play, &[COIN]).await;
        let first = play.network.unspent().await.unwrap().remove(0).outpoint;
        play.network.fail("send_many", Failure::Late { seconds: 20 }, 1).await.unwrap();
        let (address, _) = send_half(play, "late").await;
        // What it would have picked then is spent by the time it runs.
        play.network.spend_behind(&play.outside_address().await, COIN / 4).await.unwrap();
        fund(play, &[COIN]).await;
        play.clock.advance(19);
        assert_eq!(sent(play, "late").await, []);
        play.clock.advance(1);
        let late = sent(play, "late").await;
        assert_eq!(late.len(), 1);
        assert!(!late[0].inputs.contains(&first));
        play.mine(1).await;
        assert_eq!(play.outside_received(&address).await, COIN / 2);
    }

    async fn restart_drops_what_was_not_carried_out_and_starts_uptime_anew(play: &Play) {
        fund(play, &[COIN, COIN]).await;
        play.clock.advance(1_000);
        assert_eq!(play.network.uptime().await.unwrap(), Some(1_000));
        play.network.fail("send_many", Failure::Late { seconds: 10 }, 1).await.unwrap();
        let (address, outcome) = send_half(play, "dropped").await;
        assert!(matches!(outcome, SendOutcome::Unknown { .. }));
        let first = play.network.unspent().await.unwrap().remove(0).outpoint;
        play.network.lock(&[first]).await.unwrap();
        assert_eq!(play.network.unspent().await.unwrap().len(), 1);
        play.clock.advance(5);
        play.network.restart().await.unwrap();
        play.clock.advance(60);
        assert_eq!(play.network.uptime().await.unwrap(), Some(60));
        assert_eq!(sent(play, "dropped").await, []);
        play.mine(1).await;
        assert_eq!(play.outside_received(&address).await, 0);
        assert_eq!(play.network.unspent().await.unwrap().len(), 2, "locks die with the daemon");
    }

    async fn what_was_due_before_the_restart_was_done(play: &Play) {
        fund(play, &[COIN]).await;
        play.network.fail("send_many", Failure::Late { seconds: 10 }, 1).await.unwrap();
        send_half(play, "in time").await;
        play.clock.advance(10);
        play.network.restart().await.unwrap();
        assert_eq!(sent(play, "in time").await.len(), 1);
    }

    async fn restart_brings_the_wallets_own_transactions_back(play: &Play) {
        fund(play, &[COIN]).await;
        let (address, _) = send_half(play, "back").await;
        let txid = sent(play, "back").await.remove(0).txid;
        let deposit = play.pay(&play.network.new_address("").await.unwrap(), COIN).await;
        for evicted in [&txid, &deposit] {
            play.network.evict(evicted).await.unwrap();
            let gone = play.network.transaction(evicted).await.unwrap().unwrap();
            assert_eq!(gone.in_mempool, Some(false));
        }
        play.network.restart().await.unwrap();
        for back in [&txid, &deposit] {
            let back = play.network.transaction(back).await.unwrap().unwrap();
            assert_eq!(back.in_mempool, Some(true));
        }
        play.mine(1).await;
        assert_eq!(play.outside_received(&address).await, COIN / 2);
    }

    async fn changed_copy_has_the_same_inputs_outputs_and_comment_and_alone_confirms(play: &Play) {
        fund(play, &[COIN]).await;
        let (address, _) = send_half(play, "copied").await;
        let original = sent(play, "copied").await.remove(0);
        let copy = play.network.malleate(&original.txid).await.unwrap();
        assert_ne!(copy, original.txid);
        play.mine(2).await;
        let copy = play.network.transaction(&copy).await.unwrap().unwrap();
        assert_eq!((copy.confirmations, copy.fee), (2, original.fee));
        assert_eq!((&copy.inputs, &copy.outputs, &copy.comment), (&original.inputs, &original.outputs, &original.comment));
        let beaten = play.network.transaction(&original.txid).await.unwrap().unwrap();
        assert_eq!((beaten.confirmations, beaten.conflicts), (-2, vec![copy.txid]));
        assert_eq!(play.outside_received(&address).await, COIN / 2);
    }

    async fn one_shot_leaves_locked_outputs_alone(play: &Play) {
        fund(play, &[3 * COIN, COIN]).await;
        let large = play.network.unspent().await.unwrap().remove(0);
        assert_eq!(large.amount, 3 * COIN);
        play.network.lock(std::slice::from_ref(&large.outpoint)).await.unwrap();
        send_half(play, "small").await;
        let inputs: Vec<OutPoint> = sent(play, "small").await.remove(0).inputs;
        assert!(!inputs.contains(&large.outpoint));
        let (_, outcome) = send_half(play, "none left").await;
        assert!(matches!(outcome, SendOutcome::Refused { .. }), "short funds: {outcome:?}");
    }
}
