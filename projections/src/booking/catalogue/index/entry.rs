use domain::{
    booking::{Visibility, run::Life},
    kernel::Currency,
    workshops::content::Difficulty,
};
use sea_orm::prelude::Uuid;

use super::{
    super::{lines::Line, names::Writer},
    Kinds,
};
use crate::booking::runs::RunFormat;

/// What one run is filtered and sorted by.
pub(super) struct Entry {
    pub(super) number: i64,
    pub(super) changed: i64,
    pub(super) run: Uuid,
    pub(super) organiser: Uuid,
    pub(super) instructor: Option<Uuid>,
    pub(super) life: Life,
    pub(super) visibility: Visibility,
    pub(super) category: u32,
    pub(super) tags: Box<[u32]>,
    pub(super) city: Option<u32>,
    pub(super) language: u32,
    pub(super) format: RunFormat,
    pub(super) level: Option<Difficulty>,
    /// Latitude and longitude in degrees.
    pub(super) point: Option<(f64, f64)>,
    /// In microseconds since 1970.
    pub(super) starts_at: i64,
    pub(super) currency: u32,
    /// In minor units.
    pub(super) price: i64,
    /// The same in thousandths of a unit, whatever the currency's minor unit is.
    pub(super) thousandths: i64,
    /// Whether everybody may still have one.
    pub(super) has_places: bool,
    pub(super) requests: i64,
}

impl Entry {
    pub(super) fn of(line: Line, has_places: bool, names: &mut Kinds) -> Self {
        let scale = Currency::scale_of(&line.currency);
        let by = Writer { is_hidden: !is_listed(line.life.0, line.visibility.0), number: line.number };
        let mut tags: Vec<u32> = line.tags.iter().map(|tag| names.tags.number(tag, by)).collect();
        // Tags that are the same but for case and accents count once.
        tags.sort_unstable();
        tags.dedup();
        Self {
            number: line.number,
            changed: line.changed,
            run: line.run,
            organiser: line.organiser,
            instructor: line.instructor,
            life: line.life.0,
            visibility: line.visibility.0,
            category: names.categories.number(&line.category, by),
            tags: tags.into_boxed_slice(),
            city: line.city.map(|city| names.cities.number(&city, by)),
            language: names.languages.number(&line.language, by),
            format: line.format.0,
            level: line.level.map(|level| level.0),
            point: line.latitude.zip(line.longitude).map(|(latitude, longitude)| (degrees(latitude), degrees(longitude))),
            starts_at: line.starts_at.timestamp_micros(),
            currency: names.currencies.number(&line.currency, by),
            price: line.price,
            thousandths: line.price.saturating_mul(10_i64.pow(3_u32.saturating_sub(scale))),
            has_places,
            requests: line.requests,
        }
    }
}

/// Whether a run is for all to find.
pub(super) const fn is_listed(life: Life, visibility: Visibility) -> bool {
    matches!((life, visibility), (Life::Published, Visibility::Public))
}

#[allow(clippy::cast_precision_loss)] // At most 180 millions.
fn degrees(millionths: i64) -> f64 {
    millionths as f64 / 1_000_000.0
}
