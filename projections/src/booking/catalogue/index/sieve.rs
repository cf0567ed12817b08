//! What a filter lets through.

use domain::{booking::run::Life, workshops::content::Difficulty};

use super::{
    super::wanted::{Near, Scope, Wanted},
    Kinds,
    entry::{Entry, is_listed},
};
use crate::booking::runs::RunFormat;

/// The parts of a filter that facets are counted without.
pub(super) const CATEGORY: u8 = 1;
pub(super) const CITY: u8 = 1 << 1;
pub(super) const LANGUAGE: u8 = 1 << 2;
pub(super) const FORMAT: u8 = 1 << 3;
pub(super) const LEVEL: u8 = 1 << 4;
pub(super) const PLACES: u8 = 1 << 5;

/// Kilometres from the middle of the earth to its surface.
const RADIUS: f64 = 6371.0;

/// A filter, with names as numbers. A list that is empty lets everything through.
pub(super) struct Sieve<'w> {
    scope: Scope,
    categories: Vec<u32>,
    tags: Vec<u32>,
    cities: Vec<u32>,
    /// None: all.
    languages: Option<Vec<u32>>,
    formats: &'w [RunFormat],
    levels: &'w [Difficulty],
    lives: &'w [Life],
    near: Option<Near>,
    from: i64,
    until: i64,
    /// The currency, the least and the most.
    prices: Option<(u32, i64, i64)>,
    with_places: bool,
}

impl<'w> Sieve<'w> {
    pub(super) fn new(wanted: &'w Wanted, names: &Kinds) -> Self {
        let filter = &wanted.filter;
        let prices = filter.prices.map(|prices| {
            let currency = names.currencies.all(&[prices.currency.code().to_owned()])[0];
            (currency, prices.least.unwrap_or(i64::MIN), prices.most.unwrap_or(i64::MAX))
        });
        Self {
            scope: wanted.scope,
            categories: names.categories.all(&filter.categories),
            tags: names.tags.all(&filter.tags),
            cities: names.cities.all(&filter.cities),
            languages: (!filter.languages.is_empty()).then(|| names.languages.languages(&filter.languages)),
            formats: &filter.formats,
            levels: &filter.levels,
            lives: &filter.lives,
            near: filter.near,
            from: filter.from.map_or(i64::MIN, |from| from.timestamp_micros()),
            until: filter.until.map_or(i64::MAX, |until| until.timestamp_micros()),
            prices,
            with_places: filter.with_places,
        }
    }

    /// The parts of the filter that facets are counted without and that do not let a run through; none, if another part does not.
    pub(super) fn missed(&self, entry: &Entry) -> Option<u8> {
        if !self.lets(entry) {
            return None;
        }
        let mut missed = 0;
        let mut expect = |is_met: bool, part: u8| {
            if !is_met {
                missed |= part;
            }
        };
        expect(is_among(&self.categories, &entry.category), CATEGORY);
        expect(self.cities.is_empty() || entry.city.is_some_and(|city| self.cities.contains(&city)), CITY);
        expect(self.languages.as_ref().is_none_or(|languages| languages.contains(&entry.language)), LANGUAGE);
        expect(is_among(self.formats, &entry.format), FORMAT);
        expect(self.levels.is_empty() || entry.level.is_some_and(|level| self.levels.contains(&level)), LEVEL);
        expect(!self.with_places || entry.has_places, PLACES);
        Some(missed)
    }

    fn lets(&self, entry: &Entry) -> bool {
        let is_in_scope = match self.scope {
            Scope::Listed => is_listed(entry.life, entry.visibility),
            Scope::Of(account) => entry.organiser == account.0 || entry.instructor == Some(account.0),
            Scope::OrganisedBy(account) => entry.organiser == account.0,
            Scope::All => true,
        };
        let costs = |(currency, least, most): (u32, i64, i64)| entry.currency == currency && (least..=most).contains(&entry.price);
        is_in_scope
            && (self.from..self.until).contains(&entry.starts_at)
            && is_among(self.lives, &entry.life)
            && self.tags.iter().all(|tag| entry.tags.contains(tag))
            && self.prices.is_none_or(costs)
            && self.near.is_none_or(|near| entry.point.is_some_and(|point| distance(near, point) <= near.kilometres))
    }
}

fn is_among<T: PartialEq>(wanted: &[T], has: &T) -> bool {
    wanted.is_empty() || wanted.contains(has)
}

/// How far away somewhere is, along the surface of a sphere.
fn distance(from: Near, (latitude, longitude): (f64, f64)) -> f64 {
    let half_sine = |one: f64, other: f64| ((one - other).to_radians() / 2.0).sin().powi(2);
    let along = half_sine(from.longitude, longitude) * from.latitude.to_radians().cos() * latitude.to_radians().cos();
    2.0 * RADIUS * (half_sine(from.latitude, latitude) + along).sqrt().min(1.0).asin()
}
