use super::{Fields, nearest};
use crate::diagnostic::Findings;
use crate::yaml::document;

/// What reading some YAML reports.
fn reported(yaml: &str, read: impl FnOnce(&Fields<'_>, &mut Findings)) -> Vec<String> {
    let node = document(yaml, 1).expect("valid");
    let mut findings = Findings::default();
    let fields = Fields::of("w.yaml", &node, &mut findings);
    read(&fields, &mut findings);
    findings.into_diagnostics().iter().map(ToString::to_string).collect()
}

#[test]
fn unknown_fields_are_reported_with_the_nearest_name() {
    let report = reported("title: x\ntitel: y\nzzz: 1\n", |fields, findings| fields.refuse_unknown(&["title", "tags"], findings));
    assert_eq!(report[0], "error: w.yaml:2: unknown field `titel`; did you mean `title`?");
    assert_eq!(report[1], "error: w.yaml:3: unknown field `zzz`; expected one of title, tags");
}

#[test]
fn values_of_the_wrong_shape_are_reported_where_they_stand() {
    let report = reported("a: 1\nb: [x]\nc: maybe\nd:\n  - {}\n", |fields, findings| {
        fields.items("a", findings);
        fields.text("b", findings);
        fields.flag("c", findings);
        fields.texts("d", findings);
        fields.required("e", findings);
    });
    assert_eq!(
        report,
        [
            "error: w.yaml:1: `a`: expected a list",
            "error: w.yaml:2: `b`: expected a single value",
            "error: w.yaml:3: `c`: expected true or false, not `maybe`",
            "error: w.yaml:5: `d`: expected a list of single values",
            "error: w.yaml:1: `e` is missing",
        ]
    );
}

#[test]
fn a_text_is_no_mapping() {
    assert_eq!(reported("just words", |_, _| ()), ["error: w.yaml:1: expected fields of the form `name: value`"]);
}

#[test]
fn only_near_names_are_proposed() {
    assert_eq!(nearest("tiitle", &["title", "summary"]), Some("title"));
    assert_eq!(nearest("banana", &["title", "summary"]), None);
}
