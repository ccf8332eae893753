//! Randomness that repeats itself.

use super::locked;
use crate::ports::Entropy;
use std::sync::Mutex;

/// The same numbers for the same seed (`SplitMix64`), evenly spread and no secret at all.
#[derive(Debug)]
pub struct MemoryEntropy {
    state: Mutex<u64>,
}

impl MemoryEntropy {
    /// The sequence of that seed.
    pub const fn new(seed: u64) -> Self {
        Self { state: Mutex::new(seed) }
    }
}

impl Entropy for MemoryEntropy {
    fn random(&self) -> u128 {
        let mut state = locked(&self.state);
        u128::from(next(&mut state)) << 64 | u128::from(next(&mut state))
    }
}

fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
