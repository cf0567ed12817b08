//! Tables as files for programs that people calculate with. No text in one is ever taken for a formula.

pub mod csv;
pub mod xlsx;

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    Empty,
    Text(String),
    Number(i64),
    /// So many of the last of `scale` decimals: 1250 with two are 12.50.
    Decimal {
        units: i64,
        scale: u32,
    },
}

impl Cell {
    /// A text, or nothing.
    #[must_use]
    pub fn text(text: Option<impl Into<String>>) -> Self {
        text.map_or(Self::Empty, |text| Self::Text(text.into()))
    }
}
