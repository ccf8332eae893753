//! tmp
/// tmp
#[derive(Debug)]
pub struct Snapshot;
