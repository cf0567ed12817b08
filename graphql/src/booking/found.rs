//! What comes with a page of runs.

use async_graphql::{Context, Object, SimpleObject};
use domain::kernel::RunId;
use projections::{
    Page,
    booking::catalogue::{self, Count, Found, Place, Sort, Wanted},
};

use super::{
    Run,
    words::{RunFormat, RunState},
};
use crate::{
    context::Access,
    failure::{Failure, Result},
    input::number,
    paging::{self, Cursor, List},
    workshops::Difficulty,
};

/// How many runs there are on all pages, and of which kinds.
pub(crate) struct RunsFound {
    total: u64,
    facets: catalogue::Facets,
}

/// How many runs have a value.
#[derive(SimpleObject)]
pub(crate) struct RunFacet {
    value: String,
    count: i32,
}

/// How many runs are of a format.
#[derive(SimpleObject)]
pub(crate) struct RunFormatFacet {
    value: RunFormat,
    count: i32,
}

/// How many runs are of a level.
#[derive(SimpleObject)]
pub(crate) struct RunLevelFacet {
    value: Difficulty,
    count: i32,
}

/// How many runs are in a state.
#[derive(SimpleObject)]
pub(crate) struct RunCount {
    pub(super) state: RunState,
    pub(super) runs: i32,
}

/// How many runs there are of each kind, the most first, at most 50 values of each. Each is counted as if its own part of the filter were
/// left out, so that it says how many there would be with another choice; tags, which all have to be there, among what is found.
#[derive(SimpleObject)]
pub(crate) struct RunFacets {
    categories: Vec<RunFacet>,
    tags: Vec<RunFacet>,
    cities: Vec<RunFacet>,
    languages: Vec<RunFacet>,
    formats: Vec<RunFormatFacet>,
    levels: Vec<RunLevelFacet>,
    /// Those in which a ticket for everybody has places left.
    with_places: i32,
}

/// What is found on all pages.
#[Object]
impl RunsFound {
    /// How many there are on all pages.
    async fn total_count(&self) -> i32 {
        number(self.total)
    }

    /// How many there are of each kind.
    // They are counted once, however long the page is.
    #[graphql(complexity = "0")]
    async fn facets(&self) -> RunFacets {
        let catalogue::Facets { categories, tags, cities, languages, formats, levels, with_places } = &self.facets;
        RunFacets {
            categories: texts(categories),
            tags: texts(tags),
            cities: texts(cities),
            languages: texts(languages),
            formats: formats.iter().map(|facet| RunFormatFacet { value: facet.value.into(), count: number(facet.runs) }).collect(),
            levels: levels.iter().map(|facet| RunLevelFacet { value: facet.value.into(), count: number(facet.runs) }).collect(),
            with_places: number(*with_places),
        }
    }
}

fn texts(facets: &[Count<String>]) -> Vec<RunFacet> {
    facets.iter().map(|facet| RunFacet { value: facet.value.clone(), count: number(facet.runs) }).collect()
}

/// The key of a list of runs: its order, by what it is ordered, when a run starts, and its number.
pub(super) type Key = (u8, i64, i64, i64);

/// Runs that are wanted.
pub(super) async fn page(ctx: &Context<'_>, wanted: &Wanted, first: Option<i32>, after: Option<&str>) -> Result<List<Key, Run, RunsFound>> {
    let order = order(wanted.sort);
    let after = match Cursor::<Key>::read("after", after)? {
        Some((of, key, starts_at, number)) if of == order => Some(Place { key, starts_at, number }),
        Some(_) => return Err(Failure::expected("after", "a cursor of a list in the same order")),
        None => None,
    };
    let first = paging::bounded("first", first)?;
    let Found { runs, more, total, facets } = ctx.read_models().catalogue().search(ctx.db(), wanted, after, first).await?;
    let ids: Vec<RunId> = runs.iter().map(|(run, _)| *run).collect();
    let mut rows = ctx.loaders().runs.load_many(ids).await?;
    let found = runs.into_iter().filter_map(|(run, place)| rows.remove(&run).map(|row| Listed { run: row.into(), place }));
    let page = Page { rows: found.collect(), more };
    Ok(paging::list(page, after.is_some(), RunsFound { total, facets }, |listed: &Listed| {
        Cursor((order, listed.place.key, listed.place.starts_at, listed.place.number))
    }))
}

/// A run in its place.
struct Listed {
    run: Run,
    place: Place,
}

impl From<Listed> for Run {
    fn from(listed: Listed) -> Self {
        listed.run
    }
}

/// Cursors of one order mean nothing in another.
const fn order(sort: Sort) -> u8 {
    match sort {
        Sort::Date => 0,
        Sort::Price => 1,
        Sort::HighestPrice => 2,
        Sort::Popularity => 3,
        Sort::Relevance => 4,
    }
}
