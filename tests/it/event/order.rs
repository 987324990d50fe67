//! The outbox by a clock that stands still: who waits for whom, what is tried when, what is parked and delivered again.

use crate::ledger::books::*;
use app::model::{Redelivery, Time, TransactionId};
use server::clock::Clock;
use server::config::{HandlerKind, HandlerSettings};
use server::db::query;
use server::event::{Callbacks, Event, PATIENCE_SECONDS, Redeliver};
use server::job::{Context, Outbox, Periods};
use server::ledger::MarkProcessed;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

/// A function of this process that hears of events, refuses those that the test says, and remembers the others.
#[derive(Clone, Default)]
struct App {
    received: Arc<Mutex<Vec<i64>>>,
    tried: Arc<Mutex<Vec<i64>>>,
    refuses: Arc<Mutex<Vec<i64>>>,
    down: Arc<Mutex<bool>>,
}

impl App {
    fn hear(&self, event: &Event) -> Result<(), String> {
        self.tried.lock().unwrap().push(event.sequence);
        if *self.down.lock().unwrap() || self.refuses.lock().unwrap().contains(&event.sequence) {
            return Err("not now".into());
        }
        self.received.lock().unwrap().push(event.sequence);
        Ok(())
    }

    fn refuse(&self, sequences: &[i64]) {
        *self.refuses.lock().unwrap() = sequences.to_vec();
    }

    fn received(&self) -> Vec<i64> {
        self.received.lock().unwrap().clone()
    }

    fn tried(&self) -> usize {
        self.tried.lock().unwrap().len()
    }
}

struct Stage {
    app: App,
    clock: Clock,
    context: Context,
    outbox: Outbox,
    _stop: watch::Sender<bool>,
}

fn context(
    books: &Books,
    app: &App,
    clock: &Clock,
    handlers: &[&str],
    stop: &watch::Sender<bool>,
) -> Context {
    let listener = app.clone();
    let callbacks = Callbacks::default().with("app", move |event: Event| {
        let heard = listener.hear(&event);
        async move { heard }
    });
    let second = Duration::from_secs(1);
    let named = |name: &&str| HandlerSettings {
        name: (*name).to_owned(),
        kind: HandlerKind::InProcess { callback: "app".into() },
    };
    Context {
        db: books.db.clone(),
        clock: clock.clone(),
        coins: Vec::new(),
        events: handlers.iter().map(named).collect(),
        callbacks,
        runner: "order".into(),
        periods: Periods { broadcast: second, confirmation: second, audit: second },
        stop: stop.subscribe(),
    }
}

impl Stage {
    async fn set(books: &Books) -> Self {
        Self::of(books, &["app"]).await
    }

    async fn of(books: &Books, handlers: &[&str]) -> Self {
        let (app, clock, stop) = (App::default(), Clock::fixed(NOW), watch::Sender::new(false));
        let context = context(books, &app, &clock, handlers, &stop);
        let outbox = Outbox::open(&context).await.unwrap();
        Self { app, clock, context, outbox, _stop: stop }
    }

    async fn pass(&mut self) {
        self.outbox.pass().await.unwrap();
    }

    async fn later(&mut self, seconds: i64) {
        self.clock.advance(seconds);
        self.pass().await;
    }

    async fn redeliver(&self, books: &Books, which: Redelivery) -> i64 {
        books.db.write(Redeliver { which, now: self.clock.now() }).await.unwrap().count
    }
}

/// Two deposits of their own, each told `times` times: the first has the odd numbers.
async fn two_deposits(books: &Books, times: i64) -> [TransactionId; 2] {
    let alice = books.account("alice").await;
    books.address(alice, "a").await;
    let mut ids = Vec::new();
    for confirmations in 0..times {
        for txid in ["one", "two"] {
            let recorded = books.seen(txid, confirmations, &[("a", 5)]).await;
            ids.extend(recorded.incoming);
        }
    }
    [ids[0], ids[1]]
}

async fn states(books: &Books) -> Vec<(i64, String)> {
    let mut read = books.db.read().await.unwrap();
    let sql = "SELECT sequence, state FROM delivery ORDER BY sequence, handler";
    query(sql).all(&mut read.tx()).await.unwrap()
}

async fn of_delivery(books: &Books, sequence: i64) -> (i64, String, Option<Time>, i64) {
    books
        .one(query("SELECT id, state, due_at, attempts FROM delivery WHERE sequence = $1").bind(sequence))
        .await
}

