use super::*;

#[test]
fn a_cell_is_quoted_where_it_must_be_and_never_a_formula() {
    for (value, expected) in [
        (json!(null), ""),
        (json!(3), "3"),
        (json!("roleGrant"), "roleGrant"),
        (json!("a,b"), "\"a,b\""),
        (json!("say \"so\""), "\"say \"\"so\"\"\""),
        (json!("=1+1"), "'=1+1"),
        (json!("@x\ny"), "\"'@x\ny\""),
    ] {
        assert_eq!(cell(&value), expected);
    }
}

#[test]
fn a_line_has_all_columns() {
    let values = std::array::from_fn(|index| json!(index));
    let (mut table, mut lines) = (String::new(), String::new());
    line(Form::Csv, &values, &mut table);
    line(Form::Ndjson, &values, &mut lines);
    assert_eq!(table, "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16\r\n");
    let read: Value = serde_json::from_str(&lines).expect("JSON");
    assert_eq!((&read["id"], &read["events"]), (&json!(0), &json!(16)));
}
