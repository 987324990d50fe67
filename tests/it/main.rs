//! One binary of tests against real servers.

mod backend;
mod bitcoind;
mod payment;
