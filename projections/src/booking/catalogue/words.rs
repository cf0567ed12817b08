//! Finding runs by words, in the database's own index of them.

use hashbrown::HashMap;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};

use super::super::{text, vocabulary};

/// Words that count; nobody remembers more.
const MOST: usize = 8;

/// Where words stand, the best first: what it is worth, in which columns of FTS5, and by which weights of a `tsvector`.
const PLACES: [(i64, &str, &str); 3] = [(3, "{title} : ", "A"), (2, "{title head} : ", "AB"), (1, "", "")];

/// What may stand for one word that was typed.
type Term = Vec<String>;

/// The numbers of those runs in which all words stand, or what they begin with, and how well; none, if there are no words. `ranked`: also
/// where they stand. Where nothing has a word, those that may have been meant are looked for.
pub(super) async fn scores(db: &DatabaseConnection, text: &str, ranked: bool) -> Result<Option<HashMap<i64, i64>>, DbErr> {
    let mut terms: Vec<Term> = text::words(text).into_iter().take(MOST).map(|word| vec![word]).collect();
    if terms.is_empty() {
        return Ok(None);
    }
    let [best, beside, anywhere] = PLACES;
    let mut found = matches(db, &terms, anywhere).await?;
    if found.is_empty() {
        correct(db, &mut terms).await?;
        found = matches(db, &terms, anywhere).await?;
    }
    let mut scores: HashMap<i64, i64> = found.into_iter().map(|number| (number, anywhere.0)).collect();
    if ranked && !scores.is_empty() {
        // The better one comes last, and stays.
        for place in [beside, best] {
            scores.extend(matches(db, &terms, place).await?.into_iter().map(|number| (number, place.0)));
        }
    }
    Ok(Some(scores))
}

/// Puts what may have been meant beside words that nothing has.
async fn correct(db: &DatabaseConnection, terms: &mut [Term]) -> Result<(), DbErr> {
    for term in terms {
        if matches(db, std::slice::from_ref(term), PLACES[2]).await?.is_empty()
            && let Some(typed) = term.first()
        {
            let meant = vocabulary::meant(db, typed).await?;
            term.extend(meant);
        }
    }
    Ok(())
}

/// The numbers of runs in which all terms stand in a place.
async fn matches(db: &DatabaseConnection, terms: &[Term], place: (i64, &str, &str)) -> Result<Vec<i64>, DbErr> {
    let backend = db.get_database_backend();
    // In one row: a row for each would take longer than to find them.
    let (sql, expression) = match backend {
        DbBackend::Postgres => (
            "SELECT CAST(coalesce(json_agg(number), '[]') AS text) AS numbers FROM run_texts WHERE words @@ to_tsquery('simple', $1)",
            tsquery(terms, place.2),
        ),
        _ => ("SELECT json_group_array(rowid) AS numbers FROM run_search WHERE run_search MATCH $1", fts5(terms, place.1)),
    };
    let row = db.query_one_raw(Statement::from_sql_and_values(backend, sql, [expression.into()])).await?;
    let Some(row) = row else { return Ok(vec![]) };
    let numbers: String = row.try_get("", "numbers")?;
    serde_json::from_str(&numbers).map_err(|error| DbErr::Json(error.to_string()))
}

/// Terms consist of letters and digits: there is nothing in them that either language could take for its own.
fn fts5(terms: &[Term], columns: &str) -> String {
    let either = |term: &Term| term.iter().map(|word| format!("\"{word}\" *")).collect::<Vec<_>>().join(" OR ");
    let all = terms.iter().map(|term| format!("({})", either(term))).collect::<Vec<_>>().join(" AND ");
    format!("{columns}({all})")
}

fn tsquery(terms: &[Term], weights: &str) -> String {
    let either = |term: &Term| term.iter().map(|word| format!("{word}:*{weights}")).collect::<Vec<_>>().join(" | ");
    terms.iter().map(|term| format!("({})", either(term))).collect::<Vec<_>>().join(" & ")
}
