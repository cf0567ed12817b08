//! A programme of runs that are made up: words of syllables, the first ones far more often than the last, as words are.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta};
use domain::{
    Decider,
    booking::{
        Admission, Audience, Format, Plan, Ticket, Venue, Visibility,
        run::{Person, Requested, Run, RunEvent},
        tax::{Rounding, Taxation},
    },
    kernel::{AccountId, Currency, Digest, Minutes, Money, RegistrationId, Timestamp},
    workshops::content::Difficulty,
};
use journal::{StreamId, StreamWrite};
use load::{
    Fault,
    chance::{chance, skewed},
    streams,
};

use super::super::fill;

const WORDS: u64 = 4000;
const CITIES: u64 = 60;
const TAGS: u64 = 80;
const INSTRUCTORS: u64 = 2000;
/// Words of a description.
const LONG: u64 = 40;
/// 1 January 2031: later than a run is searched.
const BEGAN: i64 = 1_924_992_000;
const SYLLABLES: [&str; 32] = [
    "ba", "cor", "da", "el", "fi", "gan", "hu", "in", "ja", "kel", "lo", "mar", "ni", "or", "pe", "qua", "ri", "sol", "ta", "un", "ve",
    "wil", "xe", "yo", "zan", "bri", "clo", "dre", "fla", "gre", "sto", "tri",
];
const CATEGORIES: [&str; 12] = [
    "containers",
    "kubernetes",
    "databases",
    "languages",
    "security",
    "networks",
    "testing",
    "observability",
    "machine learning",
    "design",
    "delivery",
    "writing",
];
const LANGUAGES: [&str; 5] = ["en", "fr", "de", "fr-CH", "it"];
const CURRENCIES: [&str; 3] = ["EUR", "CHF", "USD"];
const LEVELS: [Option<Difficulty>; 5] =
    [None, Some(Difficulty::Beginner), Some(Difficulty::Intermediate), Some(Difficulty::Advanced), Some(Difficulty::Expert)];

/// What there is to know of a run by its number.
pub(super) struct Offer {
    number: u64,
    pub(super) title: [String; 4],
    pub(super) category: String,
    pub(super) tags: [String; 3],
    pub(super) language: &'static str,
    pub(super) city: City,
    pub(super) format: Format,
    /// In minor units.
    pub(super) price: i64,
    pub(super) currency: &'static str,
    pub(super) starts_at: Timestamp,
}

/// A city by its number.
#[derive(Clone, Copy)]
pub(super) struct City(u64);

impl City {
    fn name(self) -> String {
        word(10_000 + self.0)
    }

    /// In millionths of a degree: somewhere in Europe.
    fn millionths(self) -> (i32, i32) {
        let within = |of, first: i32, last: i32| {
            let width = u64::from((last - first).unsigned_abs());
            first + i32::try_from(chance(self.0, of) % width).unwrap_or_default()
        };
        (within(50, 41_000_000, 58_000_000), within(51, -5_000_000, 24_000_000))
    }

    /// In degrees.
    pub(super) fn coordinates(self) -> (f64, f64) {
        let (latitude, longitude) = self.millionths();
        (f64::from(latitude) / 1e6, f64::from(longitude) / 1e6)
    }
}

/// A word by its number.
fn word(number: u64) -> String {
    let mixed = chance(number, 20);
    (0..3 + mixed % 2).map(|nth| SYLLABLES[usize::try_from((mixed >> (8 + 5 * nth)) & 31).unwrap_or_default()]).collect()
}

fn common_word(number: u64, of: u64) -> String {
    word(skewed(chance(number, of), WORDS))
}

fn one_of<T: Copy>(all: &[T], chance: u64) -> Option<T> {
    let number = skewed(chance, all.len() as u64);
    usize::try_from(number).ok().and_then(|number| all.get(number)).copied()
}

