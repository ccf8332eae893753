//! The store of documents on a redis-server of the tests' own.

mod coexistence;
mod contract;
mod subject;
