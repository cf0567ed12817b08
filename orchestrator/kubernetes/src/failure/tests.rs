//! Which answers are worth another try.

use kube::core::response::{StatusCause, StatusDetails};

use super::*;

fn answer(code: u16, message: &str, cause: &str) -> kube::Error {
    let causes =
        if cause.is_empty() { vec![] } else { vec![StatusCause { reason: cause.into(), message: String::new(), field: String::new() }] };
    let empty = String::new;
    let details = StatusDetails { name: empty(), group: empty(), kind: empty(), uid: empty(), causes, retry_after_seconds: 0 };
    let status = Status { code, message: message.into(), details: Some(details), ..Status::default() };
    kube::Error::Api(Box::new(status))
}

fn is_transient(error: &kube::Error) -> bool {
    matches!(failure("doing", error), DriverError::Transient(_))
}

#[test]
fn what_passes_by_itself_is_tried_again() {
    for code in [404, 408, 409, 410, 429, 500, 502, 503, 504] {
        assert!(is_transient(&answer(code, "", "")), "{code}");
    }
    assert!(is_transient(&answer(403, "pods \"a\" is forbidden: status unknown for quota: limits", "")));
    assert!(is_transient(&answer(403, "forbidden: error looking up service account a/default", "")));
    assert!(is_transient(&answer(403, "unable to create new content", "NamespaceTerminating")));
    assert!(is_transient(&kube::Error::Service(Box::new(Unreachable::TimedOut { what: "the answer", seconds: 30 }))));
}

#[test]
fn what_must_be_changed_first_is_not() {
    for code in [400, 401, 403, 413, 422] {
        assert!(!is_transient(&answer(code, "exceeded quota", "")), "{code}");
    }
    assert!(!is_transient(&kube::Error::Service(Box::new(Unreachable::Redirected(302)))));
    assert!(!is_transient(&kube::Error::Service(Box::new(Unreachable::Certificate("expired".into())))));
}

#[test]
fn a_long_answer_is_cut_and_stays_in_a_line() {
    let DriverError::Terminal(text) = failure("doing", &answer(422, &"a\n".repeat(5000), "")) else { panic!("it is lasting") };
    assert!(text.len() < 700 && !text.contains('\n'));
}
