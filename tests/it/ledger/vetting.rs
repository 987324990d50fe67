//! Broken broadcasts and what may be ordered about them: closed, reopened, cancelled, bumped, given up.

use super::books::*;
use app::model::{
    Act, Evidence, NetworkTransactionId, NetworkTransactionState as State, Time, TransactionId,
    TransactionState, Verdict,
};
use server::ledger::vetting::Facts;
use server::ledger::{
    BreakBroadcast, BumpBroadcast, CancelBroadcast, CancelTransaction, CloseBroadcast, ConfirmBroadcast,
    Decision, FinishAttempt, FinishCancel, LedgerError, LoseBroadcast, NewVersion, OpenBroadcast,
    ReopenBroadcast, StoreEvidence,
};

const DEADLINE: Time = Time(NOW.0 + 45_000_000);

fn decision() -> Decision {
    Decision { actor: "ines".into(), reason: "looked at the daemon".into() }
}

impl Books {
    /// Sends 100 from `alice` and opens it as a one-shot.
    async fn one_shot(&self, alice: app::model::AccountId) -> NetworkTransactionId {
        self.send(alice, "outside", 100).await.unwrap();
        let broadcast = self.collect().await.unwrap();
        let opened = self.db.write(self.one_shot_of(broadcast, NOW).await).await.unwrap();
        assert!(opened.comment.unwrap().starts_with(&format!("coffer:books:{broadcast}:")));
        broadcast
    }

    async fn one_shot_of(&self, broadcast: NetworkTransactionId, now: Time) -> OpenBroadcast {
        OpenBroadcast {
            broadcast,
            version: None,
            installation: "books".into(),
            runner: RUNNER.into(),
            epoch: self.lease().await,
            deadline: now.plus_seconds(45),
            best_block: "block".into(),
            now,
        }
    }

    async fn broken(&self, alice: app::model::AccountId) -> NetworkTransactionId {
        let broadcast = self.one_shot(alice).await;
        self.db.write(BreakBroadcast { broadcast, now: DEADLINE }).await.unwrap();
        broadcast
    }

    async fn evidence(&self, broadcast: NetworkTransactionId, verdict: Verdict, gathered_at: Time) {
        let evidence = Evidence {
            verdict,
            reason: "for a test".into(),
            txid: (verdict == Verdict::Found).then(|| "found".into()),
            may_change_at: None,
            sent: vec![],
            checks: vec![],
            gathered_at,
        };
        self.db.write(StoreEvidence { broadcast, evidence }).await.unwrap();
    }

    async fn may(&self, broadcast: NetworkTransactionId, act: Act, now: Time) -> Result<(), LedgerError> {
        let mut read = self.db.read().await.unwrap();
        Facts::load(&mut read.tx(), broadcast).await.unwrap().may(act, true, 15, now)
    }

    async fn reopen(&self, broadcast: NetworkTransactionId, now: Time) -> Result<(), LedgerError> {
        self.db.write(ReopenBroadcast { broadcast, decision: decision(), now }).await
    }

    async fn cancel_broadcast(&self, broadcast: NetworkTransactionId, now: Time) -> Result<(), LedgerError> {
        self.db.write(CancelBroadcast { broadcast, can_replace: true, decision: decision(), now }).await
    }

    async fn closed(&self, broadcast: NetworkTransactionId, txid: &str) {
        let close = CloseBroadcast {
            broadcast,
            txid: txid.into(),
            fee: None,
            attempt: None,
            decision: None,
            now: NOW,
        };
        self.db.write(close).await.unwrap();
    }

    async fn confirmed(&self, broadcast: NetworkTransactionId, txid: &str, confirmations: i64) -> State {
        let confirm = ConfirmBroadcast {
            broadcast,
            txid: txid.into(),
            confirmations,
            block: None,
            missing: false,
            fee: None,
            max_confirmation_count: 15,
            now: NOW,
        };
        self.db.write(confirm).await.unwrap().state
    }
}

