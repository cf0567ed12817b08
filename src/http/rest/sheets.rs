//! Tables of what there is, as files that people calculate with. They are read in pages, however long they are.

use std::{io, sync::Arc};

use axum::{body::Bytes, http::StatusCode};
use commands::{Request as Known, authorization::Act};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tables::{Cell, csv, xlsx};
use utoipa::ToSchema;

use super::{
    Answer, CSV, attachment,
    problem::Problem,
    receiver::{self, Receiver},
    recorded,
};
use crate::http::Shared;

/// What workbooks are.
const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Rows in a workbook, which is put together in memory.
const MOST: u64 = 50_000;
/// Bytes of a workbook that are handed on at once.
const PIECE: usize = 64 << 10;

/// In which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Form {
    /// RFC 4180, with a line of names first.
    Csv,
    /// A workbook with one table.
    Xlsx,
}

/// What is left of a table.
pub(super) trait Pages: Sized + Send + 'static {
    /// What its rows are; the file is called by it.
    const NAME: &'static str;
    /// What whoever is sent it was let through for.
    const READ: Act;
    /// What the audit calls its export.
    const OPERATION: &'static str;
    /// The names of its columns.
    const COLUMNS: &'static [&'static str];
    /// What to do where it has more rows than a workbook takes.
    const FEWER: &'static str;

    /// Some more rows, and whether there are still more.
    fn next(&mut self) -> impl Future<Output = io::Result<(Vec<Vec<Cell>>, bool)>> + Send;
}

/// A table in one file. That it was exported, and what it is about, is in the audit before the first byte is sent.
pub(super) async fn file<P: Pages>(shared: &Arc<Shared>, known: &Known, form: Form, subjects: Vec<String>, pages: P) -> Answer {
    // Before it is recorded.
    let Some(turn) = shared.sheets.take(&known.actor.name()) else {
        return Err(Problem::busy("others are exported already, or some for you"));
    };
    recorded(shared, known, P::OPERATION, subjects).await?;
    let receiver = Receiver::known(shared, known, &P::READ);
    let answer = match form {
        Form::Csv => {
            let names: Vec<Cell> = P::COLUMNS.iter().map(|name| Cell::Text((*name).to_owned())).collect();
            let left = (Some(pages), csv::line(&names), receiver, turn);
            let text = stream::try_unfold(left, |(pages, names, receiver, turn)| async move {
                let Some(mut pages) = pages else { return Ok(None) };
                receiver.goes_on(&turn).await?;
                let (rows, more) = pages.next().await?;
                let text = rows.iter().fold(names, |text, row| text + &csv::line(row));
                Ok::<_, io::Error>(Some((text, (more.then_some(pages), String::new(), receiver, turn))))
            });
            attachment(CSV, &format!("{}.csv", P::NAME), receiver::body(known, text))
        }
        Form::Xlsx => {
            let rows = all(pages).await.map_err(|error| failed(&error, known))?;
            let made = tokio::task::spawn_blocking(move || xlsx::workbook(P::COLUMNS, rows.iter().map(Vec::as_slice))).await;
            let file = made.map_err(|error| failed(&error, known))?.map_err(|error| failed(&error, known))?;
            let pieces = stream::try_unfold((Bytes::from(file), receiver, turn), |(mut left, receiver, turn)| async move {
                if left.is_empty() {
                    return Ok(None);
                }
                receiver.goes_on(&turn).await?;
                let piece = left.split_to(left.len().min(PIECE));
                Ok::<_, io::Error>(Some((piece, (left, receiver, turn))))
            });
            attachment(WORKBOOK, &format!("{}.xlsx", P::NAME), receiver::body(known, pieces))
        }
    };
    Ok(answer)
}

/// Whether so many rows have room in a workbook.
pub(super) fn expect_room<P: Pages>(rows: u64) -> Answer<()> {
    if rows <= MOST {
        return Ok(());
    }
    let detail = format!("a workbook has {MOST} {} at most; {}, or for format=csv", P::NAME, P::FEWER);
    Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "TOO_MANY", detail))
}

/// Something came in the way of it.
pub(super) fn failed(error: &dyn std::error::Error, known: &Known) -> Problem {
    Problem::unavailable(&error.to_string(), known.correlation)
}

/// One of a closed set, as it is stored.
pub(super) fn word(value: impl Serialize) -> Cell {
    Cell::text(serde_json::to_value(value).ok().as_ref().and_then(Value::as_str))
}

async fn all<P: Pages>(mut pages: P) -> io::Result<Vec<Vec<Cell>>> {
    let mut all = vec![];
    loop {
        let (rows, more) = pages.next().await?;
        all.extend(rows);
        if !more {
            return Ok(all);
        }
    }
}

#[cfg(test)]
mod tests;
