//! tmp
use super::error::DocumentError;
use crate::delivery::UrlPolicy;
use serde_json::{Map, Value};
/// tmp
#[derive(Debug, Clone, Default)]
pub struct RoutingRules;
pub(super) fn check(_s: &Map<String, Value>, _p: &UrlPolicy) -> Result<Map<String, Value>, DocumentError> {
    Ok(Map::new())
}
