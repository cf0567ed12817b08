use domain::booking::{Plan, run::RunEvent};

use super::{Entity, Model};
use crate::{
    booking::vocabulary,
    fixtures::{
        id, recorded, rows,
        runs::{plan, scheduled},
    },
    tally::Tally,
};

fn row_after(events: impl IntoIterator<Item = RunEvent>) -> Model {
    let events: Vec<_> = (1..).zip(events).map(|(position, event)| recorded(position, id(1), event)).collect();
    rows(&Entity, &events).remove(0)
}

#[test]
fn a_run_is_found_by_its_words() {
    let row = row_after([scheduled(&plan("Docker für Anfänger!"))]);
    let texts = (row.title.as_str(), row.head.as_str(), row.body.as_str());
    assert_eq!(texts, ("docker fur anfanger", "docker containers ada lovelace zurich", "bring a laptop"));
    let rust = Box::new(Plan { tags: [].into(), ..plan("Rust") });
    let row = row_after([scheduled(&plan("Docker")), RunEvent::Revised { plan: rust, from: None }]);
    assert_eq!((row.number, row.title.as_str(), row.head.as_str()), (1, "rust", "containers ada lovelace zurich"));
}

#[test]
fn errors_are_forgiven_in_long_words_of_what_stands_above_a_description() {
    let lines = vocabulary::Entity::lines(&row_after([scheduled(&plan("Go"))]));
    let words: std::collections::BTreeSet<_> = lines.iter().map(|line| line.word.as_str()).collect();
    assert_eq!(words.into_iter().collect::<Vec<_>>(), ["containers", "docker", "lovelace", "zurich"]);
    assert!(lines.iter().any(|line| (line.trigram.as_str(), line.word.as_str(), line.runs) == ("ock", "docker", 1)));
}
