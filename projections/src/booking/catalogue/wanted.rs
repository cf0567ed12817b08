//! What is looked for, and what is found.

use domain::{
    booking::run::Life,
    kernel::{AccountId, Currency, RunId, Timestamp},
    workshops::content::Difficulty,
};

use super::super::runs::RunFormat;

/// What somebody looks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    pub scope: Scope,
    pub filter: Filter,
    /// Words that all have to be there.
    pub text: Option<String>,
    pub sort: Sort,
}

/// Among which runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those that are published for everybody.
    Listed,
    /// Those that somebody organises or holds, drafts too.
    Of(AccountId),
    /// Those that somebody organises, drafts too: who holds one and does not may see less of it.
    OrganisedBy(AccountId),
    All,
}

/// What runs are to be like; absent parts do not restrict. Names are the same whatever their case and accents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// One of these.
    pub categories: Vec<String>,
    /// All of these.
    pub tags: Vec<String>,
    /// One of these.
    pub cities: Vec<String>,
    pub near: Option<Near>,
    /// It starts then or later.
    pub from: Option<Timestamp>,
    /// It starts before.
    pub until: Option<Timestamp>,
    pub prices: Option<Prices>,
    /// One of these; `fr` is also `fr-CH`.
    pub languages: Vec<String>,
    pub formats: Vec<RunFormat>,
    pub levels: Vec<Difficulty>,
    pub lives: Vec<Life>,
    /// Only those in which a ticket for everybody has places left.
    pub with_places: bool,
}

/// Within a distance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    /// In degrees.
    pub latitude: f64,
    /// In degrees.
    pub longitude: f64,
    pub kilometres: f64,
}

/// Prices in one currency, in minor units, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prices {
    pub currency: Currency,
    pub least: Option<i64>,
    pub most: Option<i64>,
}

/// A part of a filter that is not as it must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// Which field of it.
    pub field: &'static str,
    pub expected: &'static str,
}

impl Wanted {
    /// Characters that are searched for.
    const SEARCHED: usize = 200;

    /// What is searched for; nothing, if there is no word in it.
    ///
    /// # Errors
    /// It is too long.
    pub fn text(text: Option<String>) -> Result<Option<String>, Unfit> {
        let text = text.filter(|text| !text.trim().is_empty());
        let is_short = text.as_ref().is_none_or(|text| text.chars().count() <= Self::SEARCHED);
        if is_short { Ok(text) } else { Err(Unfit { field: "search", expected: "200 characters at most" }) }
    }
}

impl Filter {
    /// Names in one list.
    const MOST: usize = 20;
    /// Characters of one of them.
    const LONG: usize = 100;

    /// Names of a list, as they are.
    ///
    /// # Errors
    /// There are too many, or one is empty or too long.
    pub fn names(field: &'static str, names: Vec<String>) -> Result<Vec<String>, Unfit> {
        let fit = names.len() <= Self::MOST && names.iter().all(|name| (1..=Self::LONG).contains(&name.trim().chars().count()));
        if fit { Ok(names) } else { Err(Unfit { field, expected: "20 names at most, each of 1 to 100 characters" }) }
    }

    /// Looks whether something can start between two instants.
    ///
    /// # Errors
    /// There is no time in between.
    pub fn check_time(from: Option<Timestamp>, until: Option<Timestamp>) -> Result<(), Unfit> {
        let is_time = from.zip(until).is_none_or(|(from, until)| from < until);
        if is_time { Ok(()) } else { Err(Unfit { field: "until", expected: "an instant after from" }) }
    }
}

impl Near {
    /// Kilometres; what is farther away than this is nowhere.
    const FARTHEST: f64 = 20_040.0;

    /// # Errors
    /// A place that is none, or a distance of nothing or more than there is.
    pub fn try_new(latitude: f64, longitude: f64, kilometres: f64) -> Result<Self, Unfit> {
        let expect = |is_met: bool, field, expected| if is_met { Ok(()) } else { Err(Unfit { field, expected }) };
        expect((-90.0..=90.0).contains(&latitude), "latitude", "-90 to 90 degrees")?;
        expect((-180.0..=180.0).contains(&longitude), "longitude", "-180 to 180 degrees")?;
        let is_distance = kilometres > 0.0 && kilometres <= Self::FARTHEST;
        expect(is_distance, "kilometres", "more than 0, and half the way around the earth at most")?;
        Ok(Self { latitude, longitude, kilometres })
    }
}

impl Prices {
    /// Prices in the currency of a code.
    ///
    /// # Errors
    /// A code that is none, or amounts between which there is nothing.
    pub fn try_new(currency: &str, least: Option<i64>, most: Option<i64>) -> Result<Self, Unfit> {
        let unfit = |field, expected| Err(Unfit { field, expected });
        let Ok(currency) = Currency::try_new(currency) else {
            return unfit("currency", "the code of a currency in three capital letters, such as EUR (ISO 4217)");
        };
        if least.is_some_and(|least| least < 0) {
            return unfit("least", "an amount that is not negative");
        }
        if most.is_some_and(|most| most < least.unwrap_or(0)) {
            return unfit("most", "an amount that is not below the least");
        }
        Ok(Self { currency, least, most })
    }
}

/// In which order. What is alike comes by its start, and then as it was scheduled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    Date,
    /// The lowest first, in units of each currency.
    Price,
    HighestPrice,
    /// The one that most registered for first.
    Popularity,
    /// By where the words stand: in the title, beside it, or in the description.
    Relevance,
}

/// The place of a run in a list: by what it is sorted, when it starts, and its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub key: i64,
    pub starts_at: i64,
    pub number: i64,
}

/// How many runs there are of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count<T> {
    pub value: T,
    pub runs: u64,
}

/// How many runs there are of each kind, the most first. Each is counted among what the rest of the filter lets through, so that it says
/// how many there would be with another choice; tags, which all have to be there, among what all of it does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    pub categories: Vec<Count<String>>,
    pub tags: Vec<Count<String>>,
    pub cities: Vec<Count<String>>,
    pub languages: Vec<Count<String>>,
    pub formats: Vec<Count<RunFormat>>,
    pub levels: Vec<Count<Difficulty>>,
    /// Those in which a ticket for everybody has places left.
    pub with_places: u64,
}

/// Some runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// In the order that was asked for.
    pub runs: Vec<(RunId, Place)>,
    /// Whether there are runs after these.
    pub more: bool,
    /// How many there are on all pages.
    pub total: u64,
    pub facets: Facets,
}
