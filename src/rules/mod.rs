//! The user's rules: which mail goes to which target.
//!
//! A rule is a list of conditions and what to do when they hold. [`check`] turns JSON into a [`RuleSet`] or says in
//! French what is wrong with it; [`compile`] makes it ready; [`Compiled::evaluate`] decides about one mail and
//! [`Compiled::explain`] says why, through the same code. Rules run in the shown order, each one that holds adds its
//! target, and `stop_processing` ends the evaluation.
//!
//! Nothing here sends, stores, or knows the default target; nor does it decide whether a URL may be called: the caller
//! hands that check in.
//!
//! What the predecessor's flat rules mean here:
//! - `conditions` is an `all` group; `contains`, `equals` and `regex` ignore case unless `case_sensitive`.
//! - `sender` is the raw From value and then the bare address, true if either holds: stored rules that name an address,
//!   anchored regexes included, keep matching.
//! - `body` is the raw body and then its text, true if either holds.
//! - The value is trimmed, what it is compared with is not. In a regex the dot does not match a newline, and `$` is the
//!   very end.

mod bounds;
pub mod check;
mod compile;
mod error;
mod evaluate;
mod explain;
mod facts;
mod field;
mod fold;
mod literal;
mod matcher;
mod model;
mod operator;
mod pattern;
mod prefilter;
mod view;
mod wire;

pub use bounds::Bounds;
pub use compile::{Compiled, compile};
pub use error::RuleError;
pub use evaluate::{Evaluation, Match};
pub use explain::{ConditionTrace, GroupTrace, NodeTrace, Reason, RuleTrace, Verdict};
pub use facts::{Facts, Received, Sender};
pub use field::Field;
pub use model::{Actions, Condition, Destination, Group, Matching, Node, Priority, Rule, RuleSet};
pub use operator::Operator;
