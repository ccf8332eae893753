/// tmp
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// h
    High,
    /// n
    Normal,
    /// l
    Low,
}