impl Offer {
    pub(super) fn of(number: u64) -> Self {
        let city = City(skewed(chance(number, 60), CITIES));
        let venue = || Venue { name: common_word(number, 61), city: city.name(), coordinates: Some(city.millionths()) };
        let link = || format!("https://meet.example.org/{number}");
        let format = match chance(number, 62) % 4 {
            0 => Format::Online { link: link() },
            1 => Format::Hybrid { venue: venue(), link: link() },
            // Somebody looks for it near its city.
            _ => Format::OnSite { venue: venue() },
        };
        let hours = i64::try_from(chance(number, 63) % (365 * 24)).unwrap_or_default();
        Self {
            number,
            title: [70, 71, 72, 73].map(|of| common_word(number, of)),
            category: one_of(&CATEGORIES, chance(number, 64)).unwrap_or_default().to_owned(),
            tags: [80, 81, 82].map(|of| word(20_000 + skewed(chance(number, of), TAGS))),
            language: one_of(&LANGUAGES, chance(number, 65)).unwrap_or_default(),
            city,
            format,
            price: i64::try_from(chance(number, 66) % 40).unwrap_or_default() * 2500,
            currency: one_of(&CURRENCIES, chance(number, 67)).unwrap_or_default(),
            starts_at: DateTime::UNIX_EPOCH + TimeDelta::seconds(BEGAN) + TimeDelta::hours(hours),
        }
    }

    fn plan(&self) -> Result<Plan, Fault> {
        let currency = Currency::try_new(self.currency)?;
        let instructor = skewed(chance(self.number, 68), INSTRUCTORS);
        let description: Vec<String> = (0..LONG).map(|nth| common_word(self.number, 100 + nth)).collect();
        let ticket = Ticket {
            key: "seat".to_owned(),
            name: "Seat".to_owned(),
            price: Money::new(self.price, currency),
            tiers: vec![],
            quota: None,
            audience: Audience::Everyone,
        };
        Ok(Plan {
            workshop: None,
            title: self.title.join(" "),
            description: description.join(" "),
            category: self.category.clone(),
            tags: BTreeSet::from(self.tags.clone()),
            level: LEVELS[usize::try_from(chance(self.number, 69) % 5)?],
            language: self.language.to_owned(),
            instructor: format!("{} {}", word(30_000 + instructor % 100), word(40_000 + instructor / 100)),
            instructor_account: None,
            format: self.format.clone(),
            starts_at: self.starts_at,
            ends_at: self.starts_at + TimeDelta::hours(8),
            time_zone: "Europe/Zurich".to_owned(),
            opens_at: None,
            closes_at: None,
            capacity: if self.is_full() { 1 } else { 12 },
            currency,
            taxation: Taxation { rate: 810, rounding: Rounding::Line },
            tickets: vec![ticket],
            admission: Admission::Automatic,
            hold: Plan::HOLD,
            waitlist: true,
            offer: Minutes(60),
            refunds: vec![],
            questions: vec![],
            visibility: Visibility::Public,
            group: 1,
        })
    }

    /// Whether nobody has a place left to take.
    const fn is_full(&self) -> bool {
        self.number.is_multiple_of(4)
    }
}

/// Run number so many, with all that happened to it.
pub(in crate::sides) fn scheduled(number: u64) -> Result<StreamWrite, Fault> {
    let offer = Offer::of(number);
    let plan = offer.plan()?;
    let mut events = Vec::new();
    let organiser = AccountId(streams::stream(number % 1000));
    events.push(fill::of(&RunEvent::Scheduled { organiser, series: None, plan: Box::new(plan.clone()) })?);
    events.push(fill::of(&RunEvent::Published {})?);
    if offer.is_full() {
        let registration = RegistrationId(streams::stream((2 << 40) + number));
        let account = Some(AccountId(streams::stream((3 << 40) + number)));
        let ticket = plan.tickets.first().ok_or("expected a ticket")?;
        let requested = Requested {
            registration,
            person: Person { account, address: Digest::try_from(format!("{number:064x}"))? },
            members: vec![],
            ticket: ticket.key.clone(),
            seats: 1,
            priority: 0,
            number: 1,
            code: None,
            quote: ticket.quote(plan.starts_at, 0, 1, None, plan.taxation)?,
        };
        events.push(fill::of(&RunEvent::RegistrationRequested(Box::new(requested)))?);
        events.push(fill::of(&RunEvent::RegistrationConfirmed { registration, left: 0 })?);
    }
    Ok(StreamWrite { stream: StreamId::new(Run::STREAM, streams::stream((1 << 40) + number)), expected: 0, events })
}
