//! Telling the application: which events there are, that none is lost, and in what order they arrive.
#![allow(clippy::wildcard_imports, reason = "every rule uses most of `books`")]

mod compatible;
mod feed;
mod listener;
mod order;
mod process;
mod told;
mod transport;
