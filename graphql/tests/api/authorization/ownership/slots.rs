//! Every argument that takes an id, as the published schema has them, and how its field is asked with one.

use async_graphql::parser::types::{FieldDefinition, InputValueDefinition, ServiceDocument, TypeKind, TypeSystemDefinition};
use serde_json::{Map, Value, json};

use crate::authorization::{
    arguments::{base, definition, ids, is_asked, is_leaf, value},
    selections,
};

/// An argument that takes an id, and where in it.
pub(in crate::authorization) struct Slot {
    /// The type that has the field, such as `Query`.
    pub(in crate::authorization) on: String,
    pub(in crate::authorization) field: FieldDefinition,
    /// Names from the argument inwards.
    pub(in crate::authorization) path: Vec<String>,
}

impl Slot {
    /// Such as `Mutation.stepCheck input.sessionId`.
    pub(in crate::authorization) fn name(&self) -> String {
        format!("{}.{} {}", self.on, self.field.name.node, self.path.join("."))
    }
}

/// All there are.
pub(in crate::authorization) fn all(schema: &ServiceDocument) -> Vec<Slot> {
    let mut slots = Vec::new();
    for definition in &schema.definitions {
        let TypeSystemDefinition::Type(found) = definition else { continue };
        let TypeKind::Object(object) = &found.node.kind else { continue };
        for field in object.fields.iter().map(|field| &field.node) {
            let on = found.node.name.node.to_string();
            slots.extend(ids(schema, field).into_iter().map(|path| Slot { on: on.clone(), field: field.clone(), path }));
        }
    }
    slots
}

/// How a field is asked with an id at its place.
pub(in crate::authorization) struct Question {
    pub(in crate::authorization) text: String,
    variables: Value,
    path: Vec<String>,
}

impl Question {
    /// `more` is what else is to be given, by field; `selection` what of its answer is wanted.
    pub(in crate::authorization) fn of(schema: &ServiceDocument, slot: &Slot, more: &Value, selection: &str) -> Self {
        let (on, name) = (slot.on.as_str(), slot.field.name.node.as_str());
        let more = |argument: &str| &more[on][name][argument];
        let arguments = slot.field.arguments.iter().map(|argument| &argument.node);
        let is_given = |argument: &&InputValueDefinition| {
            let at = argument.name.node.as_str();
            slot.path.first().is_some_and(|first| first == at) || !more(at).is_null() || (is_asked(name, argument) && at != "filter")
        };
        let (mut declared, mut given, mut variables) = (Vec::new(), Vec::new(), Map::new());
        for argument in arguments.filter(is_given) {
            let at = argument.name.node.as_str();
            let value = match more(at) {
                Value::Null if at == "filter" => json!({}),
                Value::Null => value(schema, name, argument),
                Value::Object(members) => {
                    let mut value = value(schema, name, argument);
                    value.as_object_mut().expect("an input").extend(members.clone());
                    value
                }
                value => value.clone(),
            };
            declared.push(format!("${at}: {}", argument.ty.node));
            given.push(format!("{at}: ${at}"));
            variables.insert(at.into(), value);
        }
        let asked = format!("{name}{}{selection}", listed(&given));
        let text = match on {
            "AsOf" => {
                declared.push("$at: DateTime!".into());
                variables.insert("at".into(), more("at").clone());
                format!("query{} {{ asOf(at: $at) {{ {asked} }} }}", listed(&declared))
            }
            "Activity" => format!("query{} {{ activity {{ {asked} }} }}", listed(&declared)),
            _ => format!("{}{} {{ {asked} }}", on.to_lowercase(), listed(&declared)),
        };
        Self { text, variables: variables.into(), path: slot.path.clone() }
    }

    /// What is given with it, with this id where it takes one.
    pub(in crate::authorization) fn with(&self, id: &str) -> Value {
        let mut variables = self.variables.clone();
        if self.path.is_empty() {
            return variables;
        }
        let mut place = &mut variables;
        for name in &self.path {
            place = &mut place[name.as_str()];
        }
        *place = id.into();
        variables
    }
}

/// In brackets, where there is any.
fn listed(all: &[String]) -> String {
    if all.is_empty() { String::new() } else { format!("({})", all.join(", ")) }
}

/// Enough of an answer to tell what is there from what is not; of what a mutation hands out, all that it says of itself.
pub(in crate::authorization) fn selection(schema: &ServiceDocument, field: &FieldDefinition) -> String {
    let of = base(&field.ty.node);
    if is_leaf(schema, &field.ty.node) {
        return String::new();
    }
    let Some(TypeKind::Object(object)) = definition(schema, of).map(|found| &found.kind) else { return " { __typename }".into() };
    let mut parts = vec!["__typename".to_owned()];
    for member in object.fields.iter().map(|member| &member.node) {
        let name = member.name.node.as_str();
        match name {
            "errors" => parts.push("errors { code field message }".into()),
            "nodes" => parts.push("nodes { __typename }".into()),
            "id" => parts.push("id".into()),
            _ if of.ends_with("Payload") && !is_leaf(schema, &member.ty.node) => {
                parts.push(format!("{name} {{ {} }}", selections::itself(schema, base(&member.ty.node))));
            }
            _ => {}
        }
    }
    format!(" {{ {} }}", parts.join(" "))
}
