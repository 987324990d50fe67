//! Dying in the middle: work that is dropped after it was woken so many times, as a process that is killed.
//! Its last write may still be kept: a database finishes what it got, whoever asked.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// `None` when it died before it was done.
pub async fn killed_after<T>(wakes: u32, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut left = wakes;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        work.as_mut().poll(context).map(Some)
    })
    .await
}
