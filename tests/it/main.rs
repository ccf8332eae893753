//! Black-box tests against the running server.
