use domain::kernel::{Mebibytes, Minutes, Seconds};

use super::{duration, mebibytes, minutes, seconds_or_bare};

#[test]
fn durations_carry_their_unit() {
    assert_eq!(duration("90s"), Some(Seconds(90)));
    assert_eq!(minutes("15m"), Some(Minutes(15)));
    assert_eq!(minutes("1h"), Some(Minutes(60)));
    assert_eq!(minutes("61s"), Some(Minutes(2)));
    for bad in ["15", "", "m", "-1m", "1.5h", "15 minutes", "5000000000s", "99999999h", "ü"] {
        assert_eq!(duration(bad), None, "{bad}");
    }
}

#[test]
fn a_timeout_may_be_a_bare_number_of_seconds() {
    assert_eq!(seconds_or_bare("5"), Some(Seconds(5)));
    assert_eq!(seconds_or_bare("1m"), Some(Seconds(60)));
    assert_eq!(seconds_or_bare("soon"), None);
}

#[test]
fn amounts_of_memory_carry_their_unit() {
    assert_eq!(mebibytes("256Mi"), Some(Mebibytes(256)));
    assert_eq!(mebibytes("2Gi"), Some(Mebibytes(2048)));
    assert_eq!(mebibytes("1M"), Some(Mebibytes(1)));
    assert_eq!(mebibytes("512Ki"), Some(Mebibytes(1)));
    for bad in ["256", "Mi", "-1Mi", "1Ti", "99999999999Gi", "1ü"] {
        assert_eq!(mebibytes(bad), None, "{bad}");
    }
}
