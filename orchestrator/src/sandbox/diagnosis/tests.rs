use super::diagnose;
use crate::driver::DriverError;

#[test]
fn a_refusal_by_the_kernel_is_final_and_says_what_to_change() {
    let error = diagnose("bwrap: No permissions to create new namespace\n", &["user namespaces are off: sysctl x=1"]);
    let DriverError::Terminal(text) = error else { panic!("expected a terminal error, got {error:?}") };
    assert_eq!(
        text,
        "this host does not permit sandboxes: bwrap: No permissions to create new namespace; user namespaces are off: sysctl x=1"
    );
}

#[test]
fn an_old_bubblewrap_is_named() {
    let error = diagnose("bwrap: Unknown option --disable-userns", &[]);
    assert!(error.to_string().ends_with("bubblewrap 0.8 or later is needed"), "{error}");
}

#[test]
fn a_lack_of_resources_is_worth_another_try() {
    let error = diagnose("bwrap: Can't fork: Resource temporarily unavailable", &[]);
    assert!(matches!(error, DriverError::Transient(_)), "{error:?}");
}
