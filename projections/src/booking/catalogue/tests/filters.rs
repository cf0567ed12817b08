use sea_orm::ConnectionTrait;

use super::*;
use crate::store::{Purpose, Store};

#[tokio::test]
async fn every_part_of_a_filter_restricts() {
    let (_world, projections) = runs(Engine::Sqlite).await;
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let near = |kilometres| Some(Near { latitude: 47.3769, longitude: 8.5417, kilometres });
    let prices = |least, most| Some(Prices { currency: eur(0).currency, least, most });
    let chf = Currency::try_new("CHF").expect("a currency");
    let cases = [
        (Filter::default(), vec![2, 1, 3, 6]),
        (Filter { categories: names(&["PROGRAMMING"]), ..Filter::default() }, vec![2]),
        (Filter { categories: names(&["programming", "containers"]), ..Filter::default() }, vec![2, 1, 3, 6]),
        (Filter { categories: names(&["sewing"]), ..Filter::default() }, vec![]),
        (Filter { tags: names(&["docker", "Rust"]), ..Filter::default() }, vec![3]),
        (Filter { cities: names(&["geneve", "bern"]), ..Filter::default() }, vec![2, 6]),
        (Filter { languages: names(&["de"]), ..Filter::default() }, vec![1, 3, 6]),
        (Filter { languages: names(&["de-CH"]), ..Filter::default() }, vec![1, 6]),
        (Filter { languages: names(&["d"]), ..Filter::default() }, vec![]),
        (Filter { formats: vec![RunFormat::Online, RunFormat::Hybrid], ..Filter::default() }, vec![3]),
        (Filter { levels: vec![Difficulty::Expert], ..Filter::default() }, vec![2]),
        (Filter { with_places: true, ..Filter::default() }, vec![2, 1, 3]),
        (Filter { near: near(1.0), ..Filter::default() }, vec![1]),
        (Filter { near: near(100.0), ..Filter::default() }, vec![1, 6]),
        (Filter { near: near(300.0), ..Filter::default() }, vec![2, 1, 6]),
        (Filter { from: Some(instant("2026-06-01T08:00:00Z")), ..Filter::default() }, vec![1, 3, 6]),
        (Filter { until: Some(instant("2026-06-01T08:00:00Z")), ..Filter::default() }, vec![2]),
        (Filter { prices: prices(None, Some(10_000)), ..Filter::default() }, vec![1, 3, 6]),
        (Filter { prices: prices(Some(1), Some(10_000)), ..Filter::default() }, vec![1, 6]),
        (Filter { prices: Some(Prices { currency: chf, least: None, most: None }), ..Filter::default() }, vec![]),
    ];
    for (wanted, expected) in cases {
        let found = search(&projections, &filter(wanted.clone())).await;
        assert_eq!(numbers(&found), expected, "{wanted:?}");
        assert_eq!(found.total, expected.len() as u64, "{wanted:?}");
    }
    projections.close().await;
}

#[test]
fn what_is_nowhere_or_costs_nothing_that_there_is_is_no_part_of_a_filter() {
    assert!(Near::try_new(-90.0, 180.0, 20_040.0).is_ok());
    let near = [(90.1, 0.0, 1.0), (f64::NAN, 0.0, 1.0), (0.0, -180.1, 1.0), (0.0, 0.0, 0.0), (0.0, 0.0, 20_041.0), (0.0, 0.0, f64::NAN)];
    let refused = near.map(|(latitude, longitude, kilometres)| Near::try_new(latitude, longitude, kilometres).expect_err("nowhere").field);
    assert_eq!(refused, ["latitude", "latitude", "longitude", "kilometres", "kilometres", "kilometres"]);
    assert!(Prices::try_new("EUR", Some(0), Some(0)).is_ok() && Prices::try_new("EUR", None, None).is_ok());
    let prices = [("euro", None, None), ("EUR", Some(-1), None), ("EUR", Some(2), Some(1)), ("EUR", None, Some(-1))];
    let refused = prices.map(|(currency, least, most)| Prices::try_new(currency, least, most).expect_err("nothing").field);
    assert_eq!(refused, ["currency", "least", "most", "most"]);
}

