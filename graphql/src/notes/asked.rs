//! What a document asks for at its root, and about what.

use std::collections::HashSet;

use async_graphql::{
    Name, Request, Value, Variables,
    parser::types::{DocumentOperations, ExecutableDocument, OperationType, Selection, SelectionSet},
};
use projections::audit::subjects::id_of;

/// Ids of one field that are kept.
const MOST_IDS: usize = 8;
/// Fields that are looked at.
const MOST_FIELDS: usize = 100;

/// What a document asks for at its root.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) kind: OperationType,
    pub(crate) fields: Vec<Field>,
}

/// A field of a root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// Under which the answer has it.
    pub(crate) key: String,
    pub(crate) name: String,
    /// What its arguments name.
    pub(crate) ids: Vec<String>,
}

/// What the operation that is to be executed asks for. Its limits must have been checked.
pub(crate) fn asked(request: &mut Request) -> Asked {
    let (name, variables) = (request.operation_name.clone(), std::mem::take(&mut request.variables));
    let mut asked = Asked { kind: OperationType::Query, fields: Vec::new() };
    if let Ok(document) = request.parsed_query() {
        let operation = match (&document.operations, name.as_deref()) {
            (DocumentOperations::Single(operation), _) => Some(operation),
            (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
            (DocumentOperations::Multiple(_), None) => None,
        };
        if let Some(operation) = operation {
            asked.kind = operation.node.ty;
            let collect = Collect { document, variables: &variables, seen: HashSet::new() };
            asked.fields = collect.of(&operation.node.selection_set.node);
        }
    }
    request.variables = variables;
    asked
}

/// Fields of a root as they are found.
struct Collect<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    /// Fragments that were looked into: a second look finds nothing new, and takes ever longer where they lead into each other.
    seen: HashSet<&'a Name>,
}

impl<'a> Collect<'a> {
    fn of(mut self, set: &'a SelectionSet) -> Vec<Field> {
        let mut fields = Vec::new();
        self.look(set, &mut fields);
        fields
    }

    fn look(&mut self, set: &'a SelectionSet, fields: &mut Vec<Field>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let key = field.response_key().node.to_string();
                    // Under one key there is one field, however often it is asked for.
                    if fields.len() >= MOST_FIELDS || fields.iter().any(|known| known.key == key) {
                        continue;
                    }
                    let mut ids = Vec::new();
                    for (_, value) in &field.arguments {
                        let given = |name| Ok::<_, std::convert::Infallible>(self.variables.get(&name).cloned().unwrap_or_default());
                        let Ok(value) = value.node.clone().into_const_with(given);
                        named(&value, &mut ids);
                    }
                    fields.push(Field { key, name: field.name.node.to_string(), ids });
                }
                Selection::InlineFragment(inline) => self.look(&inline.node.selection_set.node, fields),
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.document.fragments.get(name)
                        && self.seen.insert(name)
                    {
                        self.look(&fragment.node.selection_set.node, fields);
                    }
                }
            }
        }
    }
}

/// Ids in a value.
fn named(value: &Value, ids: &mut Vec<String>) {
    match value {
        Value::String(text) if ids.len() < MOST_IDS && id_of(text).is_some() && !ids.contains(text) => ids.push(text.clone()),
        Value::List(values) => values.iter().for_each(|value| named(value, ids)),
        Value::Object(fields) => fields.values().for_each(|value| named(value, ids)),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
