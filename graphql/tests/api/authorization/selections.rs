//! What of an object is asked for, as the published schema has it.

use async_graphql::parser::types::{FieldDefinition, ServiceDocument, TypeKind};

use super::arguments::{base, definition, is_leaf};

/// How many of a list.
const FEW: u32 = 5;

/// What goes on by itself while somebody looks, and says nothing of whose a thing is.
const GOES_ON: [&str; 1] = ["queuePosition"];

/// The fields of an object; none of a union.
pub(super) fn fields<'s>(schema: &'s ServiceDocument, of: &str) -> Vec<&'s FieldDefinition> {
    match definition(schema, of).map(|found| &found.kind) {
        Some(TypeKind::Object(object)) => object.fields.iter().map(|field| &field.node).collect(),
        _ => vec![],
    }
}

/// What a field leads to, a page of a list being what is on it.
pub(super) fn leads_to<'s>(schema: &'s ServiceDocument, field: &'s FieldDefinition) -> &'s str {
    let of = base(&field.ty.node);
    let nodes = fields(schema, of).into_iter().find(|inner| of.ends_with("Connection") && inner.name.node == "nodes");
    nodes.map_or(of, |nodes| base(&nodes.ty.node))
}

/// Whether an object has an id of its own.
pub(super) fn is_thing(schema: &ServiceDocument, of: &str) -> bool {
    let is_id = |field: &&FieldDefinition| ["id", "identity"].contains(&field.name.node.as_str()) && base(&field.ty.node) == "ID";
    fields(schema, of).iter().any(is_id)
}

/// Whether it can be asked for without being told anything.
fn is_free(field: &FieldDefinition) -> bool {
    let mut arguments = field.arguments.iter().map(|argument| &argument.node);
    let is_told = arguments.any(|argument| !argument.ty.node.nullable && argument.default_value.is_none());
    !is_told && !GOES_ON.contains(&field.name.node.as_str())
}

/// Texts, numbers and the like.
fn leaves(schema: &ServiceDocument, of: &str) -> Vec<String> {
    let own = fields(schema, of).into_iter().filter(|field| is_free(field) && is_leaf(schema, &field.ty.node));
    std::iter::once("__typename".to_owned()).chain(own.map(|field| field.name.node.to_string())).collect()
}

/// A field with what is asked of what it leads to.
fn around(field: &FieldDefinition, inner: &str) -> String {
    let name = &field.name.node;
    if base(&field.ty.node).ends_with("Connection") {
        format!("{name}(first: {FEW}) {{ __typename nodes {{ {inner} }} }}")
    } else {
        format!("{name} {{ {inner} }}")
    }
}

/// All that an object says of itself: what it has, and one level of its parts that are no things of their own.
pub(super) fn itself(schema: &ServiceDocument, of: &str) -> String {
    deep(schema, of, 0, &|_, _| true)
}

/// The same of an object, and of what it leads to in so many steps. What is not `followed` is left out, by type and field.
pub(super) fn deep(schema: &ServiceDocument, of: &str, steps: usize, followed: &dyn Fn(&str, &str) -> bool) -> String {
    let mut parts = leaves(schema, of);
    for field in fields(schema, of) {
        let (name, to) = (field.name.node.as_str(), leads_to(schema, field));
        if is_leaf(schema, &field.ty.node) || !is_free(field) || !followed(of, name) || ["pageInfo", "errors"].contains(&name) {
            continue;
        }
        match steps {
            0 if is_thing(schema, to) => {}
            0 => parts.push(around(field, &leaves(schema, to).join(" "))),
            _ => parts.push(around(field, &deep(schema, to, steps - 1, followed))),
        }
    }
    parts.join(" ")
}

/// What is asked of what a field leads to; nothing of what is a text or a number.
pub(super) fn from(schema: &ServiceDocument, field: &FieldDefinition, steps: usize, followed: &dyn Fn(&str, &str) -> bool) -> String {
    if is_leaf(schema, &field.ty.node) {
        return String::new();
    }
    let inner = deep(schema, leads_to(schema, field), steps, followed);
    if base(&field.ty.node).ends_with("Connection") { format!(" {{ __typename nodes {{ {inner} }} }}") } else { format!(" {{ {inner} }}") }
}
