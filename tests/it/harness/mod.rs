//! What the cases stand on: a home to run the server in, a receiver for its webhooks, and patience with a deadline.
//!
//! A case takes a [`Server`] and looks at it from outside only: its HTTP surface, its operator's commands, its log and what
//! receivers get. Where it runs is [`Place::of_this_run`]. Cases that need the native home (its process, its command line) say so by
//! taking a [`Native`], and stand in the module `native`.

mod answer;
mod cases;
mod dns;
mod fault_proxy;
mod home;
mod mail;
mod native;
mod objects;
mod process;
mod raw;
mod receiver;
mod redis_server;
mod reply;
mod server;
mod worker;

pub(crate) use answer::Answer;
pub(crate) use cases::{
    PROMPT, TOKEN, as_told_here, background, eventually, one_default_target, quick_retries, within,
};
pub(crate) use dns::{Dns, DnsReply};
pub(crate) use fault_proxy::{Fault, FaultProxy};
pub(crate) use home::{Ended, Home, Place};
pub(crate) use mail::Mail;
pub(crate) use native::{Native, command_in};
pub(crate) use raw::{Wire, exchange};
pub(crate) use receiver::{Received, Receiver};
pub(crate) use redis_server::{DURABLE, EVERYSEC, RedisServer};
pub(crate) use reply::{Gate, Reply};
pub(crate) use server::Server;
pub(crate) use worker::Worker;
