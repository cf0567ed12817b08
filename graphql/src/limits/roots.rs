//! What an operation asks for at its root, and how often: aliases let one document ask for the same many times.

use std::collections::{BTreeMap, HashMap};

use async_graphql::{
    Name, Positioned,
    parser::types::{DocumentOperations, ExecutableDocument, FragmentDefinition, Selection, SelectionSet},
};

/// How often each field is asked for.
pub(crate) type Roots = BTreeMap<String, u32>;

/// The root fields of the operation that is to be executed; none, if there is no such operation. No fragment may include itself.
pub(crate) fn roots(document: &ExecutableDocument, operation_name: Option<&str>) -> Roots {
    let operation = match (&document.operations, operation_name) {
        (DocumentOperations::Single(operation), _) => Some(operation),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        (DocumentOperations::Multiple(_), None) => None,
    };
    let mut walk = Walk { fragments: &document.fragments, known: HashMap::new() };
    operation.map(|operation| walk.selections(&operation.node.selection_set.node)).unwrap_or_default()
}

struct Walk<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// Each fragment is looked at once, so that fragments of fragments cost no more than they weigh.
    known: HashMap<&'a str, Roots>,
}

impl<'a> Walk<'a> {
    fn selections(&mut self, set: &'a SelectionSet) -> Roots {
        let mut all = Roots::new();
        for selection in &set.items {
            let more = match &selection.node {
                Selection::Field(field) => Roots::from([(field.node.name.node.to_string(), 1)]),
                Selection::InlineFragment(inline) => self.selections(&inline.node.selection_set.node),
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node),
            };
            for (name, times) in more {
                let sum = all.entry(name).or_default();
                *sum = sum.saturating_add(times);
            }
        }
        all
    }

    fn fragment(&mut self, name: &'a Name) -> Roots {
        if let Some(roots) = self.known.get(name.as_str()) {
            return roots.clone();
        }
        let Some(fragment) = self.fragments.get(name) else { return Roots::new() };
        let roots = self.selections(&fragment.node.selection_set.node);
        self.known.insert(name, roots.clone());
        roots
    }
}

#[cfg(test)]
mod tests;