#[tokio::test]
async fn each_facet_says_how_many_there_are_of_what() {
    for engine in Engine::ALL {
        let (_world, projections) = runs(engine).await;
        let Facets { categories, tags, cities, languages, formats, levels, with_places } = search(&projections, &all()).await.facets;
        assert_eq!(categories, named(&[("Containers", 3), ("Programming", 1)]), "{engine:?}");
        assert_eq!(tags, named(&[("docker", 2), ("rust", 2), ("async", 1), ("cluster", 1)]));
        assert_eq!(cities, named(&[("Bern", 1), ("Genève", 1), ("Zürich", 1)]));
        assert_eq!(languages, named(&[("de-CH", 2), ("de", 1), ("fr", 1)]));
        assert_eq!(formats, [count(RunFormat::OnSite, 3), count(RunFormat::Online, 1)]);
        assert_eq!(levels, [count(Difficulty::Beginner, 2), count(Difficulty::Expert, 1)]);
        assert_eq!(with_places, 3);
        projections.close().await;
    }
}

#[tokio::test]
async fn names_that_differ_by_more_than_case_and_accents_are_names_of_their_own() {
    for engine in Engine::ALL {
        let (world, projections) = runs(engine).await;
        for (run, name, language) in [(31, "C", "en"), (32, "C++", "en-GB"), (33, "C#", "enm")] {
            let (category, tags, language) = (name.to_owned(), [name.to_owned()].into(), language.to_owned());
            take_in(&world, &projections, run, &published(&Plan { category, tags, language, ..plan("Language") })).await;
        }
        for (name, expected) in [("c", [31_u128]), ("c++", [32]), (" C# ", [33])] {
            let names = vec![name.to_owned()];
            let tags = filter(Filter { tags: names.clone(), ..Filter::default() });
            assert_eq!(found(&projections, &tags).await, expected, "{engine:?}: {name}");
            let categories = filter(Filter { categories: names, ..Filter::default() });
            assert_eq!(found(&projections, &categories).await, expected, "{engine:?}: {name}");
        }
        let english = search(&projections, &filter(Filter { languages: vec!["EN".into()], ..Filter::default() })).await;
        assert_eq!(numbers(&english), [31, 32], "{engine:?}: Middle English is another language");
        assert_eq!(english.facets.tags, named(&[("C", 1), ("C++", 1)]), "{engine:?}");
        projections.close().await;
    }
}

#[tokio::test]
async fn a_name_is_shown_as_the_first_run_writes_it_that_all_may_see() {
    for engine in Engine::ALL {
        let (world, projections) = runs(engine).await;
        let of = |category: &str, visibility| Plan { category: category.into(), visibility, ..plan("Sewing") };
        let shown = async |scope| {
            let categories = search(&projections, &Wanted { scope, ..all() }).await.facets.categories;
            categories
                .into_iter()
                .filter(|count| count.value.to_lowercase() == "sewing")
                .map(|count| (count.value, count.runs))
                .collect::<Vec<_>>()
        };
        let sewing = |name: &str, runs: u64| vec![(name.to_owned(), runs)];
        take_in(&world, &projections, 31, &[scheduled(&of("SEWING", Visibility::Public))]).await;
        take_in(&world, &projections, 32, &published(&of("sEWING", Visibility::Unlisted))).await;
        assert_eq!((shown(Scope::Listed).await, shown(Scope::All).await), (vec![], sewing("SEWING", 2)), "{engine:?}");
        take_in(&world, &projections, 33, &published(&of("Sewing", Visibility::Public))).await;
        take_in(&world, &projections, 34, &published(&of("sewing", Visibility::Public))).await;
        assert_eq!((shown(Scope::Listed).await, shown(Scope::All).await), (sewing("Sewing", 2), sewing("Sewing", 4)), "{engine:?}");
        take_in(&world, &projections, 31, &[RunEvent::Revised { plan: Box::new(of("SewinG", Visibility::Public)), from: None }]).await;
        assert_eq!(shown(Scope::Listed).await, sewing("Sewing", 2), "{engine:?}: the first is a draft still");
        let late = Catalogue::default().search(projections.db(), &all(), None, 0).await.expect("a search").facets.categories;
        assert!(late.contains(&count("Sewing".to_owned(), 2)), "{engine:?}: to who begins to look, too: {late:?}");
        projections.close().await;
    }
}

#[tokio::test]
async fn a_facet_is_counted_without_its_own_part_of_the_filter() {
    let (_world, projections) = runs(Engine::Sqlite).await;
    let wanted = Filter { categories: vec!["containers".into()], cities: vec!["bern".into()], ..Filter::default() };
    let found = search(&projections, &filter(wanted)).await;
    assert_eq!(numbers(&found), [6]);
    assert_eq!(found.facets.categories, named(&[("Containers", 1)]), "in Bern");
    assert_eq!(found.facets.cities, named(&[("Bern", 1), ("Zürich", 1)]), "of the category");
    assert_eq!(found.facets.tags, named(&[("cluster", 1)]));
    let found = search(&projections, &Wanted { filter: Filter { with_places: true, ..Filter::default() }, ..text("docker") }).await;
    assert_eq!((numbers(&found), found.total, found.facets.with_places), (vec![1, 3], 2, 2));
    projections.close().await;
}

