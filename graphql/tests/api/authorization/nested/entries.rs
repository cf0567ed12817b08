//! What there is to be asked for, and what an answer holds.

use domain::identity::Permission;
use serde_json::Value;

use super::paths::{Door, door};
use crate::authorization::{
    arguments::is_leaf,
    ownership::{
        Matrix,
        places::{PLACES, Whose},
        slots::{self, Question, Slot},
        things::Relation,
    },
    selections::{self, deep, fields},
};

/// From what is asked for to what is found last.
const STEPS: usize = 2;
/// Of what the first is heard at once.
const HEARD: [&str; 3] = ["Subscription.sessionChanged id", "Subscription.clusterChanged id", "Subscription.leaderboardChanged workshopId"];

/// Whose things are looked around from.
const RELATIONS: [Relation; 6] =
    [Relation::Public, Relation::Others, Relation::OthersGone, Relation::Erased, Relation::OtherTenants, Relation::Within];

/// What is asked for, to look around from there.
pub(super) struct Entry {
    pub(super) on: String,
    pub(super) field: String,
    pub(super) whose: Whose,
    pub(super) relation: Relation,
    pub(super) question: Question,
    pub(super) id: String,
    /// What is needed beside, to go on from there.
    pub(super) needs: Option<Permission>,
}

fn is_followed(on: &str, field: &str) -> bool {
    !matches!(door(&format!("{on}.{field}")), Some(Door::Needs(_)))
}

/// All that is there to be asked for, with ids of somebody else's where it takes any.
pub(super) fn entries(matrix: &Matrix) -> Vec<Entry> {
    let (schema, slots) = (&matrix.schema, slots::all(&matrix.schema));
    let mut entries = Vec::new();
    let asked = PLACES.iter().filter(|(name, ..)| !name.starts_with("Mutation"));
    for (name, kind, whose) in asked.filter(|(name, ..)| !name.starts_with("Subscription") || HEARD.contains(name)) {
        let slot = slots.iter().find(|slot| slot.name() == *name).expect("an argument");
        let is_node = *name == "Query.node id";
        let many = if is_node { RELATIONS.len() } else { 1 };
        let ids = RELATIONS.into_iter().filter_map(|relation| Some((relation, matrix.common.id(*kind, relation)?)));
        for (relation, id) in ids.take(many) {
            let mut entry = |selection: &str, needs| {
                let question = Question::of(schema, slot, &matrix.more, selection);
                let (on, field) = (slot.on.clone(), slot.field.name.node.to_string());
                entries.push(Entry { on, field, whose: *whose, relation, question, id: id.clone(), needs });
            };
            let of = format!("{kind:?}");
            if is_node {
                entry(&format!(" {{ __typename ... on {of} {{ {} }} }}", deep(schema, &of, STEPS, &is_followed)), None);
            } else {
                entry(&selections::from(schema, &slot.field, STEPS, &is_followed), None);
            }
            for field in fields(schema, &of).into_iter().filter(|_| is_node) {
                if let Some(Door::Needs(needs)) = door(&format!("{of}.{}", field.name.node)) {
                    let inner = selections::from(schema, field, STEPS, &is_followed);
                    entry(&format!(" {{ __typename ... on {of} {{ __typename id {}{inner} }} }}", field.name.node), Some(needs));
                }
            }
        }
    }
    for on in ["Query", "AsOf", "Activity"] {
        for field in fields(schema, on) {
            let name = field.name.node.to_string();
            let takes_ids = slots.iter().any(|slot| slot.on == on && slot.field.name.node == field.name.node);
            if takes_ids || is_leaf(schema, &field.ty.node) || ["asOf", "activity"].contains(&name.as_str()) {
                continue;
            }
            let slot = Slot { on: on.to_owned(), field: field.clone(), path: vec![] };
            let question = Question::of(schema, &slot, &matrix.more, &selections::from(schema, field, STEPS, &is_followed));
            let (on, whose, relation) = (on.to_owned(), Whose::Anybodys, Relation::Own);
            entries.push(Entry { on, field: name, whose, relation, question, id: String::new(), needs: None });
        }
    }
    entries
}

/// Something, or nothing, at the end of a path.
pub(super) struct Found {
    /// Such as `Session.environment`.
    pub(super) path: String,
    /// The id of what it was found at, if that has one.
    pub(super) at: String,
    pub(super) value: Value,
}

fn find(value: &Value, path: &str, at: &str, all: &mut Vec<Found>) {
    match value {
        Value::Array(items) => {
            for item in items {
                find(item, path, at, all);
            }
        }
        Value::Null => all.push(Found { path: path.to_owned(), at: at.to_owned(), value: Value::Null }),
        Value::Object(object) => {
            // What has no type is a value that is made of others.
            let Some(of) = value["__typename"].as_str() else { return };
            if of.ends_with("Connection") {
                find(&value["nodes"], path, at, all);
                return;
            }
            all.push(Found { path: path.to_owned(), at: at.to_owned(), value: value.clone() });
            let id = value["id"].as_str().unwrap_or_default();
            for (name, inner) in object {
                find(inner, &format!("{of}.{name}"), id, all);
            }
        }
        _ => {}
    }
}

/// All that an answer holds.
pub(super) fn found(entry: &Entry, answer: &Value) -> Vec<Found> {
    let data = match entry.on.as_str() {
        "AsOf" => &answer["data"]["asOf"],
        "Activity" => &answer["data"]["activity"],
        _ => &answer["data"],
    };
    let mut all = Vec::new();
    find(&data[&entry.field], &format!("{}.{}", entry.on, entry.field), "", &mut all);
    all
}
