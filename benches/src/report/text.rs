//! Tables of text, as Markdown has them.

use super::{Bound, Limit, Line, Report};

/// A rate in as few digits as it deserves.
pub(crate) fn number(value: f64) -> String {
    let digits = usize::from(value < 100.0) + usize::from(value < 10.0);
    let text = format!("{value:.digits$}");
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let grouped: Vec<&str> = whole.as_bytes().rchunks(3).rev().filter_map(|chunk| std::str::from_utf8(chunk).ok()).collect();
    if rest.is_empty() { grouped.join(" ") } else { format!("{}.{rest}", grouped.join(" ")) }
}

/// All lines and bounds.
pub(crate) fn table(report: &Report) -> String {
    let head = ["work", "clients", "ours", "peer", "ratio", "target", "verdict"].map(str::to_owned);
    let lines: Vec<_> = std::iter::once(head).chain(report.lines.iter().map(line)).collect();
    let head = ["bound", "measured", "limit", "verdict"].map(str::to_owned);
    let bounds: Vec<_> = std::iter::once(head).chain(report.bounds.iter().map(bound)).collect();
    let failed = report.failed.iter().map(|(row, why)| format!("\n{row} could not be measured: {why}\n"));
    format!("{}\n{}{}", aligned(&lines), aligned(&bounds), failed.collect::<String>())
}

fn line(line: &Line) -> [String; 7] {
    let ratio = format!("{}× ({}–{})", number(line.ratio), number(line.spread.0), number(line.spread.1));
    [
        line.work.clone(),
        line.clients.to_string(),
        format!("{} {}/s", number(line.ours), line.unit),
        format!("{} {}/s", number(line.peer), line.unit),
        ratio,
        line.target.map_or_else(String::new, |target| format!("≥ {target}×")),
        line.verdict().to_owned(),
    ]
}

fn bound(bound: &Bound) -> [String; 4] {
    let limit = match bound.limit {
        Limit::AtMost(most) => format!("≤ {}", number(most)),
        Limit::AtLeast(least) => format!("≥ {}", number(least)),
    };
    [bound.what.clone(), format!("{} {}", number(bound.value), bound.unit), format!("{limit} {}", bound.unit), bound.verdict().to_owned()]
}

fn aligned<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; N] = std::array::from_fn(width);
    let cells = |row: &[String; N]| {
        let padded = row.iter().zip(widths).map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.chars().count())));
        format!("| {} |\n", padded.collect::<Vec<_>>().join(" | "))
    };
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        text += &cells(row);
        if number == 0 {
            text += "|";
            text += &widths.map(|width| "-".repeat(width + 2) + "|").concat();
            text += "\n";
        }
    }
    text
}
