//! Whose things are come upon from others. Every field of the published schema that leads from one object to the next is followed by
//! somebody for each permission and each role there is, and by those who are trusted with one community, from all that they may ask for.
//! What they find must be what they are given when they ask for it by its id, and nothing where that is nothing.

mod entries;
pub(super) mod given;
mod paths;

use std::collections::{BTreeSet, HashMap};

use domain::identity::{Permission, Permissions, Role};
use futures_util::future::join_all;
use graphql::Limits;
use serde_json::{Value, json};

use super::{
    ownership::{
        Caller, Expected, Matrix, callers, expected_of,
        things::{self, Kind, Relation},
    },
    schema,
};
use crate::platform::Platform;
use entries::{Entry, Found, entries, found};
use given::{direct, is_the_same, shows_no_more};
use paths::{Door, EMPTY, PATHS, door};

/// How often it is asked again where answers differ: something may have gone on between them.
const TRIES: u32 = 10;
/// How many are asked for by their ids at once.
const AT_ONCE: usize = 20;
static NOTHING: Value = Value::Null;

#[test]
fn each_field_that_leads_on_is_placed() {
    let found = paths::all(&schema());
    let names: BTreeSet<_> = found.iter().map(|(path, _)| path.as_str()).collect();
    let placed: BTreeSet<_> = PATHS.iter().map(|(path, _)| *path).collect();
    let missing: Vec<_> = names.symmetric_difference(&placed).collect();
    assert!(missing.is_empty(), "on one side alone: {missing:#?}");
    for (path, to) in &found {
        let place = door(path).expect("a place");
        let fits = match to.as_str() {
            "Account" => matches!(place, Door::Person | Door::Proven),
            "Workshop" | "Session" | "Environment" | "Cluster" | "Run" | "Registration" | "Community" => {
                matches!(place, Door::Node | Door::Needs(_))
            }
            _ => matches!(place, Door::Part | Door::Writers | Door::Members),
        };
        assert!(fits, "{path} leads to {to}: {place:?}");
    }
}

struct Walk {
    matrix: Matrix,
    entries: Vec<Entry>,
    /// What whoever may see everything finds, by what it is found at and the path.
    known: HashMap<(String, String), String>,
}

/// What somebody came to.
#[derive(Default)]
struct Row {
    findings: Vec<String>,
    cells: usize,
    followed: BTreeSet<String>,
}

impl Walk {
    async fn start() -> Self {
        let whatever = 1 << 24;
        let roomy = |limits: Limits| Limits {
            depth: 64,
            complexity: whatever,
            aliases: whatever,
            tokens: whatever,
            directives: whatever,
            nesting: 256,
            body: whatever,
            message: whatever,
            ..limits
        };
        let platform = Platform::with(|options| options.limits = roomy(options.limits)).await;
        let (common, _) = things::common(&platform).await;
        let other = platform.sign_in("other@example.org").await;
        let has_points = |data: &Value| data["leaderboard"]["totalCount"] != 0;
        platform.until(&other, "{ leaderboard { totalCount } }", json!({}), has_points).await;
        let mut callers = callers(&platform, &common).await;
        callers.push(Caller::of("other", Some((Role::Learner.permissions(), other))));
        let matrix = Matrix::of(platform, common, callers).await;
        let mut walk = Self { entries: entries(&matrix), matrix, known: HashMap::new() };
        let sees_everything = |caller: &&Caller| caller.held.as_ref().is_some_and(|held| held.len() == Permission::ALL.len());
        let all_seeing = walk.matrix.callers.iter().find(sees_everything).expect("a super administrator");
        let mut known = HashMap::new();
        for entry in &walk.entries {
            let answer = walk.answer(all_seeing, entry).await;
            for Found { path, at, value } in found(entry, &answer).into_iter().filter(|found| !found.at.is_empty()) {
                if let Some(id) = value["id"].as_str() {
                    known.insert((at, path), id.to_owned());
                }
            }
        }
        walk.known = known;
        walk
    }

    async fn answer(&self, caller: &Caller, Entry { on, question, id, .. }: &Entry) -> Value {
        match on.as_str() {
            "Subscription" => self.matrix.follow(caller, question, id, Relation::Others).await,
            _ => self.matrix.platform.answer(caller.person.as_ref(), &question.text, question.with(id)).await,
        }
    }

    /// All that one person comes upon.
    async fn row(&self, caller: &Caller) -> Row {
        let (mut row, mut given) = (Row::default(), HashMap::new());
        for entry in &self.entries {
            let is_own = is_other(caller) && entry.relation != Relation::Erased;
            let relation = if is_own { Relation::Own } else { entry.relation };
            let expected = expected_of(&entry.on, &entry.field, entry.whose, relation, caller);
            // Who is refused is asked after elsewhere.
            if matches!(expected, Expected::Refused(_)) {
                continue;
            }
            let mut seen = self.look(caller, entry, &mut given).await;
            for _ in 1..TRIES {
                if seen.findings.is_empty() {
                    break;
                }
                self.matrix.platform.level().await;
                given.clear();
                seen = self.look(caller, entry, &mut given).await;
            }
            row.findings.extend(seen.findings);
            row.cells += seen.cells;
            row.followed.extend(seen.followed);
        }
        row
    }

