//! Texts that databases cannot keep: PostgreSQL takes no NUL, so one that got in would keep a read model from going on.

use async_graphql::{
    Positioned, Value, Variables,
    parser::types::{Directive, ExecutableDocument, Selection, SelectionSet},
};
use serde::Serialize;

/// Whether there is a NUL in a text of a request, among its variables or written in its document, which may be only if that has escapes.
pub(super) fn have_nul(document: &ExecutableDocument, variables: &Variables, has_escapes: bool) -> bool {
    if variables.values().any(in_value) {
        return true;
    }
    if !has_escapes {
        return false;
    }
    let operations = document.operations.iter().any(|(_, operation)| {
        let defaults = operation.node.variable_definitions.iter().filter_map(|definition| definition.node.default_value.as_ref());
        defaults.into_iter().any(|default| in_value(&default.node))
            || in_directives(&operation.node.directives)
            || in_selections(&operation.node.selection_set.node)
    });
    operations || document.fragments.values().any(|fragment| in_selections(&fragment.node.selection_set.node))
}

fn in_selections(set: &SelectionSet) -> bool {
    set.items.iter().any(|selection| match &selection.node {
        Selection::Field(field) => {
            let field = &field.node;
            field.arguments.iter().any(|(_, value)| is_in(&value.node))
                || in_directives(&field.directives)
                || in_selections(&field.selection_set.node)
        }
        Selection::InlineFragment(inline) => in_directives(&inline.node.directives) || in_selections(&inline.node.selection_set.node),
        Selection::FragmentSpread(spread) => in_directives(&spread.node.directives),
    })
}

fn in_directives(directives: &[Positioned<Directive>]) -> bool {
    let mut arguments = directives.iter().flat_map(|directive| &directive.node.arguments);
    arguments.any(|(_, value)| is_in(&value.node))
}

/// Whether it is in a value as it is written; what variables stand for was looked at.
fn is_in(written: &impl Serialize) -> bool {
    let value = serde_json::to_value(written).ok().and_then(|json| Value::from_json(json).ok());
    value.is_some_and(|value| in_value(&value))
}

fn in_value(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::List(all) => all.iter().any(in_value),
        Value::Object(all) => all.values().any(in_value),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
