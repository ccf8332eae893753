//! The files behind provider links: which address a copy is fetched from, and under which key it is kept.
//!
//! Two steps, both pure. A link as a mail wrote it becomes a [`Source`]: the one spelling of its address, on a provider's
//! host, over https. A source becomes an [`ObjectKey`]: equal sources share a key, so that a link mailed twice is one
//! object.
//!
//! It does not find links (that is [`crate::links`]), fetch, follow a redirect, look at what a server answers, or name a
//! download from its headers. A source says that its *written* host is a provider's; an address that a redirect leads to
//! has to be judged again by whoever follows it. A key is not a URL: its name may hold spaces, accents, `%`, `#` or `?`,
//! and whoever puts it into a public URL encodes it. Nor is a key a secret: who knows the link can compute it.

mod object_key;
mod source;
#[cfg(test)]
mod spellings;

pub use object_key::ObjectKey;
pub use source::{Source, SourceRefusal};
