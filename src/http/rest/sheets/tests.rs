use axum::{http::StatusCode, response::IntoResponse};
use commands::authorization::reads;
use domain::booking::Visibility;

use super::{Act, Cell, Pages, all, expect_room, io, word};

/// A table of so many rows, of which each page has one.
struct Rows(i64);

impl Pages for Rows {
    const NAME: &'static str = "rows";
    const READ: Act = reads::ME;
    const OPERATION: &'static str = "rowsExport";
    const COLUMNS: &'static [&'static str] = &["row"];
    const FEWER: &'static str = "ask for fewer";

    fn next(&mut self) -> impl Future<Output = io::Result<(Vec<Vec<Cell>>, bool)>> + Send {
        self.0 -= 1;
        std::future::ready(Ok((vec![vec![Cell::Number(self.0)]], self.0 > 0)))
    }
}

#[test]
fn a_workbook_has_room_for_fifty_thousand_rows_and_not_for_one_more() {
    for few in [0, 50_000] {
        assert!(expect_room::<Rows>(few).is_ok(), "{few}");
    }
    let problem = expect_room::<Rows>(50_001).expect_err("one is too many");
    assert_eq!(problem.code(), "TOO_MANY");
    assert_eq!(problem.into_response().status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn all_pages_make_up_a_table() {
    let rows = all(Rows(3)).await.expect("rows");
    assert_eq!(rows, [2, 1, 0].map(|row| vec![Cell::Number(row)]));
}

#[test]
fn a_word_is_as_it_is_stored() {
    assert_eq!(word(Visibility::Unlisted), Cell::Text("unlisted".into()));
    assert_eq!(word(None::<Visibility>), Cell::Empty);
}
