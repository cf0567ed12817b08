use std::collections::BTreeSet;

use super::Permission;

#[test]
fn a_permission_is_stored_under_its_name_and_found_by_it() {
    for permission in Permission::ALL {
        assert_eq!(serde_json::to_value(permission).expect("JSON"), permission.name());
        assert_eq!(Permission::of(permission.name()), Some(*permission));
    }
    for unknown in ["", "cluster", "cluster:", "Cluster:read", "cluster:read "] {
        assert_eq!(Permission::of(unknown), None, "{unknown}");
    }
}

#[test]
fn names_are_unique_and_say_what_is_done_to_what() {
    let names: BTreeSet<_> = Permission::ALL.iter().map(|permission| permission.name()).collect();
    assert_eq!(names.len(), Permission::ALL.len());
    for name in names {
        let (subject, act) = name.split_once(':').expect("two parts");
        assert!([subject, act].iter().all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_')), "{name}");
    }
}

#[test]
fn each_says_what_it_is_for() {
    assert_eq!(Permission::ReadEvents.description(), "Read the journal.");
    assert!(Permission::ALL.iter().all(|permission| permission.description().ends_with('.')));
}
