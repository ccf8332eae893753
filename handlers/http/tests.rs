//! The HTTP surface as clients meet it: [`handle`](super::handle) on a site in memory. One module for each that it tests.

mod access;
mod body;
mod health;
mod incoming;
mod ingress;
mod outage;
mod precedence;
mod router;
pub(super) mod site;
mod source;
