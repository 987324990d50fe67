//! One binary of tests against real servers.

mod bitcoind;
