//! Comma-separated values (RFC 4180).

use crate::Cell;

/// A line with its end.
#[must_use]
pub fn line(cells: &[Cell]) -> String {
    let cells: Vec<String> = cells.iter().map(cell).collect();
    format!("{}\r\n", cells.join(","))
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(content) => text(content),
        Cell::Number(number) => number.to_string(),
        Cell::Decimal { units, scale } => decimal(*units, *scale),
    }
}

/// A text, which no program for tables takes for a formula.
#[must_use]
pub fn text(text: &str) -> String {
    // Behind spaces, too: some programs leave them out.
    let is_formula = text.trim_start_matches(' ').starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', ';', '\r', '\n', '\t']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

fn decimal(units: i64, scale: u32) -> String {
    let unit = 10_u64.saturating_pow(scale);
    let (sign, units) = (if units < 0 { "-" } else { "" }, units.unsigned_abs());
    match scale {
        0 => format!("{sign}{units}"),
        _ => format!("{sign}{}.{:0width$}", units / unit, units % unit, width = scale as usize),
    }
}

#[cfg(test)]
mod tests;
