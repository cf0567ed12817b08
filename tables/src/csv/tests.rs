use super::{line, text};
use crate::Cell;

#[test]
fn a_text_is_quoted_where_it_must_be_and_never_a_formula() {
    for (given, expected) in [
        ("Ada", "Ada"),
        ("a,b", "\"a,b\""),
        ("say \"so\"", "\"say \"\"so\"\"\""),
        ("=1+1", "'=1+1"),
        ("+41 44 000 00 00", "'+41 44 000 00 00"),
        ("-1", "'-1"),
        ("@x\ny", "\"'@x\ny\""),
        ("  =1+1", "'  =1+1"),
        ("\t=1", "\"'\t=1\""),
        ("＝1", "'＝1"),
        ("1=1", "1=1"),
    ] {
        assert_eq!(text(given), expected);
    }
}

#[test]
fn numbers_stay_numbers() {
    let cells = [
        Cell::Empty,
        Cell::Number(-3),
        Cell::Decimal { units: 1250, scale: 2 },
        Cell::Decimal { units: -5, scale: 2 },
        Cell::Decimal { units: 12, scale: 0 },
        Cell::Decimal { units: 1, scale: 3 },
        Cell::text(None::<String>),
        Cell::text(Some("x")),
    ];
    assert_eq!(line(&cells), ",-3,12.50,-0.05,12,0.001,,x\r\n");
}
