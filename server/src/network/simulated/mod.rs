//! A small network inside Coffer, for the first run, demos, browser tests and load.

/// One coin's simulated network.
pub struct Simulated {}
