//! One runner of jobs per coin.

use super::books::*;
use app::model::Time;
use server::ledger::{TakeLease, read};

impl Books {
    async fn take(&self, runner: &str, now: Time) -> Option<i64> {
        let take = TakeLease { coin: btc(), runner: runner.into(), expires_at: now.plus_seconds(30), now };
        self.db.write(take).await.unwrap()
    }

    async fn holds(&self, runner: &str, epoch: i64, now: Time) -> bool {
        let mut read = self.db.read().await.unwrap();
        read::holds_lease(&mut read.tx(), btc(), runner, epoch, now).await.unwrap()
    }
}

on_both! {
    async fn the_holder_renews_with_its_epoch(books: &Books) {
        assert_eq!(books.take("a", NOW).await, Some(1));
        assert_eq!(books.take("a", NOW.plus_seconds(20)).await, Some(1));
        assert!(books.holds("a", 1, NOW.plus_seconds(49)).await);
        assert!(!books.holds("a", 1, NOW.plus_seconds(50)).await, "it has expired");
    }

    async fn a_lease_is_taken_only_after_it_expired_with_the_next_epoch(books: &Books) {
        assert_eq!(books.take("a", NOW).await, Some(1));
        assert_eq!(books.take("b", NOW.plus_seconds(29)).await, None);
        assert_eq!(books.take("b", NOW.plus_seconds(30)).await, Some(2));
        assert_eq!(books.take("a", NOW.plus_seconds(31)).await, None);
        assert!(!books.holds("a", 1, NOW.plus_seconds(31)).await && books.holds("b", 2, NOW.plus_seconds(31)).await);
    }

    async fn of_many_runners_one_gets_the_lease(books: &Books) {
        let takes = (0..8).map(|number| {
            let (db, runner) = (books.db.clone(), format!("runner-{number}"));
            let take = TakeLease { coin: btc(), runner, expires_at: NOW.plus_seconds(30), now: NOW };
            tokio::spawn(async move { db.write(take).await.unwrap() })
        });
        let mut winners = 0;
        for take in takes.collect::<Vec<_>>() {
            winners += usize::from(take.await.unwrap().is_some());
        }
        assert_eq!(winners, 1);
    }
}
