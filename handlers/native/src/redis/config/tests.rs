//! The store of documents on a redis-server of the tests' own.

mod backend;
mod coexistence;
mod contract;
mod files;
mod modes;
mod subject;