    /// What one person comes upon from one place.
    async fn look(&self, caller: &Caller, entry: &Entry, given: &mut HashMap<String, Value>) -> Row {
        let mut row = Row::default();
        let answer = self.answer(caller, entry).await;
        let all = found(entry, &answer);
        let mut ids: BTreeSet<_> = all.iter().filter_map(|found| found.value["id"].as_str().or_else(|| self.missed(found))).collect();
        ids.extend(entry.needs.map(|_| entry.id.as_str()));
        let ids: Vec<_> = ids.into_iter().filter(|id| !given.contains_key(*id)).collect();
        let (platform, schema) = (&self.matrix.platform, &self.matrix.schema);
        for some in ids.chunks(AT_ONCE) {
            given.extend(direct(platform, schema, caller.person.as_ref(), some).await);
        }
        let mut cell = |is_right: bool, what: &dyn Fn() -> String| {
            if !is_right {
                row.findings.push(format!("{}.{} for {}: {}", entry.on, entry.field, caller.name, what()));
            }
            row.cells += 1;
        };
        let code = answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default();
        let is_there = given.get(&entry.id).is_some_and(|given| !given.is_null());
        if entry.needs.is_some_and(|needs| !may(caller, needs)) && is_there {
            cell(code == "FORBIDDEN", &|| answer.to_string());
        } else {
            cell(!["FORBIDDEN", "UNAUTHENTICATED", "INTERNAL"].contains(&code), &|| answer.to_string());
        }
        for found in &all {
            if let Some((is_right, by_id)) = self.is_right(caller, entry, found, given) {
                cell(is_right, &|| format!("{} of {:?} is {}, by its id {by_id}", found.path, found.at, found.value));
            }
        }
        row.followed = all.into_iter().filter(|found| found.value.is_object()).map(|found| found.path).collect();
        row
    }

    /// What is there though nothing was found.
    fn missed(&self, found: &Found) -> Option<&str> {
        let is_placed = found.value.is_null() && matches!(door(&found.path), Some(Door::Node | Door::Person));
        let key = (found.at.clone(), found.path.clone());
        self.known.get(&key).filter(|_| is_placed).map(String::as_str)
    }

    /// Whether something was found as it must be, and what is given by its id; nothing where it has none.
    fn is_right<'g>(&self, caller: &Caller, entry: &Entry, found: &Found, given: &'g HashMap<String, Value>) -> Option<(bool, &'g Value)> {
        let is_past = entry.on == "AsOf";
        let Some(of) = found.value["__typename"].as_str() else {
            // By now there may be what was not there in the past.
            let by_id = given.get(self.missed(found).filter(|_| !is_past)?).unwrap_or(&NOTHING);
            return Some((by_id.is_null() && door(&found.path) == Some(Door::Node), by_id));
        };
        if !["Account", "Workshop", "Session", "Environment", "Cluster", "Run", "Registration", "Community"].contains(&of) {
            return None;
        }
        let id = found.value["id"].as_str().unwrap_or_default();
        let Some(by_id) = given.get(id) else { return Some((false, &NOTHING)) };
        let fits = if is_past { shows_no_more(&found.value, by_id) } else { is_the_same(&found.value, by_id) };
        let is_for_caller = match of {
            "Workshop" => self.is_for_writers(caller, id, &found.value),
            "Community" => self.is_for_members(caller, id, &found.value),
            _ => true,
        };
        Some((fits && is_for_caller, by_id))
    }

    /// Whether what is for writers alone is shown to them alone.
    fn is_for_writers(&self, caller: &Caller, id: &str, workshop: &Value) -> bool {
        let theirs = [Relation::Others, Relation::OthersGone, Relation::Public];
        let mut theirs = theirs.into_iter().filter_map(|relation| self.matrix.common.id(Kind::Workshop, relation));
        let writes = may(caller, Permission::ManageWorkshops) || (is_other(caller) && theirs.any(|workshop| workshop == id));
        ["draft", "versions", "statistics"].into_iter().all(|part| workshop.get(part).is_none_or(|part| part.is_null() != writes))
    }

    /// Whether who is of a community is shown to those who are, and to who moderates it or all.
    fn is_for_members(&self, caller: &Caller, id: &str, community: &Value) -> bool {
        let is_theirs = is_other(caller) && self.matrix.common.id(Kind::Community, Relation::Others).is_some_and(|theirs| theirs == id);
        let moderates = |(within, held): &(String, Permissions)| within == id && held.contains(&Permission::ModerateCommunities);
        let is_moderator = may(caller, Permission::ModerateCommunities) || caller.within.as_ref().is_some_and(moderates);
        let sees = community["state"] == "OPEN" && (is_moderator || is_theirs);
        community.get("members").is_none_or(|members| members.is_null() != sees)
    }
}

fn may(caller: &Caller, permission: Permission) -> bool {
    caller.held.as_ref().is_some_and(|held| held.contains(&permission))
}

/// Whether they are who the others' things are of.
fn is_other(caller: &Caller) -> bool {
    caller.name == "other"
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_come_upon_is_what_is_given_by_its_id() {
    let walk = Walk::start().await;
    let (mut findings, mut cells, mut followed) = (Vec::new(), 0, BTreeSet::new());
    for row in join_all(walk.matrix.callers.iter().map(|caller| walk.row(caller))).await {
        findings.extend(row.findings);
        cells += row.cells;
        followed.extend(row.followed);
    }
    assert!(findings.is_empty(), "{} of {cells} cells:\n{}", findings.len(), findings.join("\n"));
    // What mutations hand out is looked at where they are asked for by ids.
    let is_to_follow = |(path, door): &&(&str, Door)| !path.contains("Payload.") && *door != Door::Part && !EMPTY.contains(path);
    let missing: Vec<_> = PATHS.iter().filter(is_to_follow).filter(|(path, _)| !followed.contains(*path)).collect();
    assert!(missing.is_empty(), "nobody came by {missing:?}");
    assert!(cells > 1000, "{cells} cells");
}
