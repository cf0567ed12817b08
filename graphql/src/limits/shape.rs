//! How deep and how large the operations of a parsed document are once fragments are put in their places.
//!
//! Each fragment is looked at once, so that fragments of fragments of fragments cost no more than they weigh.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned,
    parser::types::{ExecutableDocument, FragmentDefinition, OperationType, Selection, SelectionSet},
};

/// What an operation comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// Fields within fields.
    pub(super) depth: usize,
    /// Fields, those of a fragment as often as it is spread.
    pub(super) fields: usize,
    /// Fields of the operation itself.
    roots: usize,
    /// Whether it looks at another instant.
    travels: bool,
    /// Whether it asks for the schema. What it asks of it does not count as depth: it is bounded by the schema.
    pub(super) introspects: bool,
}

impl Shape {
    fn and(self, other: Self) -> Self {
        Self {
            depth: self.depth.max(other.depth),
            fields: self.fields.saturating_add(other.fields),
            roots: self.roots.saturating_add(other.roots),
            travels: self.travels || other.travels,
            introspects: self.introspects || other.introspects,
        }
    }
}

/// The largest shape of a document's operations.
///
/// # Errors
/// A fragment that includes itself, a look into the past beside another field, for they share what they are answered from, or a
/// subscription to several things: while one is being sent, nothing would drive the others.
pub(super) fn of(document: &ExecutableDocument) -> Result<Shape, String> {
    let mut walk = Walk { fragments: &document.fragments, known: HashMap::new() };
    document.operations.iter().try_fold(Shape::default(), |all, (_, operation)| {
        let shape = walk.selections(&operation.node.selection_set.node)?;
        if operation.node.ty == OperationType::Subscription && shape.roots != 1 {
            return Err(format!("a subscription follows one field, not {}", shape.roots));
        }
        if shape.travels && shape.roots != 1 {
            return Err(format!("asOf is the only field of its operation, not one of {}", shape.roots));
        }
        Ok(Shape { fields: all.fields.max(shape.fields), ..all.and(shape) })
    })
}

struct Walk<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// Shapes by fragment; none for one that is being walked.
    known: HashMap<&'a str, Option<Shape>>,
}

impl<'a> Walk<'a> {
    fn selections(&mut self, set: &'a SelectionSet) -> Result<Shape, String> {
        set.items.iter().try_fold(Shape::default(), |all, selection| Ok(all.and(self.selection(&selection.node)?)))
    }

    fn selection(&mut self, selection: &'a Selection) -> Result<Shape, String> {
        match selection {
            Selection::Field(field) => {
                let inner = self.selections(&field.node.selection_set.node)?;
                let introspects = matches!(field.node.name.node.as_str(), "__schema" | "__type");
                let travels = field.node.name.node == "asOf" || inner.travels;
                let depth = if introspects { 1 } else { inner.depth + 1 };
                let fields = inner.fields.saturating_add(1);
                Ok(Shape { depth, fields, roots: 1, travels, introspects: introspects || inner.introspects })
            }
            Selection::InlineFragment(inline) => self.selections(&inline.node.selection_set.node),
            Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node),
        }
    }

    fn fragment(&mut self, name: &'a Name) -> Result<Shape, String> {
        match self.known.get(name.as_str()) {
            Some(Some(shape)) => return Ok(*shape),
            Some(None) => return Err(format!("fragment {name} includes itself")),
            None => {}
        }
        // One that is not defined is validation's to name.
        let Some(fragment) = self.fragments.get(name) else { return Ok(Shape::default()) };
        self.known.insert(name, None);
        let shape = self.selections(&fragment.node.selection_set.node)?;
        self.known.insert(name, Some(shape));
        Ok(shape)
    }
}

#[cfg(test)]
mod tests;
