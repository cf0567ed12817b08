//! Finding runs by words, in the database's own index of them. What it says of a word is kept until a text changes: a few words are asked
//! for again and again, and these are those that most runs have.

use std::sync::Arc;

use hashbrown::HashMap;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};

use super::{super::run_texts::Place, bits::Bits};

/// Letters from which on a word is also the beginning of others: too many begin with fewer.
const BEGINS: usize = 3;
/// Bytes of sets that are kept.
const ROOM: usize = 32 << 20;

/// Which runs have which word where, as far as somebody asked since a text changed.
#[derive(Default)]
pub(super) struct Known {
    /// The position of the event that changed a text last.
    described: i64,
    sets: HashMap<(String, &'static str), Arc<Bits>>,
    weight: usize,
}

impl Known {
    /// What is known of a word, if no text has changed since then.
    pub(super) fn get(&self, described: i64, word: &str, place: Place) -> Option<Arc<Bits>> {
        self.sets.get(&(word.to_owned(), place.name)).filter(|_| self.described == described).cloned()
    }

    /// Keeps what was found out of a word, unless a text has changed meanwhile.
    pub(super) fn keep(&mut self, described: i64, word: &str, place: Place, set: &Arc<Bits>) {
        if described < self.described {
            return;
        }
        if described > self.described || self.weight > ROOM {
            *self = Self { described, ..Self::default() };
        }
        self.weight += word.len() + set.weight();
        self.sets.insert((word.to_owned(), place.name), Arc::clone(set));
    }
}

/// Which runs have all words, and where: who has them in the title has them in the head, which the title is part of, and so on.
pub(super) struct Scores {
    pub(super) anywhere: Bits,
    pub(super) head: Bits,
    pub(super) title: Bits,
}

impl Scores {
    /// How well the run at a place has all words.
    pub(super) fn of(&self, place: usize) -> i64 {
        i64::from(self.anywhere.contains(place)) + i64::from(self.head.contains(place)) + i64::from(self.title.contains(place))
    }
}

/// The numbers of runs in which a word stands in a place, or one that begins with it.
pub(super) async fn matches(db: &DatabaseConnection, word: &str, place: Place) -> Result<Vec<i64>, DbErr> {
    let backend = db.get_database_backend();
    // Scripts that put no spaces between words say more with each letter.
    let begins = !word.is_ascii() || word.len() >= BEGINS;
    // A word is letters and digits: there is nothing in it that either language could take for its own. The numbers come in one row: a row
    // for each would take longer than to find them.
    let (sql, expression) = if backend == DbBackend::Postgres {
        let text = format!("to_tsvector('simple'::regconfig, {})", place.text);
        let sql = format!(
            "SELECT CAST(coalesce(json_agg(number), '[]') AS text) AS numbers FROM run_texts WHERE {text} @@ to_tsquery('simple', $1)"
        );
        (sql, format!("{word}{}", if begins { ":*" } else { "" }))
    } else {
        let sql = "SELECT json_group_array(rowid) AS numbers FROM run_search WHERE run_search MATCH $1";
        (sql.to_owned(), format!("{}(\"{word}\"{})", place.columns, if begins { " *" } else { "" }))
    };
    let row = db.query_one_raw(Statement::from_sql_and_values(backend, sql, [expression.into()])).await?;
    let Some(row) = row else { return Ok(vec![]) };
    let numbers: String = row.try_get("", "numbers")?;
    serde_json::from_str(&numbers).map_err(|error| DbErr::Json(error.to_string()))
}
