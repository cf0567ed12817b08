use serde_json::json;

use super::*;

#[test]
fn what_changed_is_told_leaf_by_leaf_and_nothing_else() {
    let before = json!({ "Open": { "name": "a", "roles": ["author"], "limits": { "cpu": 1 } } });
    let after = json!({ "Open": { "name": "a", "roles": ["author", "support"], "limits": { "cpu": 2 }, "until": null } });
    let found: Vec<_> = differences(&before, &after).into_iter().map(|it| (it.path, it.before, it.after)).collect();
    let expected = [
        ("Open.limits.cpu".to_owned(), Some(json!(1)), Some(json!(2))),
        ("Open.roles.1".to_owned(), None, Some(json!("support"))),
        ("Open.until".to_owned(), None, Some(json!(null))),
    ];
    assert_eq!(found, expected);
    assert!(differences(&after, &after).is_empty());
}

#[test]
fn personal_values_are_leaves_and_what_comes_to_be_is_told_whole() {
    let sealed = |text: &str| json!({ "name": { "$personal": { "subject": 1, "sealed": text } } });
    let found = differences(&sealed("v1.a"), &sealed("v1.b"));
    assert_eq!((found.len(), found[0].path.as_str()), (1, "name"));
    let found: Vec<_> = differences(&json!("Absent"), &json!({ "Open": { "by": null } })).into_iter().map(|it| it.path).collect();
    assert_eq!(found, ["", "Open.by"]);
}
