use super::*;

/// All pages of two, one after the other; between them, `meanwhile` happens.
async fn paged(projections: &Projections, wanted: &Wanted, meanwhile: impl AsyncFn(usize)) -> Vec<u128> {
    let (mut all, mut after) = (vec![], None);
    for page in 0.. {
        let found = projections.catalogue().search(projections.db(), wanted, after, 2).await.expect("a search");
        all.extend(numbers(&found));
        after = found.runs.last().map(|(_, place)| *place);
        if !found.more {
            break;
        }
        meanwhile(page).await;
    }
    all
}

#[tokio::test]
async fn runs_come_in_the_order_that_is_asked_for() {
    let (world, projections) = runs(Engine::Sqlite).await;
    let by = |sort| Wanted { sort, ..all() };
    let cases = [
        (Sort::Date, vec![2, 1, 3, 6]),
        (Sort::Price, vec![3, 1, 6, 2]),
        (Sort::HighestPrice, vec![2, 1, 6, 3]),
        (Sort::Popularity, vec![6, 2, 1, 3]),
        (Sort::Relevance, vec![2, 1, 3, 6]),
    ];
    for (sort, expected) in cases {
        assert_eq!(found(&projections, &by(sort)).await, expected, "{sort:?}");
        assert_eq!(paged(&projections, &by(sort), async |_: usize| {}).await, expected, "{sort:?} by pages");
    }
    take_in(&world, &projections, 3, &[requested(11, 1), requested(12, 1)]).await;
    assert_eq!(found(&projections, &by(Sort::Popularity)).await, [3, 6, 2, 1]);
    projections.close().await;
}

#[tokio::test]
async fn pages_stay_where_they_are_while_runs_are_added() {
    for engine in Engine::ALL {
        let (world, projections) = runs(engine).await;
        let early = Plan { starts_at: instant("2026-01-01T08:00:00Z"), ..plan("Docker, early") };
        let between = Plan { starts_at: instant("2026-07-15T08:00:00Z"), ..plan("Docker, between") };
        let added = async |page: usize| {
            if page == 0 {
                take_in(&world, &projections, 21, &published(&early)).await;
                take_in(&world, &projections, 22, &published(&between)).await;
            }
        };
        let seen = paged(&projections, &all(), added).await;
        assert_eq!(seen, [2, 1, 3, 22, 6], "{engine:?}: none twice, none left out");
        let added = async |page: usize| {
            if page == 0 {
                take_in(&world, &projections, 23, &published(&early)).await;
            }
        };
        let seen = paged(&projections, &text("docker"), added).await;
        assert_eq!(seen, [21, 1, 22, 3, 6], "{engine:?}");
        projections.close().await;
    }
}

#[tokio::test]
async fn a_page_of_nothing_tells_what_there_is() {
    let (_world, projections) = runs(Engine::Sqlite).await;
    let found = projections.catalogue().search(projections.db(), &all(), None, 0).await.expect("a search");
    assert_eq!((found.runs.len(), found.more, found.total), (0, true, 4));
    let beyond = Place { key: 0, starts_at: i64::MAX, number: 0 };
    let found = projections.catalogue().search(projections.db(), &all(), Some(beyond), 5).await.expect("a search");
    assert_eq!((found.runs.len(), found.more, found.total), (0, false, 4));
    projections.close().await;
}

#[tokio::test]
async fn who_begins_to_look_finds_what_was_there_before() {
    let (world, projections) = runs(Engine::Sqlite).await;
    let late = Catalogue::default();
    take_in(&world, &projections, 4, &[RunEvent::Published {}]).await;
    let db: &DatabaseConnection = projections.db();
    let found = late.search(db, &all(), None, 10).await.expect("a search");
    assert!(found.runs.iter().any(|(run, _)| *run == RunId(id(4))));
    projections.close().await;
}
