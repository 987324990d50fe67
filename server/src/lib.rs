//! Coffer's server: books, networks, jobs, dashboard. ARCHITECTURE is in README; start at `main.rs`.

pub mod answer;
pub mod audit_log;
pub mod clock;
pub mod coins;
pub mod command;
pub mod config;
pub mod db;
pub mod desk;
pub mod event;
pub mod failpoint;
pub mod job;
pub mod ledger;
pub mod lifecycle;
pub mod live;
pub mod network;
pub mod notify;
pub mod people;
pub mod web;