#[tokio::test]
async fn a_run_has_places_left_while_a_ticket_for_everybody_has() {
    for engine in Engine::ALL {
        let (world, projections) = runs(engine).await;
        let few = Ticket { quota: Some(2), ..ticket("standard", 10_000, Audience::Everyone) };
        let (starts_at, ends_at) = (instant("2026-09-01T08:00:00Z"), instant("2026-09-01T16:00:00Z"));
        let with = |tickets| published(&Plan { tickets, starts_at, ends_at, ..plan("Podman") });
        take_in(&world, &projections, 31, &with(vec![few.clone(), ticket("friends", 0, Audience::Code)])).await;
        take_in(&world, &projections, 32, &with(vec![few, ticket("any", 20_000, Audience::Everyone)])).await;
        take_in(&world, &projections, 33, &with(vec![ticket("friends", 0, Audience::Code)])).await;
        let wanted = filter(Filter { with_places: true, from: Some(starts_at), ..Filter::default() });
        let left = async || {
            let found = search(&projections, &wanted).await;
            (numbers(&found), found.facets.with_places)
        };
        assert_eq!(left().await, (vec![31, 32], 2), "{engine:?}: of 33 everybody may take nothing");
        take_in(&world, &projections, 31, &[requested(11, 1), confirmed(11, 9)]).await;
        take_in(&world, &projections, 32, &[requested(12, 2), confirmed(12, 8)]).await;
        assert_eq!(left().await, (vec![31, 32], 2), "{engine:?}: there is one more, and another ticket");
        take_in(&world, &projections, 31, &[requested(13, 1), confirmed(13, 8)]).await;
        assert_eq!(left().await, (vec![32], 1), "{engine:?}: eight places, and nobody may have one");
        let late = Catalogue::default().search(projections.db(), &wanted, None, 10).await.expect("a search");
        assert_eq!(numbers(&late), [32], "{engine:?}: to who begins to look, too");
        let registration = RegistrationId(id(1013));
        take_in(&world, &projections, 31, &[RunEvent::RegistrationWithdrawn { registration, left: 9, waiting: 0 }]).await;
        assert_eq!(left().await, (vec![31, 32], 2), "{engine:?}: one is given up");
        take_in(&world, &projections, 32, &[requested(14, 8), confirmed(14, 0)]).await;
        assert_eq!(left().await, (vec![31], 1), "{engine:?}: the run is full");
        projections.close().await;
    }
}

#[tokio::test]
async fn places_are_counted_anew_once_registrations_that_were_parked_have_caught_up() {
    for engine in Engine::ALL {
        let (world, projections) = runs(engine).await;
        let few = Ticket { quota: Some(2), ..ticket("standard", 10_000, Audience::Everyone) };
        let (starts_at, ends_at) = (instant("2026-09-01T08:00:00Z"), instant("2026-09-01T16:00:00Z"));
        take_in(&world, &projections, 31, &published(&Plan { tickets: vec![few], starts_at, ends_at, ..plan("Podman") })).await;
        let wanted = filter(Filter { with_places: true, from: Some(starts_at), ..Filter::default() });
        assert_eq!(found(&projections, &wanted).await, [31], "{engine:?}");
        take_in(&world, &projections, 31, &[requested(11, 2), confirmed(11, 8)]).await;
        let store = Store::init(&world.generation("rows.db"), 1, Purpose::Looking).await.expect("a store");
        let by_hand = async |statements: [&str; 2]| {
            for statement in statements {
                store.writer.execute_unprepared(statement).await.expect("done");
            }
        };
        let behind = "UPDATE checkpoints SET position = position - 1, parked = 'by hand' WHERE name = 'registrations'";
        by_hand(["UPDATE run_tickets SET taken = 0", behind]).await;
        assert_eq!(found(&projections, &wanted).await, [31], "{engine:?}: what is taken is not known yet");
        let level = "UPDATE checkpoints SET position = position + 1, parked = NULL WHERE name = 'registrations'";
        by_hand(["UPDATE run_tickets SET taken = 2", level]).await;
        assert!(found(&projections, &wanted).await.is_empty(), "{engine:?}: now it is");
        store.close().await;
        projections.close().await;
    }
}
