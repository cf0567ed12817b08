//! Searching runs, as the API does it: with facets, and with the rows of the page.

pub(super) mod programme;

use std::sync::Arc;

use chrono::TimeDelta;
use domain::kernel::{Currency, RunId};
use load::{Fault, Order, drive, serve};
use projections::{
    Projections,
    booking::{
        catalogue::{Filter, Near, Place, Prices, Scope, Sort, Wanted},
        runs::{self, RunFormat},
    },
};

use self::programme::Offer;
use super::boards;
use crate::store::Store;

/// Runs in a page.
const PAGE: u64 = 50;

/// What is asked for, as in an order and in the table.
pub(crate) const SEARCHES: [&str; 6] =
    ["everything", "two words of a title", "a word with a typing error", "by five filters", "near a city, in a month", "a page far behind"];

/// Takes orders for searches among so many runs.
pub(super) async fn run(store: &Store, runs: u64) -> Result<(), Fault> {
    let vault = store.vault().await?;
    let journal = store.journal(&vault).await?;
    let projections = boards::open(store, &journal).await?;
    let far = far(&projections, runs).await?;
    forgives(&projections, runs).await?;
    let (projections, far) = (&projections, &far);
    serve(|order: Order| {
        let (projections, far) = (Arc::clone(projections), Arc::clone(far));
        async move {
            let work: Arc<str> = order.work.clone().into();
            drive(&order, move |_, _| {
                let (projections, far, work) = (Arc::clone(&projections), Arc::clone(&far), Arc::clone(&work));
                async move {
                    let chance: u64 = rand::random();
                    let (wanted, after) = wanted(&work, &Offer::of(chance % runs), &far, chance.rotate_left(32))?;
                    search(&projections, &wanted, after).await
                }
            })
            .await
        }
    })
    .await?;
    projections.close().await;
    journal.close().await;
    Ok(())
}

async fn search(projections: &Projections, wanted: &Wanted, after: Option<Place>) -> Result<(), Fault> {
    let found = projections.catalogue().search(projections.db(), wanted, after, PAGE).await?;
    let ids: Vec<RunId> = found.runs.iter().map(|(run, _)| *run).collect();
    let rows = runs::find_many(projections.db(), &ids).await?;
    // It was asked for by what a run has that is there; but whoever mistypes may be misunderstood.
    let is_found = !ids.is_empty() || wanted.text.is_some();
    if !is_found || rows.len() != ids.len() || found.facets.categories.is_empty() != ids.is_empty() {
        return Err(format!("{} runs and {} rows were found by {wanted:?}", ids.len(), rows.len()).into());
    }
    Ok(())
}

/// Most of what is mistyped is found.
async fn forgives(projections: &Projections, runs: u64) -> Result<(), Fault> {
    let mut found = 0;
    for number in 0..100 {
        let text = Some(mistyped(&Offer::of(number * 7 % runs).title[2]));
        let wanted = Wanted { text, ..all(Sort::Relevance) };
        found += usize::from(projections.catalogue().search(projections.db(), &wanted, None, PAGE).await?.total > 0);
    }
    if found < 90 { Err(format!("of 100 words with a typing error {found} were found").into()) } else { Ok(()) }
}

/// Places half-way and near the end of all runs.
async fn far(projections: &Projections, runs: u64) -> Result<Arc<[Place]>, Fault> {
    let everything = all(Sort::Date);
    let found = projections.catalogue().search(projections.db(), &everything, None, runs - 2 * PAGE).await?;
    if found.total != runs {
        return Err(format!("expected {runs} runs, and there are {}: fill them in first", found.total).into());
    }
    let places: Vec<Place> = found.runs.iter().map(|(_, place)| *place).collect();
    let last = places.last().ok_or("expected runs")?;
    Ok([places[places.len() / 2], *last].into())
}

fn all(sort: Sort) -> Wanted {
    Wanted { scope: Scope::Listed, filter: Filter::default(), text: None, sort }
}

/// What is asked for this time, and from where on: something that the offer has.
fn wanted(work: &str, offer: &Offer, far: &[Place], chance: u64) -> Result<(Wanted, Option<Place>), Fault> {
    let sorts = [Sort::Date, Sort::Price, Sort::HighestPrice, Sort::Popularity];
    let everything = all(sorts[usize::try_from(chance % 4)?]);
    let by_words = |text| Wanted { text: Some(text), ..all(Sort::Relevance) };
    let wanted = match work {
        "everything" => everything,
        "two words of a title" => by_words(format!("{} {}", offer.title[0], offer.title[1])),
        "a word with a typing error" => by_words(mistyped(&offer.title[2])),
        "by five filters" => {
            let prices = Prices { currency: Currency::try_new(offer.currency)?, least: Some(offer.price / 2), most: Some(offer.price * 2) };
            let filter = Filter {
                categories: vec![offer.category.clone()],
                tags: vec![offer.tags[0].clone()],
                prices: Some(prices),
                languages: vec![offer.language.to_owned()],
                formats: vec![RunFormat::from(&offer.format)],
                ..everything.filter
            };
            Wanted { filter, ..everything }
        }
        "near a city, in a month" => {
            let (latitude, longitude) = offer.city.coordinates();
            // What is online is nowhere, and a month alone finds it.
            let near = offer.format.venue().map(|_| Near { latitude, longitude, kilometres: 200.0 });
            let (from, until) = (offer.starts_at - TimeDelta::days(15), offer.starts_at + TimeDelta::days(15));
            let filter = Filter { near, from: Some(from), until: Some(until), ..everything.filter };
            Wanted { filter, ..everything }
        }
        "a page far behind" => return Ok((all(Sort::Date), far.get(usize::try_from(chance % 2)?).copied())),
        other => return Err(format!("there is no such search: {other}").into()),
    };
    Ok((wanted, None))
}

/// Two letters the wrong way round.
fn mistyped(word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let middle = letters.len() / 2;
    if let Some(two) = letters.get_mut(middle - 1..=middle) {
        two.reverse();
    }
    letters.into_iter().collect()
}
