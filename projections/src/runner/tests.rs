mod batching;
mod engines;
mod faults;
mod fixtures;
mod nodes;
mod outages;
mod parking;
mod rebuilds;
mod restores;
mod speed;

use chrono_tz::Tz;
use domain::{
    Decider,
    identity::account::Account,
    identity::sign_in::{SignIn, SignInEvent},
    kernel::AccountId,
};
use journal::Position;

use super::{PAGE, ProjectionOptions, Projections, ReadModelStatus};
use crate::{
    digest_of_rows,
    fixtures::{World, catch_up, id},
    identity::{accounts, sign_ins},
    store::Purpose,
};
use fixtures::{registered, sign_in_many};

fn options(world: &World, time_zone: Tz) -> ProjectionOptions {
    ProjectionOptions { time_zone, readers: 2, grace: std::time::Duration::ZERO, ..ProjectionOptions::new(world.place()) }
}

#[tokio::test]
async fn what_the_journal_holds_can_be_queried_once_it_is_reached() {
    let world = World::new().await;
    let position = world.append(Account::STREAM, id(1), &[registered(1)]).await;
    let projections = world.open("rows.db", PAGE).await;
    assert!(!projections.reached(position, std::time::Duration::ZERO).await, "nothing is folded before it runs");
    assert!(!projections.is_level());

    catch_up(&projections, position).await;

    assert_eq!((projections.level(), projections.is_level()), (position, true));
    let account = accounts::find(projections.db(), AccountId(id(1))).await.expect("a query").expect("an account");
    assert!(account.email.as_sealed().is_some(), "the address is in the row as the journal sealed it");
    assert!(accounts::find(projections.db(), AccountId(id(2))).await.expect("a query").is_none());
}

#[tokio::test]
async fn the_runner_is_woken_by_what_is_appended_and_stops_when_told() {
    let world = World::new().await;
    let projections = world.open("rows.db", PAGE).await;
    assert!(!projections.alive());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(projections.clone().run(async { drop(stopped.await) }));
    for number in 1..=3 {
        let position = world.append(Account::STREAM, id(number), &[registered(number)]).await;
        assert!(projections.reached(position, crate::fixtures::DEADLINE).await);
        assert!(projections.alive());
    }
    drop(stop);
    running.await.expect("a runner that stops in order");
    assert!(!projections.alive());
    assert_eq!(accounts::total(projections.db()).await.expect("a query"), 3);
}

#[tokio::test]
async fn after_a_restart_it_goes_on_where_it_was() {
    let world = World::new().await;
    let early = sign_in_many(&world, 1..=5).await;
    let projections = world.open("rows.db", 2).await;
    catch_up(&projections, early).await;
    let positions = |status: Vec<ReadModelStatus>| status.into_iter().map(|status| (status.name, status.position)).collect::<Vec<_>>();
    let before = positions(projections.status());
    projections.close().await;

    let late = sign_in_many(&world, 6..=9).await;
    let projections = world.open("rows.db", 2).await;
    assert_eq!(positions(projections.status()), before, "it knows where it was before it runs");
    catch_up(&projections, late).await;

    let rows = digest_of_rows(projections.db()).await.expect("digests");
    assert_eq!(rows, world.one_by_one("anew.db").await);
    assert_eq!(sign_ins::open_of(projections.db(), AccountId(id(1))).await.expect("a query").len(), 9);
}

#[tokio::test]
async fn rows_folded_from_another_journal_are_built_anew() {
    let (here, elsewhere) = (World::new().await, World::new().await);
    let there = sign_in_many(&elsewhere, 1..=7).await;
    let foreign = elsewhere.open("rows.db", PAGE).await;
    catch_up(&foreign, there).await;
    foreign.close().await;
    std::fs::copy(elsewhere.file("rows.db"), here.file("rows.db")).expect("a copy");

    // As long as the other one, with other events: only the hash tells.
    let head = sign_in_many(&here, 11..=17).await;
    assert_eq!(head, there);
    let projections = here.open("rows.db", PAGE).await;
    assert!(projections.status().iter().all(|status| status.position == Position(0)));
    catch_up(&projections, head).await;

    let rows = digest_of_rows(projections.db()).await.expect("digests");
    assert_eq!(rows, here.one_by_one("anew.db").await);
}

