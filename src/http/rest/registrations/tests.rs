use axum::{http::StatusCode, response::IntoResponse};

use super::expect_room;

#[test]
fn a_workbook_has_room_for_fifty_thousand_registrations_and_not_for_one_more() {
    for few in [0, 50_000] {
        assert!(expect_room(few).is_ok(), "{few}");
    }
    let problem = expect_room(50_001).expect_err("one is too many");
    assert_eq!(problem.code(), "TOO_MANY");
    assert_eq!(problem.into_response().status(), StatusCode::UNPROCESSABLE_ENTITY);
}
