use std::sync::Arc;

use domain::{
    Decider,
    booking::{
        Audience, Format, Plan, Ticket, Venue, Visibility,
        run::{Run, RunEvent},
    },
    kernel::{AccountId, Currency, RegistrationId, RunId},
    workshops::content::Difficulty,
};
use sea_orm::DatabaseConnection;

use super::{Catalogue, Count, Facets, Filter, Found, Near, Place, Prices, Scope, Sort, Wanted};
use crate::{
    Projections,
    booking::runs::RunFormat,
    fixtures::{
        Engine, World, catch_up, id, instant,
        runs::{ORGANISER, confirmed, eur, plan, published, requested, scheduled, ticket},
    },
};

mod filters;
mod pages;
mod searches;

/// All that is listed, by date.
fn all() -> Wanted {
    Wanted { scope: Scope::Listed, filter: Filter::default(), text: None, sort: Sort::Date }
}

fn text(text: &str) -> Wanted {
    Wanted { text: Some(text.into()), sort: Sort::Relevance, ..all() }
}

fn filter(filter: Filter) -> Wanted {
    Wanted { filter, ..all() }
}

async fn search(projections: &Projections, wanted: &Wanted) -> Found {
    projections.catalogue().search(projections.db(), wanted, None, 100).await.expect("a search")
}

fn numbers(found: &Found) -> Vec<u128> {
    found.runs.iter().map(|(run, _)| run.0.as_u128()).collect()
}

/// What is found, in order.
async fn found(projections: &Projections, wanted: &Wanted) -> Vec<u128> {
    numbers(&search(projections, wanted).await)
}

/// 1: Docker in Zürich. 2: Rust in Genève, expensive and in French. 3: Docker and Rust online, free. 4: a draft. 5: unlisted.
/// 6: Kubernetes in Bern, full, which says of Docker in its description alone.
async fn runs(engine: Engine) -> (World, Arc<Projections>) {
    let world = World::on(engine).await;
    let on_site = |city: &str, latitude, longitude| {
        let venue = Venue { name: "Here".into(), city: city.into(), coordinates: Some((latitude, longitude)) };
        Format::OnSite { venue }
    };
    let rust = Plan {
        category: "Programming".into(),
        tags: ["rust".to_owned(), "async".to_owned()].into(),
        language: "fr".into(),
        instructor: "Grâce Hopper".into(),
        level: Some(Difficulty::Expert),
        format: on_site("Genève", 46_204_400, 6_143_200),
        starts_at: instant("2026-05-01T08:00:00Z"),
        ends_at: instant("2026-05-01T16:00:00Z"),
        tickets: vec![ticket("standard", 50_000, Audience::Everyone)],
        ..plan("Données en Rust")
    };
    let online = Plan {
        tags: ["docker".to_owned(), "rust".to_owned()].into(),
        language: "de".into(),
        level: None,
        format: Format::Online { link: "https://meet.example/1".into() },
        starts_at: instant("2026-07-01T08:00:00Z"),
        ends_at: instant("2026-07-01T16:00:00Z"),
        tickets: vec![ticket("free", 0, Audience::Everyone)],
        ..plan("Images of containers")
    };
    let full = Plan {
        description: "From docker to clusters.".into(),
        tags: ["cluster".to_owned()].into(),
        format: on_site("Bern", 46_948_000, 7_447_400),
        capacity: 1,
        starts_at: instant("2026-08-01T08:00:00Z"),
        ends_at: instant("2026-08-01T16:00:00Z"),
        ..plan("Kubernetes")
    };
    let lives = [
        published(&plan("Docker")),
        published(&rust),
        published(&online),
        vec![scheduled(&plan("Drafts of Docker"))],
        published(&Plan { visibility: Visibility::Unlisted, ..plan("Unlisted Docker") }),
        [published(&full), vec![requested(1, 1), confirmed(1, 0)]].concat(),
    ];
    for (number, events) in (1..).zip(&lives) {
        world.append(Run::STREAM, id(number), events).await;
    }
    let projections = world.open("rows.db", 100).await;
    catch_up(&projections, world.head().await).await;
    (world, projections)
}

async fn take_in(world: &World, projections: &Arc<Projections>, run: u128, events: &[RunEvent]) {
    world.append(Run::STREAM, id(run), events).await;
    catch_up(projections, world.head().await).await;
}

fn count<T>(value: T, runs: u64) -> Count<T> {
    Count { value, runs }
}

fn named(counts: &[(&str, u64)]) -> Vec<Count<String>> {
    counts.iter().map(|(name, runs)| count((*name).to_owned(), *runs)).collect()
}
