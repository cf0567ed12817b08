use super::says_why;

#[test]
fn an_error_of_oauth_says_why_and_a_page_does_not() {
    assert!(says_why(br#"{ "error": "invalid_client", "error_description": "client authentication failed" }"#));
    for page in ["", "<html>Unauthorized</html>", "{}", "[]", r#"{ "error": 401 }"#, r#"{ "message": "invalid client" }"#] {
        assert!(!says_why(page.as_bytes()), "{page}");
    }
}
