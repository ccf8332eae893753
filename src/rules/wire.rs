//! How rules are written as JSON: the predecessor's keys, and ours only where they say something.

use super::{Actions, Condition, Destination, Group, Node, Operator, Priority, Rule, RuleSet};
use serde::ser::{Serialize, SerializeMap, Serializer};

impl Serialize for RuleSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.rules.serialize(serializer)
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("name", &self.name)?;
        if !self.enabled {
            map.serialize_entry("enabled", &false)?;
        }
        map.serialize_entry("conditions", &self.conditions)?;
        map.serialize_entry("actions", &self.actions)?;
        map.end()
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Condition(condition) => condition.serialize(serializer),
            Self::Group(group) => group.serialize(serializer),
        }
    }
}

impl Serialize for Group {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("match", &self.matching)?;
        map.serialize_entry("conditions", &self.conditions)?;
        map.end()
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("field", &self.field.to_string())?;
        map.serialize_entry("operator", self.operator.name())?;
        write_value(&mut map, &self.operator)?;
        map.serialize_entry("case_sensitive", &self.case_sensitive)?;
        if !self.accent_sensitive {
            map.serialize_entry("accent_sensitive", &false)?;
        }
        if self.negate {
            map.serialize_entry("negate", &true)?;
        }
        map.end()
    }
}

fn write_value<M: SerializeMap>(map: &mut M, operator: &Operator) -> Result<(), M::Error> {
    match operator {
        Operator::Contains(text)
        | Operator::Equals(text)
        | Operator::StartsWith(text)
        | Operator::EndsWith(text)
        | Operator::Glob(text)
        | Operator::Regex(text) => map.serialize_entry("value", text),
        Operator::In(texts) => map.serialize_entry("value", texts),
        Operator::Is(number) | Operator::Greater(number) | Operator::Less(number) => {
            map.serialize_entry("value", number)
        }
        Operator::OneOf(numbers) => map.serialize_entry("value", numbers),
        Operator::Between(low, high) => map.serialize_entry("value", &[low, high]),
        Operator::Exists => Ok(()),
    }
}

impl Serialize for Actions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match &self.destination {
            Destination::Url(url) => map.serialize_entry("webhook_url", url)?,
            Destination::Target(id) => map.serialize_entry("target", id)?,
        }
        map.serialize_entry::<_, Priority>("priority", &self.priority)?;
        map.serialize_entry("stop_processing", &self.stop_processing)?;
        if self.hold {
            map.serialize_entry("hold", &true)?;
        }
        if let Some(hours) = self.hold_hours {
            map.serialize_entry("hold_hours", &hours)?;
        }
        map.end()
    }
}
