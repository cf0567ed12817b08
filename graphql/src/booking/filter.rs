//! Which runs are looked for.

use async_graphql::{Context, Enum, InputObject};
use commands::authorization::reads;
use domain::{identity::Permission, kernel::Timestamp};
use projections::booking::catalogue::{Filter, Near, Prices, Scope, Sort, Unfit, Wanted};

use super::words::{RunFormat, RunState};
use crate::{
    context::Access,
    failure::{Failure, Result},
    workshops::Difficulty,
};

/// Which runs are looked for; what is left out does not restrict. Names are the same whatever their case and accents.
#[derive(InputObject, Default)]
pub(crate) struct RunFilter {
    /// One of these.
    #[graphql(default)]
    categories: Vec<String>,
    /// All of these.
    #[graphql(default)]
    tags: Vec<String>,
    /// One of these.
    #[graphql(default)]
    cities: Vec<String>,
    near: Option<RunNear>,
    /// It starts then or later; left out, where runs are not one's own: from now on.
    from: Option<Timestamp>,
    /// It starts before.
    until: Option<Timestamp>,
    price: Option<RunPriceRange>,
    /// One of these BCP 47 tags: `fr` is also `fr-CH`.
    #[graphql(default)]
    languages: Vec<String>,
    #[graphql(default)]
    formats: Vec<RunFormat>,
    #[graphql(default)]
    levels: Vec<Difficulty>,
    /// Only those in which a ticket for everybody has places left.
    #[graphql(default)]
    with_places: bool,
    /// Those that the caller organises or holds, drafts as well.
    #[graphql(default)]
    own: bool,
    /// Everybody's, for administrators.
    #[graphql(default)]
    everybody: bool,
    /// How far they are, among one's own or everybody's.
    #[graphql(default)]
    states: Vec<RunState>,
}

/// Within a distance of somewhere (WGS 84).
#[derive(InputObject)]
pub(crate) struct RunNear {
    /// In degrees, -90 to 90.
    latitude: f64,
    /// In degrees, -180 to 180.
    longitude: f64,
    /// More than 0.
    kilometres: f64,
}

/// Prices in one currency, both included.
#[derive(InputObject)]
pub(crate) struct RunPriceRange {
    /// By its code (ISO 4217), such as `EUR`.
    currency: String,
    /// In whole minor units.
    least: Option<i64>,
    /// In whole minor units.
    most: Option<i64>,
}

/// In which order runs are listed. What is alike comes by its start.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Sort")]
pub(crate) enum RunSort {
    /// The one that starts first.
    Date,
    /// The lowest first.
    Price,
    /// The highest first.
    HighestPrice,
    /// The one that most registered for.
    Popularity,
    /// By where the words stand that are searched for: in the title, beside it, or in the description.
    Relevance,
}

impl RunFilter {
    /// What is wanted, as far as the caller may ask for it.
    ///
    /// # Errors
    /// A field that is not as expected, or something that the caller may not ask for.
    pub(super) fn read(self, ctx: &Context<'_>, search: Option<String>, sort: Option<RunSort>) -> Result<Wanted> {
        let scope = self.scope(ctx)?;
        let text = Wanted::text(search).map_err(|Unfit { field, expected }| Failure::expected(field, expected))?;
        let sort = sort.map_or(if text.is_some() { Sort::Relevance } else { Sort::Date }, Into::into);
        let from = self.from.or_else(|| (scope == Scope::Listed).then(|| ctx.read_models().at()));
        Filter::check_time(self.from, self.until).map_err(|unfit| refused("filter", unfit))?;
        let texts = |field, names| Filter::names(field, names).map_err(|unfit| refused("filter", unfit));
        let filter = Filter {
            categories: texts("categories", self.categories)?,
            tags: texts("tags", self.tags)?,
            cities: texts("cities", self.cities)?,
            near: self.near.map(RunNear::read).transpose()?,
            from,
            until: self.until,
            prices: self.price.map(RunPriceRange::read).transpose()?,
            languages: texts("languages", self.languages)?,
            formats: self.formats.into_iter().map(Into::into).collect(),
            levels: self.levels.into_iter().map(Into::into).collect(),
            lives: self.states.into_iter().map(Into::into).collect(),
            with_places: self.with_places,
        };
        Ok(Wanted { scope, filter, text, sort })
    }

    fn scope(&self, ctx: &Context<'_>) -> Result<Scope> {
        ctx.caller().allowed(&reads::RUNS)?;
        match (self.own, self.everybody) {
            (true, true) => Err(Failure::expected("filter.everybody", "own or everybody, not both")),
            (true, false) => Ok(Scope::Of(ctx.caller().account()?)),
            (false, true) => {
                ctx.caller().actor.holds(Permission::ManageRuns)?;
                Ok(Scope::All)
            }
            (false, false) if self.states.is_empty() => Ok(Scope::Listed),
            (false, false) => Err(Failure::expected("filter.states", "none, unless with own or everybody")),
        }
    }
}

impl RunNear {
    fn read(self) -> Result<Near> {
        let Self { latitude, longitude, kilometres } = self;
        Near::try_new(latitude, longitude, kilometres).map_err(|unfit| refused("filter.near", unfit))
    }
}

impl RunPriceRange {
    fn read(self) -> Result<Prices> {
        let Self { currency, least, most } = self;
        Prices::try_new(&currency, least, most).map_err(|unfit| refused("filter.price", unfit))
    }
}

fn refused(part: &str, Unfit { field, expected }: Unfit) -> Failure {
    Failure::expected(&format!("{part}.{field}"), expected)
}