on_both! {
    async fn a_later_event_waits_for_the_earlier_of_its_transaction_and_for_no_other(books: &Books) {
        let mut stage = Stage::set(books).await;
        two_deposits(books, 3).await;
        stage.app.refuse(&[1]);
        stage.pass().await;
        assert_eq!(stage.app.received(), [2, 4, 6], "1, 3 and 5 are of the transaction whose first was refused");
        stage.later(4).await;
        assert_eq!(stage.app.tried(), 4, "not due yet");
        stage.app.refuse(&[]);
        stage.later(1).await;
        assert_eq!(stage.app.received(), [2, 4, 6, 1, 3, 5]);
        assert!(states(books).await.iter().all(|(_, state)| state == "received"));
    }

    async fn what_concerns_a_broadcast_as_a_whole_stays_between_what_concerns_its_payments(books: &Books) {
        let mut stage = Stage::set(books).await;
        let (alice, bob) = (books.account("alice").await, books.account("bob").await);
        books.address(alice, "a").await;
        books.address(bob, "b").await;
        // Two transactions of one network transaction, an event of it as a whole, and two more.
        books.seen("tx", 0, &[("a", 5), ("b", 6)]).await;
        books
            .direct(
                "INSERT INTO event (coin, name, network_transaction, data, created_at)
                 VALUES ('btc', 'broadcast_broken', 1, '{}', 1)",
            )
            .await
            .unwrap();
        books.seen("tx", 1, &[("a", 5), ("b", 6)]).await;
        stage.app.refuse(&[2]);
        stage.pass().await;
        assert_eq!(stage.app.received(), [1], "the whole waits for 2, and all later ones for the whole");
        stage.app.refuse(&[]);
        stage.later(5).await;
        let received = stage.app.received();
        assert_eq!(received[..3], [1, 2, 3]);
        assert_eq!(received.len(), 5);
    }

    async fn what_is_refused_for_three_days_is_parked_and_later_ones_pass(books: &Books) {
        let mut stage = Stage::set(books).await;
        two_deposits(books, 2).await;
        stage.app.refuse(&[1]);
        stage.pass().await;
        let (mut waits, mut last) = (Vec::new(), stage.clock.now());
        loop {
            let (_, state, due_at, _) = of_delivery(books, 1).await;
            let Some(due_at) = due_at else {
                assert_eq!(state, "parked");
                break;
            };
            waits.push(due_at.seconds_since(last));
            let wait = due_at.seconds_since(stage.clock.now());
            last = due_at;
            stage.later(wait).await;
        }
        assert_eq!(waits[..4], [5, 10, 30, 60], "seconds at first");
        assert_eq!(waits.last(), Some(&21_600), "hours in the end");
        let tried: i64 = waits.iter().sum();
        assert!((PATIENCE_SECONDS..PATIENCE_SECONDS + 21_600).contains(&tried), "{tried}");
        assert_eq!(stage.app.received(), [2, 4, 3], "3 waited for 1 until that was parked");
        let attempts = books.count("delivery_attempt WHERE outcome = 'refused' AND detail = 'not now'").await;
        assert_eq!(attempts, i64::try_from(waits.len()).unwrap() + 1, "every attempt is kept");
        // A person orders it again, and the application takes it.
        stage.app.refuse(&[]);
        let (id, ..) = of_delivery(books, 1).await;
        assert_eq!(stage.redeliver(books, Redelivery::One(id)).await, 1);
        stage.pass().await;
        assert_eq!(stage.app.received(), [2, 4, 3, 1]);
    }

    async fn a_dead_handler_delays_no_other(books: &Books) {
        let mut stage = Stage::of(books, &["dead", "live"]).await;
        two_deposits(books, 2).await;
        *stage.app.down.lock().unwrap() = true;
        stage.pass().await;
        let by_handler = |handler: &str, state: &str| format!("delivery WHERE handler = '{handler}' AND state = '{state}'");
        assert_eq!(books.count(&by_handler("dead", "pending")).await, 4);
        *stage.app.down.lock().unwrap() = false;
        // The dead one stays so: nobody runs its queue.
        books.direct("UPDATE handler SET expires_at = 1795000999000000, runner = 'another' WHERE name = 'dead'").await.unwrap();
        stage.later(5).await;
        assert_eq!(books.count(&by_handler("live", "received")).await, 4);
        assert_eq!(books.count(&by_handler("dead", "received")).await, 0);
    }

    async fn redelivering_keeps_the_order_of_each_transaction(books: &Books) {
        let mut stage = Stage::set(books).await;
        two_deposits(books, 3).await;
        stage.pass().await;
        assert_eq!(stage.redeliver(books, Redelivery::Since { handler: "app".into(), after: 2 }).await, 4);
        stage.app.received.lock().unwrap().clear();
        stage.app.refuse(&[3]);
        stage.pass().await;
        assert_eq!(stage.app.received(), [4, 6]);
        stage.app.refuse(&[]);
        assert_eq!(stage.redeliver(books, Redelivery::Failed { handler: "app".into() }).await, 1);
        stage.pass().await;
        assert_eq!(stage.app.received(), [4, 6, 3, 5]);
    }

    async fn a_new_handler_begins_with_the_events_from_then_on_and_one_that_is_gone_keeps_its_rows(books: &Books) {
        let mut stage = Stage::set(books).await;
        let alice = books.account("alice").await;
        books.address(alice, "a").await;
        books.seen("one", 0, &[("a", 5)]).await;
        stage.pass().await;
        let stop = watch::Sender::new(false);
        let both = context(books, &stage.app, &stage.clock, &["app", "other"], &stop);
        let mut outbox = Outbox::open(&both).await.unwrap();
        books.seen("one", 1, &[("a", 5)]).await;
        outbox.pass().await.unwrap();
        assert_eq!(books.count("delivery WHERE handler = 'other'").await, 1);
        assert_eq!(books.count("delivery WHERE handler = 'other' AND sequence = 2").await, 1);

        *stage.app.down.lock().unwrap() = true;
        books.seen("one", 2, &[("a", 5)]).await;
        outbox.pass().await.unwrap();
        // The other is named no longer: what waits for it stays, and nothing new is made for it.
        let mut outbox = Outbox::open(&stage.context).await.unwrap();
        books.seen("one", 3, &[("a", 5)]).await;
        outbox.pass().await.unwrap();
        assert_eq!(books.count("delivery WHERE handler = 'other' AND state = 'pending'").await, 1);
        assert_eq!(books.count("handler WHERE name = 'other' AND gone_at IS NOT NULL").await, 1);
    }

    async fn what_the_application_is_done_with_is_not_tried_again(books: &Books) {
        let mut stage = Stage::set(books).await;
        let [one, _] = two_deposits(books, 2).await;
        *stage.app.down.lock().unwrap() = true;
        stage.pass().await;
        books.db.write(MarkProcessed { transaction: one, now: NOW }).await.unwrap();
        let of_one = |state: &str| format!("delivery WHERE \"transaction\" = {one} AND state = '{state}'");
        assert_eq!(books.count(&of_one("stopped")).await, 2);
        *stage.app.down.lock().unwrap() = false;
        stage.later(3600).await;
        assert_eq!(stage.app.received(), [2, 4]);
        // A reversal takes money back: that is told, however done the application is.
        books.seen("one", 3, &[("a", 5)]).await;
        *stage.app.down.lock().unwrap() = true;
        books.seen("one", -1, &[("a", 5)]).await;
        stage.pass().await;
        *stage.app.down.lock().unwrap() = false;
        stage.later(3600).await;
        let reversed = "delivery d JOIN event e ON e.sequence = d.sequence
            WHERE e.name = 'deposit_reversed' AND d.state = 'received'";
        assert_eq!(books.count(reversed).await, 1);
    }

    async fn another_process_delivers_only_once_the_lease_has_run_out(books: &Books) {
        let mut stage = Stage::set(books).await;
        stage.pass().await;
        let stop = watch::Sender::new(false);
        let there = Context { runner: "there".into(), ..context(books, &stage.app, &stage.clock, &["app"], &stop) };
        let mut there = Outbox::open(&there).await.unwrap();
        two_deposits(books, 1).await;
        there.pass().await.unwrap();
        assert_eq!(stage.app.tried(), 0, "it numbers, and leaves the rest to the holder");
        stage.clock.advance(9);
        there.pass().await.unwrap();
        let mut received = stage.app.received();
        received.sort_unstable();
        assert_eq!(received, [1, 2]);
    }

    async fn numbers_are_gapless_whoever_gives_them(books: &Books) {
        let alice = books.account("alice").await;
        books.address(alice, "a").await;
        let writers = (0..8).map(|writer| {
            let (db, report) = (books.db.clone(), books.report(&format!("tx{writer}"), 0, &[("a", 5)]));
            tokio::spawn(async move {
                for confirmations in 0..25 {
                    let mut report = report.clone();
                    report.confirmations = confirmations;
                    db.write(report).await.unwrap();
                    server::event::number(&db, NOW).await.unwrap();
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        while server::event::number(&books.db, NOW).await.unwrap() > 0 {}
        let mut read = books.db.read().await.unwrap();
        let numbers: Vec<(i64,)> =
            query("SELECT sequence FROM event ORDER BY sequence").all(&mut read.tx()).await.unwrap();
        let numbers: Vec<i64> = numbers.into_iter().map(|(number,)| number).collect();
        assert_eq!(numbers, (1..=200).collect::<Vec<_>>());
    }

    async fn an_event_never_changes_once_it_has_its_number(books: &Books) {
        two_deposits(books, 1).await;
        server::event::number(&books.db, NOW).await.unwrap();
        for sql in [
            "UPDATE event SET sequence = 7 WHERE sequence = 1",
            "UPDATE event SET data = '{}'",
            "DELETE FROM event",
            "UPDATE event_head SET sequence = 0",
            "DELETE FROM event_head",
        ] {
            assert!(books.direct(sql).await.is_err(), "{sql}");
        }
    }
}
