//! Finding runs by words, in the database's own index of them.

use hashbrown::HashMap;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};

use super::super::{
    run_texts::{ANYWHERE, HEAD, Place, TITLE},
    text, vocabulary,
};

/// Words that count; nobody remembers more.
const MOST: usize = 8;

/// Letters from which on a word is also the beginning of others: too many begin with fewer.
const BEGINS: usize = 3;

/// What may stand for one word that was typed.
type Term = Vec<String>;

/// The numbers of those runs in which all words stand, or what they begin with, and how well; none, if there are no words. `ranked`: also
/// where they stand. Where nothing has a word, those that may have been meant are looked for.
pub(super) async fn scores(db: &DatabaseConnection, text: &str, ranked: bool) -> Result<Option<HashMap<i64, i64>>, DbErr> {
    let mut terms: Vec<Term> = text::words(text).into_iter().take(MOST).map(|word| vec![word]).collect();
    if terms.is_empty() {
        return Ok(None);
    }
    let mut found = matches(db, &terms, ANYWHERE).await?;
    if found.is_empty() {
        correct(db, &mut terms).await?;
        found = matches(db, &terms, ANYWHERE).await?;
    }
    let mut scores: HashMap<i64, i64> = found.into_iter().map(|number| (number, ANYWHERE.score)).collect();
    if ranked && !scores.is_empty() {
        // The better one comes last, and stays.
        for place in [HEAD, TITLE] {
            scores.extend(matches(db, &terms, place).await?.into_iter().map(|number| (number, place.score)));
        }
    }
    Ok(Some(scores))
}

/// Puts what may have been meant beside words that nothing has.
async fn correct(db: &DatabaseConnection, terms: &mut [Term]) -> Result<(), DbErr> {
    for term in terms {
        if matches(db, std::slice::from_ref(term), ANYWHERE).await?.is_empty()
            && let Some(typed) = term.first()
        {
            let meant = vocabulary::meant(db, typed).await?;
            term.extend(meant);
        }
    }
    Ok(())
}

/// The numbers of runs in which all terms stand in a place.
async fn matches(db: &DatabaseConnection, terms: &[Term], place: Place) -> Result<Vec<i64>, DbErr> {
    let backend = db.get_database_backend();
    // In one row: a row for each would take longer than to find them.
    let (sql, expression) = if backend == DbBackend::Postgres {
        let text = format!("to_tsvector('simple'::regconfig, {})", place.text);
        let sql = format!(
            "SELECT CAST(coalesce(json_agg(number), '[]') AS text) AS numbers FROM run_texts WHERE {text} @@ to_tsquery('simple', $1)"
        );
        (sql, tsquery(terms))
    } else {
        let sql = "SELECT json_group_array(rowid) AS numbers FROM run_search WHERE run_search MATCH $1";
        (sql.to_owned(), fts5(terms, place.columns))
    };
    let row = db.query_one_raw(Statement::from_sql_and_values(backend, sql, [expression.into()])).await?;
    let Some(row) = row else { return Ok(vec![]) };
    let numbers: String = row.try_get("", "numbers")?;
    serde_json::from_str(&numbers).map_err(|error| DbErr::Json(error.to_string()))
}

/// Terms consist of letters and digits: there is nothing in them that either language could take for its own.
fn fts5(terms: &[Term], columns: &str) -> String {
    let word = |word: &String| format!("\"{word}\"{}", if begins(word) { " *" } else { "" });
    format!("{columns}({})", all(terms, word, " OR ", " AND "))
}

fn tsquery(terms: &[Term]) -> String {
    all(terms, |word| format!("{word}{}", if begins(word) { ":*" } else { "" }), " | ", " & ")
}

fn begins(word: &str) -> bool {
    // Scripts that put no spaces between words say more with each letter.
    !word.is_ascii() || word.len() >= BEGINS
}

/// All terms, of each one of the words that may stand for it.
fn all(terms: &[Term], word: impl Fn(&String) -> String, or: &str, and: &str) -> String {
    let either = |term: &Term| format!("({})", term.iter().map(&word).collect::<Vec<_>>().join(or));
    terms.iter().map(either).collect::<Vec<_>>().join(and)
}
