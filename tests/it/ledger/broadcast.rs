//! From pending transactions to a settled broadcast.

use super::books::*;
use app::model::{
    AttemptId, NetworkTransactionId, NetworkTransactionState as State, TransactionState, VersionId,
};
use server::ledger::{
    CloseBroadcast, Collect, ConfirmBroadcast, FinishAttempt, LedgerError, PauseWallet, ReduceBroadcast,
    ResumeWallet, TakeLease, read,
};
use server::network::OutPoint;

impl Books {
    fn close_of(&self, broadcast: NetworkTransactionId, txid: &str) -> CloseBroadcast {
        CloseBroadcast { broadcast, txid: txid.into(), fee: None, attempt: None, decision: None, now: NOW }
    }

    async fn confirm(&self, broadcast: NetworkTransactionId, confirmations: i64, fee: Option<i64>) -> State {
        let (txid, block, max_confirmation_count) = ("tx".into(), None, 15);
        let confirm = ConfirmBroadcast {
            broadcast,
            txid,
            confirmations,
            block,
            missing: false,
            fee,
            max_confirmation_count,
            now: NOW,
        };
        self.db.write(confirm).await.unwrap().state
    }

    fn finish_of(&self, attempt: AttemptId, epoch: i64, outcome: &'static str) -> FinishAttempt {
        FinishAttempt { attempt, epoch, outcome, detail: "timed out".into(), retry_at: None, now: NOW }
    }

    async fn live(&self, broadcast: NetworkTransactionId) -> read::LiveBroadcast {
        let mut read = self.db.read().await.unwrap();
        read::broadcast(&mut read.tx(), broadcast).await.unwrap()
    }

    /// Another runner takes the coin after `RUNNER`'s hour.
    async fn lose_lease(&self) -> i64 {
        let (runner, later) = ("runner-b".to_owned(), NOW.plus_seconds(7200));
        let take = TakeLease { coin: btc(), runner, expires_at: later, now: NOW.plus_seconds(3600) };
        self.db.write(take).await.unwrap().unwrap()
    }
}

