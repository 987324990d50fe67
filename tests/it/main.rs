//! One binary of tests against real servers.

mod account;
mod api;
mod audit_log;
mod backend;
mod bitcoind;
mod command;
mod config;
mod csv;
mod desk;
mod event;
mod find;
mod killed;
mod ledger;
mod live;
mod payment;
mod people;
mod racing;
mod record;
mod reorganisation;
mod speed;
mod stage;
mod trouble;
mod two_processes;
mod vetting;
mod web;