on_both! {
    async fn a_one_shot_breaks_at_its_deadline_and_not_before(books: &Books) {
        let broadcast = {
            let alice = books.funded("alice", 1_000).await;
            books.one_shot(alice).await
        };
        let early = books.db.write(BreakBroadcast { broadcast, now: DEADLINE.plus_seconds(-1) }).await;
        assert!(matches!(early, Err(LedgerError::AttemptUnderWay { .. })), "{early:?}");
        books.db.write(BreakBroadcast { broadcast, now: DEADLINE }).await.unwrap();
        assert_eq!(books.broadcast_state(broadcast).await, State::Broken);
        assert_eq!(books.count("event WHERE name = 'broadcast_broken'").await, 1);
        assert_eq!(books.count("attempt WHERE outcome = 'unknown'").await, 1);
        books.audit_is_clean().await;
    }

    async fn prepared_broadcasts_never_break(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        let broadcast = books.opened(alice, "x", 100, "tx").await;
        let refused = books.db.write(BreakBroadcast { broadcast, now: DEADLINE }).await;
        assert!(matches!(refused, Err(LedgerError::WrongState { .. })), "{refused:?}");
    }

    async fn a_refused_one_shot_is_collected_again(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        let broadcast = books.one_shot(alice).await;
        let mut read = books.db.read().await.unwrap();
        let live = server::ledger::read::broadcast(&mut read.tx(), broadcast).await.unwrap();
        drop(read);
        let attempt = live.last_attempt.unwrap();
        let finish = FinishAttempt {
            attempt: attempt.id, epoch: attempt.epoch, outcome: "refused", detail: "-6".into(), retry_at: None, now: NOW,
        };
        books.db.write(finish).await.unwrap();
        assert_eq!(books.broadcast_state(broadcast).await, State::Collected);
        books.db.write(CancelTransaction { transaction: TransactionId(2), reason: String::new(), now: NOW }).await.unwrap();
        assert_eq!(books.balance(alice).await, 1_000);
        books.audit_is_clean().await;
    }

    async fn reopening_needs_fresh_evidence_that_it_was_not_found(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        let broadcast = books.broken(alice).await;
        let later = DEADLINE.plus_seconds(1_000);
        let forbidden = async |now| {
            let (reopen, cancel) = (books.reopen(broadcast, now).await, books.cancel_broadcast(broadcast, now).await);
            assert!(matches!(reopen, Err(LedgerError::EvidenceForbids(_))), "{reopen:?}");
            assert!(matches!(cancel, Err(LedgerError::EvidenceForbids(_))), "{cancel:?}");
        };
        forbidden(later).await;
        for verdict in [Verdict::Found, Verdict::CantTell] {
            books.evidence(broadcast, verdict, later).await;
            forbidden(later).await;
        }
        books.evidence(broadcast, Verdict::NotFound, DEADLINE).await;
        forbidden(DEADLINE).await;
        books.evidence(broadcast, Verdict::NotFound, later).await;
        forbidden(later.plus_seconds(301)).await;
        books.reopen(broadcast, later.plus_seconds(300)).await.unwrap();
        assert_eq!(books.broadcast_state(broadcast).await, State::Collected);
        assert_eq!(books.count("evidence").await, 1, "the newest takes the place of the one before");
        assert_eq!(books.count("decision WHERE act = 'reopen' AND actor = 'ines' AND evidence IS NOT NULL").await, 1);
        let cancel = CancelTransaction { transaction: TransactionId(2), reason: String::new(), now: later };
        assert!(books.db.write(cancel).await.is_err(), "an attempt of it may have left");
        let again = books.one_shot_of(broadcast, later).await;
        let mut lease = server::ledger::TakeLease {
            coin: btc(), runner: RUNNER.into(), expires_at: later.plus_seconds(3600), now: later,
        };
        lease.now = later;
        books.db.write(lease).await.unwrap();
        let opened = books.db.write(again).await.unwrap();
        assert_eq!(opened.comment, Some(format!("coffer:books:{broadcast}:2")));
        books.evidence(broadcast, Verdict::CantTell, later).await;
        assert_eq!(books.count("evidence").await, 2, "what a decision rests on is kept");
        books.audit_is_clean().await;
    }

    async fn cancelling_a_broken_one_shot_that_was_not_found_gives_the_money_back(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        let broadcast = books.broken(alice).await;
        let later = DEADLINE.plus_seconds(1_000);
        books.evidence(broadcast, Verdict::NotFound, later).await;
        books.cancel_broadcast(broadcast, later).await.unwrap();
        assert_eq!(books.broadcast_state(broadcast).await, State::Cancelled);
        assert_eq!((books.balance(alice).await, books.state(TransactionId(2)).await), (1_000, TransactionState::Cancelled));
        assert!(books.cancel_broadcast(broadcast, later).await.is_err(), "once");
        books.audit_is_clean().await;
    }

    async fn a_decision_needs_a_reason(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        let broadcast = books.broken(alice).await;
        let decision = Some(Decision { actor: "ines".into(), reason: "  ".into() });
        let close = CloseBroadcast { broadcast, txid: "tx".into(), fee: None, attempt: None, decision, now: NOW };
        assert!(matches!(books.db.write(close.clone()).await, Err(LedgerError::NoReason)));
        books.db.write(CloseBroadcast { decision: Some(self::decision()), ..close }).await.unwrap();
        assert_eq!(books.broadcast_state(broadcast).await, State::Closed);
        assert_eq!(books.count("decision WHERE act = 'close' AND txid = 'tx'").await, 1);
        books.audit_is_clean().await;
    }

    async fn a_person_closes_only_what_is_broken(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        let broadcast = books.opened(alice, "x", 100, "tx").await;
        let close = CloseBroadcast {
            broadcast, txid: "tx".into(), fee: None, attempt: None, decision: Some(decision()), now: NOW,
        };
        assert!(matches!(books.db.write(close).await, Err(LedgerError::WrongState { .. })));
    }

    async fn what_was_never_handed_over_is_cancelled_at_once(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        books.send(alice, "x", 100).await.unwrap();
        let broadcast = books.collect().await.unwrap();
        books.prepare(broadcast, "tx").await;
        books.cancel_broadcast(broadcast, NOW).await.unwrap();
        assert_eq!((books.broadcast_state(broadcast).await, books.balance(alice).await), (State::Cancelled, 1_000));
        assert_eq!(books.count("broadcast_version WHERE raw IS NOT NULL").await, 0, "its bytes are erased");
        assert_eq!(books.count("broadcast_input WHERE freed_at IS NULL").await, 0);
        // The same input serves another broadcast now.
        books.send(alice, "x", 100).await.unwrap();
        let mut prepared = books.prepared_of(books.collect().await.unwrap(), "other").await;
        prepared.inputs[0].0.txid = "input-of-tx".into();
        books.db.write(prepared).await.unwrap();
        books.audit_is_clean().await;
    }

    async fn what_was_handed_over_is_cancelled_by_a_confirmed_version(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        let broadcast = books.opened(alice, "x", 100, "tx").await;
        books.closed(broadcast, "tx").await;
        books.cancel_broadcast(broadcast, NOW).await.unwrap();
        assert_eq!((books.broadcast_state(broadcast).await, books.balance(alice).await), (State::Cancelling, 900));
        let mut version = books.prepared_of(broadcast, "back").await;
        version.version = NewVersion::Cancel;
        version.fee = 20;
        version.outputs = vec![];
        let strange = books.db.write(version.clone()).await;
        assert!(matches!(strange, Err(LedgerError::Contradiction(_))), "it lacks the anchor: {strange:?}");
        version.inputs[0].0.txid = "input-of-tx".into();
        books.db.write(version).await.unwrap();
        books.audit_is_clean().await;
        let finish = FinishCancel {
            broadcast, txid: "back".into(), confirmations: 3, block: None, fee: Some(20), now: NOW,
        };
        books.db.write(finish).await.unwrap();
        assert_eq!((books.broadcast_state(broadcast).await, books.balance(alice).await), (State::Cancelled, 1_000));
        assert_eq!(books.state(TransactionId(2)).await, TransactionState::Failed, "it had been broadcasted");
        assert_eq!(books.balance(books.network_fees().await).await, -20, "the fee of the version that counts");
        books.audit_is_clean().await;
    }

    async fn a_payment_that_confirms_while_it_is_cancelled_is_closed(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        let broadcast = books.opened(alice, "x", 100, "tx").await;
        books.cancel_broadcast(broadcast, NOW).await.unwrap();
        books.closed(broadcast, "tx").await;
        assert_eq!((books.broadcast_state(broadcast).await, books.balance(alice).await), (State::Closed, 900));
        books.audit_is_clean().await;
    }

    async fn a_higher_fee_is_a_version_with_the_same_anchor(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        let broadcast = books.opened(alice, "x", 100, "tx").await;
        books.closed(broadcast, "tx").await;
        let bump = BumpBroadcast { broadcast, can_replace: true, decision: decision(), now: NOW.plus_seconds(1) };
        assert!(matches!(books.db.write(BumpBroadcast { can_replace: false, ..bump.clone() }).await, Err(LedgerError::CantReplace)));
        books.db.write(bump.clone()).await.unwrap();
        assert!(books.db.write(bump).await.is_err(), "it waits already");
        let mut version = books.prepared_of(broadcast, "tx2").await;
        version.version = NewVersion::Bump;
        version.fee = 20;
        version.inputs[0].0.txid = "input-of-tx".into();
        version.now = NOW.plus_seconds(2);
        let second = books.db.write(version).await.unwrap();
        books.db.write(books.open_of(broadcast, second).await).await.unwrap();
        assert_eq!(books.confirmed(broadcast, "tx2", 1).await, State::Closed);
        let confirm = ConfirmBroadcast {
            broadcast, txid: "tx2".into(), confirmations: 1, block: None, missing: false, fee: Some(20),
            max_confirmation_count: 15, now: NOW,
        };
        books.db.write(confirm).await.unwrap();
        assert_eq!(books.balance(books.network_fees().await).await, -20);
        assert!(books.may(broadcast, Act::Bump, NOW.plus_seconds(3)).await.is_err(), "it is confirmed");
        books.audit_is_clean().await;
    }

    async fn only_a_conflict_as_deep_as_we_follow_is_for_good(books: &Books) {
        let alice = books.funded("alice", 1_000).await;
        let lose = |broadcast, renew| LoseBroadcast {
            broadcast, renew, max_confirmation_count: 15, decision: decision(), now: NOW,
        };
        let first = books.opened(alice, "x", 100, "tx").await;
        books.closed(first, "tx").await;
        assert_eq!(books.confirmed(first, "tx", -14).await, State::Conflicted);
        assert!(matches!(books.db.write(lose(first, false)).await, Err(LedgerError::EvidenceForbids(_))));
        books.confirmed(first, "tx", -15).await;
        books.db.write(lose(first, false)).await.unwrap();
        assert_eq!((books.balance(alice).await, books.state(TransactionId(2)).await), (1_000, TransactionState::Failed));
        assert_eq!(books.balance(books.network_fees().await).await, 0, "nothing was paid, nothing was charged");
        books.audit_is_clean().await;
        let second = books.opened(alice, "y", 70, "tx3").await;
        books.closed(second, "tx3").await;
        books.confirmed(second, "tx3", -20).await;
        books.db.write(lose(second, true)).await.unwrap();
        assert_eq!(books.balance(alice).await, 930);
        assert!(books.collect().await.is_some(), "it joins the next broadcast");
        books.audit_is_clean().await;
    }
}
