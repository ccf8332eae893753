//! A name system that knows what it is told.

use super::faults::{Call, Faults};
use super::locked;
use crate::ports::{Names, NamesError};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

/// Names and addresses, each direction on its own: a reverse name need not lead back.
#[derive(Debug)]
pub struct MemoryNames {
    reverse: Mutex<BTreeMap<IpAddr, Vec<String>>>,
    forward: Mutex<BTreeMap<String, Vec<IpAddr>>>,
    faults: Arc<Faults>,
}

impl MemoryNames {
    /// A name system that knows nothing.
    pub const fn new(faults: Arc<Faults>) -> Self {
        Self { reverse: Mutex::new(BTreeMap::new()), forward: Mutex::new(BTreeMap::new()), faults }
    }

    /// Writes what an address claims to be called.
    pub fn set_reverse(&self, address: IpAddr, names: &[&str]) {
        locked(&self.reverse).insert(address, names.iter().map(|name| (*name).to_owned()).collect());
    }

    /// Writes where a name leads.
    pub fn set_forward(&self, name: &str, addresses: &[IpAddr]) {
        locked(&self.forward).insert(name.to_owned(), addresses.to_vec());
    }
}

impl Names for MemoryNames {
    async fn reverse(&self, address: IpAddr) -> Result<Vec<String>, NamesError> {
        let found = async { Ok(locked(&self.reverse).get(&address).cloned().unwrap_or_default()) };
        self.faults.around(Call::Reverse, |_| NamesError::Unavailable, found).await
    }

    async fn forward(&self, name: &str) -> Result<Vec<IpAddr>, NamesError> {
        let found = async { Ok(locked(&self.forward).get(name).cloned().unwrap_or_default()) };
        self.faults.around(Call::Forward, |_| NamesError::Unavailable, found).await
    }
}
