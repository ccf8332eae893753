//! Several servers on one Redis, and a Redis that fails.
