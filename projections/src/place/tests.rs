use std::collections::BTreeSet;

use super::{Place, hash};

fn name(parts: &[(&str, u32, &str)]) -> String {
    hash(parts.iter().map(|(name, version, shape)| (*name, *version, (*shape).to_owned())))
}

#[test]
fn every_part_of_every_read_model_names_the_generation() {
    let parts = [("accounts", 1, ""), ("leaderboard", 1, "UTC")];
    let others = [
        name(&parts),
        name(&[("accounts", 2, ""), ("leaderboard", 1, "UTC")]),
        name(&[("accounts", 1, ""), ("leaderboard", 1, "Europe/Berlin")]),
        name(&[("accounts", 1, ""), ("leaderboards", 1, "UTC")]),
        name(&[("accounts", 1, "")]),
    ];
    assert_eq!(others.iter().collect::<BTreeSet<_>>().len(), others.len());
    assert_eq!(name(&parts), others[0], "the same build opens the same generation");
}

#[test]
fn a_place_does_not_print_its_password() {
    let place = Place::Postgres { url: "postgres://nalabo:s3cret@db/nalabo".into() };
    assert!(!format!("{place:?}").contains("s3cret"));
}
