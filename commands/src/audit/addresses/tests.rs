use super::months;

fn between(since: &str, until: &str) -> Vec<String> {
    let at = |day: &str| format!("{day}T12:00:00Z").parse().expect("an instant");
    months(at(since), at(until)).into_iter().map(|name| name.trim_start_matches("audit-addresses-").to_owned()).collect()
}

#[test]
fn each_month_has_a_key_from_the_first_to_the_last() {
    assert_eq!(between("2026-02-01", "2026-02-28"), ["2026-02"]);
    assert_eq!(between("2025-11-30", "2026-02-01"), ["2025-11", "2025-12", "2026-01", "2026-02"]);
    assert_eq!(between("2024-01-31", "2024-03-01"), ["2024-01", "2024-02", "2024-03"]);
    assert!(between("2026-03-01", "2026-02-28").is_empty());
}