on_both! {
    async fn collect_sums_outputs_per_address(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        for (address, amount) in [("x", 100), ("y", 200), ("x", 50)] {
            books.send(alice, address, amount).await.unwrap();
        }
        let live = books.live(books.collect().await.unwrap()).await;
        assert_eq!(live.state, State::Collected);
        assert_eq!(live.outputs, [output("x", 150), output("y", 200)]);
        assert_eq!(live.transactions, [output("x", 100), output("y", 200), output("x", 50)]);
        assert_eq!(books.collect().await, None, "nothing is left");
        books.audit_is_clean().await;
    }

    async fn collect_takes_the_oldest_up_to_max_outputs(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        for address in ["x", "y", "z"] {
            books.send(alice, address, 100).await.unwrap();
        }
        let collect = Collect { coin: btc(), wallet: books.wallet, max_outputs: 2, available: i64::MAX, now: NOW };
        let first = books.db.write(collect.clone()).await.unwrap().unwrap();
        assert_eq!(books.live(first).await.outputs, [output("x", 100), output("y", 100)]);
        let second = books.db.write(collect).await.unwrap().unwrap();
        assert_eq!(books.live(second).await.outputs, [output("z", 100)]);
        books.audit_is_clean().await;
    }

    async fn a_paused_wallet_collects_and_opens_nothing(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        books.send(alice, "x", 100).await.unwrap();
        let broadcast = books.collect().await.unwrap();
        let version = books.prepare(broadcast, "tx").await;
        books.send(alice, "y", 100).await.unwrap();
        books.db.write(PauseWallet { wallet: books.wallet, now: NOW }).await.unwrap();
        assert_eq!(books.collect().await, None);
        let mut read = books.db.read().await.unwrap();
        assert!(read::pending_work(&mut read.tx(), btc()).await.unwrap().is_empty());
        drop(read);
        let refused = books.db.write(books.open_of(broadcast, version).await).await;
        assert!(matches!(&refused, Err(LedgerError::WrongState { state }) if state == "paused"), "{refused:?}");
        books.db.write(ResumeWallet { wallet: books.wallet, now: NOW }).await.unwrap();
        books.db.write(books.open_of(broadcast, version).await).await.unwrap();
        assert!(books.collect().await.is_some());
    }

    async fn reduce_keeps_the_oldest_and_frees_the_others(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        for address in ["x", "y", "z"] {
            books.send(alice, address, 100).await.unwrap();
        }
        let broadcast = books.collect().await.unwrap();
        books.db.write(ReduceBroadcast { broadcast, keep: 1, now: NOW }).await.unwrap();
        assert_eq!(books.live(broadcast).await.outputs, [output("x", 100)]);
        let mut read = books.db.read().await.unwrap();
        assert_eq!(read::pending_work(&mut read.tx(), btc()).await.unwrap()[0].transactions, 2);
        drop(read);
        books.db.write(ReduceBroadcast { broadcast, keep: 0, now: NOW }).await.unwrap();
        assert_eq!(books.broadcast_state(broadcast).await, State::Cancelled);
        assert_eq!(books.live(books.collect().await.unwrap()).await.outputs.len(), 3);
        books.audit_is_clean().await;
    }

    async fn prepared_bytes_and_inputs_are_stored(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        books.send(alice, "x", 100).await.unwrap();
        let broadcast = books.collect().await.unwrap();
        let version = books.prepare(broadcast, "tx").await;
        let live = books.live(broadcast).await;
        assert_eq!((live.state, live.versions.len(), live.versions[0].id), (State::Prepared, 1, version));
        assert_eq!(live.versions[0].raw.as_deref(), Some(&[1, 2, 3][..]));
        let input = OutPoint { txid: "input-of-tx".into(), vout: 0 };
        assert_eq!(live.inputs, [(input.clone(), 1_000_000)]);
        let mut read = books.db.read().await.unwrap();
        assert_eq!(read::reserved_outpoints(&mut read.tx(), btc()).await.unwrap(), [input]);
        assert_eq!(read::broadcast_of_txid(&mut read.tx(), btc(), "tx").await.unwrap(), Some(broadcast));
        let all = read::broadcasts(&mut read.tx(), btc(), &[State::Collected, State::Prepared], 10).await.unwrap();
        assert_eq!(all, [live]);
    }

    async fn two_live_broadcasts_never_share_an_input(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        books.send(alice, "x", 100).await.unwrap();
        books.prepare(books.collect().await.unwrap(), "first").await;
        books.send(alice, "y", 100).await.unwrap();
        let mut second = books.prepared_of(books.collect().await.unwrap(), "second").await;
        second.inputs[0].0.txid = "input-of-first".into();
        let refused = books.db.write(second).await;
        assert!(matches!(refused, Err(LedgerError::InputReserved { .. })), "{refused:?}");
    }

    async fn bytes_signed_for_outputs_that_changed_meanwhile_are_refused(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        books.send(alice, "x", 100).await.unwrap();
        let broadcast = books.collect().await.unwrap();
        let mut prepared = books.prepared_of(broadcast, "tx").await;
        prepared.outputs = vec![output("x", 100), output("y", 5)];
        assert!(matches!(books.db.write(prepared).await, Err(LedgerError::BroadcastChanged)));
        assert_eq!(books.broadcast_state(broadcast).await, State::Collected);
    }

    async fn inputs_must_cover_outputs_and_fee(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        books.send(alice, "x", 100).await.unwrap();
        let mut prepared = books.prepared_of(books.collect().await.unwrap(), "tx").await;
        prepared.inputs[0].1 = 106;
        assert!(matches!(books.db.write(prepared).await, Err(LedgerError::Contradiction(_))));
    }

    async fn only_the_holder_of_the_lease_prepares_and_opens(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        books.send(alice, "x", 100).await.unwrap();
        let broadcast = books.collect().await.unwrap();
        let prepared = books.prepared_of(broadcast, "tx").await;
        let version = books.db.write(prepared.clone()).await.unwrap();
        let open = books.open_of(broadcast, version).await;
        books.lose_lease().await;
        assert!(matches!(books.db.write(open).await, Err(LedgerError::LeaseLost)));
        books.send(alice, "y", 100).await.unwrap();
        let mut other = prepared;
        other.broadcast = books.collect().await.unwrap();
        assert!(matches!(books.db.write(other).await, Err(LedgerError::LeaseLost)));
    }

    async fn collect_takes_the_oldest_that_the_hot_wallet_can_pay(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        for (address, amount) in [("x", 100), ("y", 500), ("z", 50)] {
            books.send(alice, address, amount).await.unwrap();
        }
        let collect = Collect { coin: btc(), wallet: books.wallet, max_outputs: 200, available: 300, now: NOW };
        let first = books.db.write(collect).await.unwrap().unwrap();
        assert_eq!(books.live(first).await.outputs, [output("x", 100), output("z", 50)]);
        books.audit_is_clean().await;
    }

    async fn a_one_shot_is_opened_once_and_never_again(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        books.send(alice, "x", 100).await.unwrap();
        let broadcast = books.collect().await.unwrap();
        let mut open = books.open_of(broadcast, VersionId(0)).await;
        open.version = None;
        books.db.write(open.clone()).await.unwrap();
        open.now = NOW.plus_seconds(600);
        let refused = books.db.write(open).await;
        assert!(matches!(&refused, Err(LedgerError::WrongState { state }) if state == "open"), "{refused:?}");
    }

    async fn stored_bytes_are_sent_again_without_waiting_for_the_deadline(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        let broadcast = books.opened(alice, "x", 100, "tx").await;
        let live = books.live(broadcast).await;
        books.db.write(books.open_of(broadcast, live.versions[0].id).await).await.unwrap();
        assert_eq!(books.count("attempt WHERE number = 1 AND outcome = 'unknown'").await, 1, "its runner died");
        assert_eq!(books.live(broadcast).await.last_attempt.unwrap().number, 2);
    }

    async fn a_finished_attempt_lets_the_next_one_begin(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        let broadcast = books.opened(alice, "x", 100, "tx").await;
        let live = books.live(broadcast).await;
        let attempt = live.last_attempt.unwrap();
        let finish = books.finish_of(attempt.id, attempt.epoch, "unknown");
        books.db.write(finish.clone()).await.unwrap();
        books.db.write(finish).await.unwrap();
        assert_eq!(books.live(broadcast).await.last_error.as_deref(), Some("timed out"));
        let other = books.finish_of(attempt.id, attempt.epoch, "sent");
        assert!(matches!(books.db.write(other).await, Err(LedgerError::WrongState { .. })), "it is said once");
        assert_eq!(books.broadcast_state(broadcast).await, State::Open);
        books.db.write(books.open_of(broadcast, live.versions[0].id).await).await.unwrap();
    }

    async fn a_runner_that_lost_its_lease_writes_no_outcome(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        let broadcast = books.opened(alice, "x", 100, "tx").await;
        let attempt = books.live(broadcast).await.last_attempt.unwrap();
        let new = books.lose_lease().await;
        for epoch in [attempt.epoch, new] {
            let refused = books.db.write(books.finish_of(attempt.id, epoch, "refused")).await;
            assert!(matches!(refused, Err(LedgerError::LeaseLost)), "{refused:?}");
        }
    }

    async fn close_books_the_fee_once(books: &Books) {
        let (alice, fees) = (books.funded("alice", 1_000).await, books.network_fees().await);
        let broadcast = books.opened(alice, "x", 100, "tx").await;
        for _ in 0..2 {
            books.db.write(books.close_of(broadcast, "tx")).await.unwrap();
        }
        assert_eq!(books.balance(fees).await, -7, "the version's fee, as none was told");
        let live = books.live(broadcast).await;
        assert_eq!((live.state, live.txid.as_deref(), live.fee), (State::Closed, Some("tx"), Some(7)));
        assert_eq!(books.count("\"transaction\" WHERE state = 'broadcasted'").await, 1);
        assert_eq!(books.balance(alice).await, 900);
        books.audit_is_clean().await;
    }

    async fn close_of_what_was_never_opened_is_refused(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        books.send(alice, "x", 100).await.unwrap();
        let broadcast = books.collect().await.unwrap();
        books.prepare(broadcast, "tx").await;
        assert!(matches!(books.db.write(books.close_of(broadcast, "tx")).await, Err(LedgerError::WrongState { .. })));
    }

    async fn close_with_another_broadcasts_txid_is_refused(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        let first = books.opened(alice, "x", 100, "first").await;
        let second = books.opened(alice, "y", 100, "second").await;
        let refused = books.db.write(books.close_of(second, "first")).await;
        assert!(matches!(refused, Err(LedgerError::TxidTaken { .. })), "{refused:?}");
        books.db.write(books.close_of(first, "first")).await.unwrap();
        assert!(matches!(books.db.write(books.close_of(first, "else")).await, Err(LedgerError::WrongState { .. })));
    }

    async fn the_attempt_that_sent_is_finished_by_closing(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        let broadcast = books.opened(alice, "x", 100, "tx").await;
        let mut close = books.close_of(broadcast, "tx");
        close.attempt = books.live(broadcast).await.last_attempt.map(|attempt| attempt.id);
        books.db.write(close).await.unwrap();
        assert_eq!(books.live(broadcast).await.last_attempt.unwrap().outcome.as_deref(), Some("sent"));
    }

    async fn a_closed_broadcast_is_sent_again_and_stays_closed(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        let broadcast = books.opened(alice, "x", 100, "tx").await;
        let mut close = books.close_of(broadcast, "tx");
        let live = books.live(broadcast).await;
        close.attempt = live.last_attempt.map(|attempt| attempt.id);
        books.db.write(close).await.unwrap();
        books.db.write(books.open_of(broadcast, live.versions[0].id).await).await.unwrap();
        assert_eq!(books.broadcast_state(broadcast).await, State::Closed);
        books.audit_is_clean().await;
    }

    async fn another_fee_is_booked_as_a_difference(books: &Books) {
        let (alice, fees) = (books.funded("alice", 1_000).await, books.network_fees().await);
        let broadcast = books.opened(alice, "x", 100, "tx").await;
        books.db.write(books.close_of(broadcast, "tx")).await.unwrap();
        for (fee, booked) in [(Some(9), -9), (Some(9), -9), (None, -9), (Some(4), -4), (Some(0), 0)] {
            books.confirm(broadcast, 1, fee).await;
            assert_eq!(books.balance(fees).await, booked, "{fee:?}");
            books.audit_is_clean().await;
        }
        assert_eq!(books.count("\"transaction\" WHERE state = 'network_fee'").await, 4);
    }

    async fn confirmations_lead_to_settled_and_back(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        let broadcast = books.opened(alice, "x", 100, "tx").await;
        let early = ConfirmBroadcast {
            broadcast, txid: "tx".into(), confirmations: 1, block: None, missing: false, fee: None,
            max_confirmation_count: 15, now: NOW,
        };
        assert!(matches!(books.db.write(early).await, Err(LedgerError::WrongState { .. })), "it isn't closed");
        books.db.write(books.close_of(broadcast, "tx")).await.unwrap();
        let steps = [(0, State::Closed), (14, State::Closed), (15, State::Settled), (-2, State::Conflicted), (1, State::Closed)];
        for (confirmations, state) in steps {
            assert_eq!(books.confirm(broadcast, confirmations, None).await, state);
            books.audit_is_clean().await;
        }
        assert_eq!(books.state(app::model::TransactionId(2)).await, TransactionState::Broadcasted);
    }

    async fn settled_network_transactions_are_no_longer_followed(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        let broadcast = books.opened(alice, "x", 100, "tx").await;
        books.db.write(books.close_of(broadcast, "tx")).await.unwrap();
        books.seen("lost", -15, &[("at-alice", 5)]).await;
        let followed = async || {
            let mut read = books.db.read().await.unwrap();
            let all = read::followed(&mut read.tx(), btc(), 15, NetworkTransactionId(0), 10).await.unwrap();
            all.into_iter().map(|followed| followed.txid).collect::<Vec<_>>()
        };
        assert_eq!(followed().await, ["funds-alice", "tx"], "a conflict of 15 blocks is for good");
        books.confirm(broadcast, 15, None).await;
        books.seen("funds-alice", 15, &[("at-alice", 1_000)]).await;
        assert!(followed().await.is_empty());
    }
}
