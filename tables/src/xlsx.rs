//! Workbooks as spreadsheet programs have them (Office Open XML). Texts are texts there, and nothing in them is looked for.

use rust_xlsxwriter::{Workbook, XlsxError};

use crate::Cell;

/// The most rows of a table, with that of its names.
pub const ROWS: usize = 1_048_576;
/// Characters of a cell.
const LONGEST: usize = 32_767;

/// A table that is none of theirs.
#[derive(Debug, thiserror::Error)]
#[error("the workbook cannot be written: {0}")]
pub struct WorkbookError(#[from] XlsxError);

/// A workbook of one table: the names of its columns, which stay in sight, and its rows.
///
/// # Errors
/// There are too many rows or columns.
pub fn workbook<'a>(names: &[&str], rows: impl IntoIterator<Item = &'a [Cell]>) -> Result<Vec<u8>, WorkbookError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, name) in (0..).zip(names) {
        sheet.write_string(0, column, *name)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (row, cells) in (1..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            match cell {
                Cell::Empty => {}
                Cell::Text(text) => {
                    sheet.write_string(row, column, plain(text))?;
                }
                Cell::Number(number) => {
                    sheet.write_number(row, column, float(*number))?;
                }
                Cell::Decimal { units, scale } => {
                    sheet.write_number(row, column, float(*units) / 10_f64.powi(i32::try_from(*scale).unwrap_or(0)))?;
                }
            }
        }
    }
    Ok(workbook.save_to_buffer()?)
}

/// Without what no XML may hold, and not longer than a cell may be.
fn plain(text: &str) -> String {
    let is_allowed = |letter: &char| match letter {
        '\n' | '\t' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        letter => !letter.is_control(),
    };
    // Counted in units of UTF-16, as those programs do.
    let mut left = LONGEST;
    let fits = |letter: &char| {
        let width = letter.len_utf16();
        let fits = width <= left;
        left = left.saturating_sub(width);
        fits
    };
    text.chars().filter(is_allowed).take_while(fits).collect()
}

#[allow(clippy::cast_precision_loss)] // All numbers in such a file are floats.
fn float(number: i64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests;