#[tokio::test]
async fn a_journal_that_is_shorter_than_the_checkpoint_is_another_one() {
    let (short, long) = (World::new().await, World::new().await);
    let projections = long.open("rows.db", PAGE).await;
    catch_up(&projections, sign_in_many(&long, 1..=7).await).await;
    projections.close().await;
    std::fs::copy(long.file("rows.db"), short.file("rows.db")).expect("a copy");

    let head = sign_in_many(&short, 1..=2).await;
    let projections = short.open("rows.db", PAGE).await;
    catch_up(&projections, head).await;

    let open = sign_ins::open_of(projections.db(), AccountId(id(1))).await.expect("a query");
    assert_eq!(open.len(), 2);
}

#[tokio::test]
async fn another_configuration_is_another_generation_and_replaces_the_old_one_once_it_is_level() {
    let world = World::new().await;
    let head = sign_in_many(&world, 1..=2).await;
    let files = || std::fs::read_dir(world.path().join("read-models")).expect("a directory").count();
    let old = Projections::init(world.journal.clone(), &options(&world, Tz::UTC)).await.expect("read models");
    old.close().await;
    let new = Projections::init(world.journal.clone(), &options(&world, Tz::Asia__Tokyo)).await.expect("read models");
    assert_eq!(new.status().len(), 27);
    let before = files();
    let new = std::sync::Arc::new(new);
    catch_up(&new, head).await;
    assert_eq!(files(), before - 1, "the other file is gone, this one and its log are there");
    assert_eq!(new.time_zone(), Tz::Asia__Tokyo);
    let again = Projections::init(world.journal.clone(), &options(&world, Tz::Asia__Tokyo)).await.expect("read models");
    assert!(again.status().iter().all(|status| status.position == head));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named() {
    let world = World::new().await;
    std::fs::write(world.file("rows.db"), "certainly not a database, however long one reads it").expect("a file");
    let source = (std::sync::Arc::clone(&world.journal) as std::sync::Arc<dyn journal::History>, world.journal.watch_head());
    let generation = world.generation("rows.db");
    let opened = Projections::open(source, vec![], generation, Tz::UTC, (1, PAGE), Purpose::Serving).await;
    let error = opened.err().expect("a file that cannot be opened").to_string();
    assert!(error.contains("rows.db") && error.contains("rebuilt"), "{error}");
}

#[tokio::test]
async fn status_names_every_read_model_once() {
    let projections = World::new().await.open("rows.db", PAGE).await;
    let names: Vec<_> = projections.status().iter().map(|ReadModelStatus { name, .. }| *name).collect();
    assert_eq!(
        names,
        [
            "accounts",
            "sign_ins",
            "roles",
            "access_tokens",
            "service_accounts",
            "contacts",
            "mails",
            "workshops",
            "versions",
            "sessions",
            "attempts",
            "environments",
            "clusters",
            "alerts",
            "pools",
            "leaderboard",
            "audit_entries",
            "audit_subjects",
            "activity",
            "unusual_sign_ins",
            "runs",
            "run_texts",
            "run_fill",
            "registrations",
            "registrants",
            "communities",
            "community_members"
        ]
    );
}

#[tokio::test]
async fn a_stream_of_an_unknown_kind_is_passed_over() {
    let world = World::new().await;
    world.append_raw("voucher", id(1), vec![("VoucherIssued".into(), serde_json::json!({ "Issued": {} }))]).await;
    let head = world.append(SignIn::STREAM, id(2), &[SignInEvent::opened(AccountId(id(1)))]).await;
    let projections = world.open("rows.db", PAGE).await;
    catch_up(&projections, head).await;
    assert!(projections.status().iter().all(|status| status.parked.is_none() && status.position == head));
}
