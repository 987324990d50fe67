//! The rules of money, each on both databases.
#![allow(clippy::wildcard_imports, reason = "every rule uses most of `books`")]
#![allow(clippy::unused_self, reason = "what happens to the books reads as their method")]

mod address;
mod audit;
pub mod books;
mod broadcast;
mod cancel;
mod constraint;
mod deposit;
mod foreign_spend;
mod lease;
mod many;
mod once;
mod random;
mod regression;
mod send;
mod transfer;
mod vetting;
mod wallet;
