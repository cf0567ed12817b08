//! The words of titles, tags, categories, cities and instructors, by the three letters that they have next to each other: a word with
//! typing errors still has most of them. It is a table like any other, since extensions are not to be had everywhere.

use std::collections::BTreeSet;

use sea_orm::{QueryFilter, QueryOrder, QuerySelect, entity::prelude::*};

use super::run_texts;
use crate::tally::Tally;

/// Letters of the shortest word in which errors are forgiven.
const SHORTEST: usize = 4;
/// Letters from which on two errors are.
const LONG: usize = 8;
/// Words that are compared letter by letter.
const CANDIDATES: u64 = 60;
/// Words that may have been meant.
const MEANT: usize = 8;

/// Three letters of a word.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "run_vocabulary")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub trigram: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub word: String,
    /// How many runs have the word.
    pub runs: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl Tally<run_texts::Model> for Entity {
    type Table = Self;

    fn lines(row: &run_texts::Model) -> Vec<Model> {
        let words: BTreeSet<&str> = row.title.split(' ').chain(row.head.split(' ')).filter(|word| is_long(word)).collect();
        let lines = |word: &str| {
            let line = |trigram| Model { trigram, word: word.to_owned(), runs: 1 };
            trigrams(word).into_iter().map(line).collect::<Vec<_>>()
        };
        words.into_iter().flat_map(lines).collect()
    }

    fn add(total: &mut Model, line: &Model, times: i64) {
        total.runs += line.runs * times;
    }
}

fn is_long(word: &str) -> bool {
    word.chars().count() >= SHORTEST
}

/// With two spaces before and one after, so that how a word begins counts for more.
fn trigrams(word: &str) -> BTreeSet<String> {
    let letters: Vec<char> = "  ".chars().chain(word.chars()).chain([' ']).collect();
    letters.windows(3).map(|three| three.iter().collect()).collect()
}

/// Words that somebody may have meant who typed another, or began to: the nearest first.
///
/// # Errors
/// The read models cannot be read.
pub(super) async fn meant(db: &DatabaseConnection, typed: &str) -> Result<Vec<String>, DbErr> {
    if !is_long(typed) {
        return Ok(vec![]);
    }
    let shared = Entity::find().select_only().column(Column::Word).column_as(Column::Trigram.count(), "shared");
    let shared = shared.filter(Column::Trigram.is_in(trigrams(typed))).group_by(Column::Word);
    let nearest = shared.order_by_desc(Column::Trigram.count()).order_by_asc(Column::Word).limit(CANDIDATES);
    let candidates: Vec<(String, i64)> = nearest.into_tuple().all(db).await?;
    let mut near: Vec<(usize, String)> =
        candidates.into_iter().filter_map(|(word, _)| errors(typed, &word).map(|errors| (errors, word))).collect();
    // Those of as many errors stay as they are: who shares more letters comes first.
    near.sort_by_key(|(errors, _)| *errors);
    Ok(near.into_iter().map(|(_, word)| word).take(MEANT).collect())
}

/// How many errors make one word of another, or of how it begins; none, if they are too many.
fn errors(typed: &str, word: &str) -> Option<usize> {
    let length = typed.chars().count();
    let begin: String = word.chars().take(length).collect();
    let errors = strsim::osa_distance(typed, word).min(strsim::osa_distance(typed, &begin));
    let forgiven = if length >= LONG { 2 } else { 1 };
    (errors <= forgiven).then_some(errors)
}

#[cfg(test)]
mod tests;
