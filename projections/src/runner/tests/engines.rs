//! What holds on one database holds on the other, row by row.

use domain::{
    Decider,
    identity::account::Account,
    kernel::AccountId,
    learning::session::{Session, SessionEvent},
};
use proptest::prelude::*;
use sea_orm::{ConnectionTrait, Statement};

use super::{
    super::PAGE,
    batching::{block_on, drop_after, reach, with_room},
    fixtures::{self, registered, sign_in_many},
};
use crate::{
    RebuildOptions, digest_of_rows,
    fixtures::{Engine, World, catch_up, histories::tries, id, seeds::seeded},
    identity::sign_ins,
    learning::attempts,
    rebuild_into, registry,
};
use chrono_tz::Tz;

proptest! {
    #![proptest_config(seeded(20))]

    #[test]
    fn the_same_history_gives_equal_rows_on_both_databases_however_it_is_cut(
        tries in tries(120),
        page in 1..40_u32,
        room in 0..200_000_usize,
    ) {
        block_on(async {
            let world = World::on(Engine::Postgres).await;
            world.live_through(&tries).await;
            world.append(Account::STREAM, id(1), &[registered(1)]).await;
            let shared = with_room(world.open("shared", page).await, room);
            catch_up(&shared, world.head().await).await;
            assert!(shared.status().iter().all(|status| status.parked.is_none()), "{:?}", shared.status());
            let file = rebuild_into(&world.file("file.db"), world.journal.clone(), RebuildOptions::default()).await.expect("a rebuild");
            let rows = digest_of_rows(file.db()).await.expect("digests");
            assert_eq!(digest_of_rows(shared.db()).await.expect("digests"), rows);
            shared.close().await;
        });
    }

    #[test]
    fn a_runner_dropped_anywhere_goes_on_as_if_nothing_had_been_on_postgres(
        tries in tries(40),
        polls in proptest::collection::vec(1..200_usize, 10),
    ) {
        block_on(async {
            let world = World::on(Engine::Postgres).await;
            world.live_through(&tries).await;
            let head = world.head().await;
            let projections = world.open("shared", 3).await;
            for polls in polls {
                drop_after(polls, projections.clone().run(reach(&projections, head))).await;
            }
            catch_up(&projections, head).await;
            let file = rebuild_into(&world.file("file.db"), world.journal.clone(), RebuildOptions::default()).await.expect("a rebuild");
            let rows = digest_of_rows(file.db()).await.expect("digests");
            assert_eq!(digest_of_rows(projections.db()).await.expect("digests"), rows);
            projections.close().await;
        });
    }
}

#[tokio::test]
async fn rows_that_postgres_refuses_are_traced_to_the_event_and_the_others_go_on() {
    let world = World::on(Engine::Postgres).await;
    let last_good = sign_in_many(&world, 1..=7).await;
    let head = sign_in_many(&world, 101..=110).await;
    let mut models = registry::read_models(Tz::UTC);
    models.insert(0, Box::new(fixtures::Entity));
    let projections = world.open_with(models, "shared", PAGE).await;
    catch_up(&projections, head).await;
    let parked: Vec<_> = projections.status().into_iter().filter(|status| status.parked.is_some()).collect();
    assert_eq!((parked.len(), parked[0].name, parked[0].position), (1, "badges", last_good));
    assert!(parked[0].parked.as_ref().is_some_and(|why| why.contains("event 8 of sign_in/")), "{parked:?}");
    assert_eq!(sign_ins::open_of(projections.db(), AccountId(id(1))).await.expect("a query").len(), 17);
}

#[tokio::test]
async fn text_that_postgres_cannot_keep_parks_its_read_model_only() {
    let world = World::on(Engine::Postgres).await;
    world.append(Account::STREAM, id(1), &[registered(1)]).await;
    let answered = SessionEvent::StepAnswered { step: "nothing\0ends here".into(), attempt: 1, choices: vec![0], correct: true };
    world.append(Session::STREAM, id(2), &[answered]).await;
    let head = sign_in_many(&world, 1..=3).await;
    let projections = world.open_with(vec![Box::new(attempts::Entity), Box::new(sign_ins::Entity)], "shared", PAGE).await;
    catch_up(&projections, head).await;
    let status = projections.status();
    assert!(status[0].parked.as_ref().is_some_and(|why| why.contains("event 2 of session/")), "{status:?}");
    assert_eq!((status[1].parked.as_ref(), status[1].position), (None, head));
    assert_eq!(sign_ins::open_of(projections.db(), AccountId(id(1))).await.expect("a query").len(), 3);
}

#[tokio::test]
async fn indexes_are_there_as_soon_as_a_read_model_is_complete_and_not_before() {
    for engine in Engine::ALL {
        let world = World::on(engine).await;
        sign_in_many(&world, 1..=10).await;
        let projections = world.open("shared", 2).await;
        let of_sign_ins = "SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = 'sign_ins_by_account_opened_at'";
        let sql = match engine {
            Engine::Sqlite => of_sign_ins,
            Engine::Postgres => "SELECT 1 FROM pg_indexes WHERE schemaname = 'shared' AND indexname = 'sign_ins_by_account_opened_at'",
        };
        let backend = projections.db().get_database_backend();
        let indexed = || async { projections.db().query_one_raw(Statement::from_string(backend, sql)).await.expect("a query").is_some() };
        drop_after(60, projections.clone().run(reach(&projections, world.head().await))).await;
        let complete = || projections.status().iter().all(|status| status.behind == 0);
        assert_eq!(indexed().await, complete(), "{engine:?}");
        catch_up(&projections, world.head().await).await;
        assert!(indexed().await && complete(), "{engine:?}");
        projections.close().await;
    }
}
