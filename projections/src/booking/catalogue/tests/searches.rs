use super::*;

#[tokio::test]
async fn words_are_found_whatever_their_case_and_accents() {
    for engine in Engine::ALL {
        let (_world, projections) = runs(engine).await;
        let cases = [
            ("docker", vec![1, 3, 6]),
            ("DOCKER zurich", vec![1]),
            ("Zürich", vec![1]),
            ("geneve", vec![2]),
            ("donnees rust", vec![2]),
            ("GRACE", vec![2]),
            ("kub", vec![6]),
            ("containers", vec![1, 3, 6]),
            ("docker rust", vec![3]),
            ("laptop", vec![1, 2, 3]),
            ("nothing of that", vec![]),
            ("' OR \"1\" = 1 -- * : & !", vec![]),
            ("...", vec![1, 2, 3, 6]),
        ];
        for (words, expected) in cases {
            let mut numbers = found(&projections, &text(words)).await;
            numbers.sort_unstable();
            assert_eq!(numbers, expected, "{engine:?}: {words}");
        }
        projections.close().await;
    }
}

#[tokio::test]
async fn typing_errors_are_forgiven_where_nothing_else_is_found() {
    for engine in Engine::ALL {
        let (_world, projections) = runs(engine).await;
        let cases = [
            ("dokcer", vec![1, 3, 6]),
            ("kuberentes", vec![6]),
            ("zurihc dcoker", vec![1]),
            ("genve", vec![2]),
            ("rsut", vec![2, 3]),
            ("xyzzy", vec![]),
        ];
        for (words, expected) in cases {
            let mut numbers = found(&projections, &text(words)).await;
            numbers.sort_unstable();
            assert_eq!(numbers, expected, "{engine:?}: {words}");
        }
        projections.close().await;
    }
}

#[tokio::test]
async fn where_words_stand_says_how_relevant_a_run_is() {
    for engine in Engine::ALL {
        let (_world, projections) = runs(engine).await;
        assert_eq!(found(&projections, &text("docker")).await, [1, 3, 6], "{engine:?}: in the title, the tags, the description");
        let by_date = Wanted { sort: Sort::Date, ..text("rust") };
        assert_eq!(found(&projections, &by_date).await, [2, 3], "{engine:?}");
        projections.close().await;
    }
}

#[tokio::test]
async fn what_is_revised_is_found_by_its_new_words_alone() {
    for engine in Engine::ALL {
        let (world, projections) = runs(engine).await;
        assert_eq!(found(&projections, &text("podman")).await, [0_u128; 0], "{engine:?}");
        let podman = Plan { tags: [].into(), ..plan("Podman") };
        take_in(&world, &projections, 1, &[RunEvent::Revised { plan: Box::new(podman), from: None }]).await;
        assert_eq!(found(&projections, &text("podman")).await, [1], "{engine:?}");
        assert_eq!(found(&projections, &text("pdoman")).await, [1], "{engine:?}");
        assert_eq!(found(&projections, &text("docker")).await, [3, 6], "{engine:?}");
        projections.close().await;
    }
}

#[tokio::test]
async fn what_is_not_for_everybody_is_listed_for_who_runs_it_alone() {
    let (world, projections) = runs(Engine::Sqlite).await;
    let of = |scope| Wanted { scope, ..all() };
    let mut own = found(&projections, &of(Scope::Of(ORGANISER))).await;
    own.sort_unstable();
    assert_eq!(own, [1, 2, 3, 4, 5, 6]);
    assert_eq!(found(&projections, &of(Scope::Of(AccountId(id(5))))).await, [0_u128; 0]);
    assert_eq!(search(&projections, &of(Scope::All)).await.total, 6);
    // Who holds a run finds it, and does not organise it.
    let holder = AccountId(id(6));
    take_in(&world, &projections, 31, &[scheduled(&Plan { instructor_account: Some(holder), ..plan("Podman") })]).await;
    assert_eq!(found(&projections, &of(Scope::Of(holder))).await, [31]);
    assert_eq!(found(&projections, &of(Scope::OrganisedBy(holder))).await, [0_u128; 0]);
    assert_eq!(search(&projections, &of(Scope::OrganisedBy(ORGANISER))).await.total, 7);
    projections.close().await;
}

#[tokio::test]
async fn what_was_found_before_is_found_again_until_a_text_changes() {
    for engine in Engine::ALL {
        let (world, projections) = runs(engine).await;
        for _ in 0..2 {
            assert_eq!(found(&projections, &text("docker")).await, [1, 3, 6], "{engine:?}");
        }
        take_in(&world, &projections, 31, &published(&plan("Docker again"))).await;
        for _ in 0..2 {
            let again = found(&projections, &text("docker")).await;
            assert_eq!(again, [1, 31, 3, 6], "{engine:?}");
        }
        // Somebody registers: no text changes, and what is found says so all the same.
        take_in(&world, &projections, 31, &[requested(21, 1), confirmed(21, 9)]).await;
        let popular = Wanted { sort: Sort::Popularity, ..text("docker") };
        assert_eq!(found(&projections, &popular).await, [31, 6, 1, 3], "{engine:?}");
        projections.close().await;
    }
}
