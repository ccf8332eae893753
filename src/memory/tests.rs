//! What the other tests rely on.
