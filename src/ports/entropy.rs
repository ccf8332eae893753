//! Randomness.

/// The only source of randomness of the core: ids and jitter.
pub trait Entropy {
    /// 128 bits nobody can guess. Never fails: a home without a random source must refuse to start.
    fn random(&self) -> u128;
}
