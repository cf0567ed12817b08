//! Where a run takes place.

use serde::{Deserialize, Serialize};

use super::Flaw;

/// Where a run takes place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    OnSite {
        venue: Venue,
    },
    /// `link` is told to who is confirmed alone.
    Online {
        link: String,
    },
    Hybrid {
        venue: Venue,
        link: String,
    },
}

/// A place to go to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Venue {
    pub name: String,
    pub city: String,
    /// Latitude and longitude in millionths of a degree (WGS 84).
    pub coordinates: Option<(i32, i32)>,
}

/// Where a run was to take place before that changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlaceBefore {
    pub format: Format,
    /// How many had registered by then: who has a higher number knows the place that it has now.
    pub count: u32,
}

impl Format {
    #[must_use]
    pub const fn venue(&self) -> Option<&Venue> {
        match self {
            Self::OnSite { venue } | Self::Hybrid { venue, .. } => Some(venue),
            Self::Online { .. } => None,
        }
    }

    #[must_use]
    pub fn link(&self) -> Option<&str> {
        match self {
            Self::Online { link } | Self::Hybrid { link, .. } => Some(link),
            Self::OnSite { .. } => None,
        }
    }

    pub(super) fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = vec![];
        let mut expect = |is_met: bool, at: &str, expected: &str| {
            if !is_met {
                flaws.push(Flaw { at: at.to_owned(), expected: expected.to_owned() });
            }
        };
        if let Some(Venue { name, city, coordinates }) = self.venue() {
            expect((1..=120).contains(&name.trim().chars().count()), "venue.name", "1 to 120 characters");
            expect((1..=80).contains(&city.trim().chars().count()), "venue.city", "1 to 80 characters");
            let on_earth = coordinates
                .is_none_or(|(latitude, longitude)| latitude.unsigned_abs() <= 90_000_000 && longitude.unsigned_abs() <= 180_000_000);
            expect(on_earth, "venue.coordinates", "a latitude from -90 to 90 and a longitude from -180 to 180");
        }
        if let Some(link) = self.link() {
            let is_link = link.starts_with("https://") && link.len() > 8 && link.len() <= 500 && !link.contains(char::is_whitespace);
            expect(is_link, "link", "an address that begins with https://, of 500 bytes at most");
        }
        flaws
    }
}
