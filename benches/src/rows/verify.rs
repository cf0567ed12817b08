//! Every hash computed again, beside the same pages as rows.

use load::Fault;

use super::{on_both, reading::pages};
use crate::{ground::Ground, report::Report};

#[expect(clippy::unnecessary_wraps, reason = "rows are of one type")]
pub(super) fn measure(ground: &Ground) -> Result<Report, Fault> {
    Ok(on_both(ground, "verify", |ground, engine| pages(ground, engine, "verifying all hashes", "verify", 0.6)))
}
