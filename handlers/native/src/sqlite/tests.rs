//! The embedded store keeps the ports' contract, and what only a file and a group commit can promise.

mod commits;
mod contract;
mod crowd;
mod files;
mod folder;
mod notify;
mod queries;
mod space;
mod split;
