//! The published schema.

#[test]
fn the_published_schema_is_that_of_this_build() {
    let published = include_str!("../../schema.graphql");
    assert!(published == graphql::sdl(), "graphql/schema.graphql is out of date; run: nalabo sdl > graphql/schema.graphql");
}

#[test]
fn every_list_is_bounded_by_first_or_belongs_to_one_object() {
    let schema = graphql::sdl();
    for line in schema.lines().filter(|line| line.contains("Connection") && line.contains('(')) {
        assert!(line.contains("first: Int"), "{line}");
    }
}
