//! Home 1: the Cloudflare Worker.
