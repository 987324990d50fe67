//! One binary of tests against real servers.

mod backend;
mod bitcoind;
mod ledger;
mod payment;
mod two_processes;
