//! What of a sign-in is unusual: that it is from a country or with a device that an account was never seen with, or from a place that
//! cannot be reached in the time since it was seen at another. Where networks are, an operator says.

use std::{collections::BTreeSet, net::IpAddr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::kernel::Timestamp;

/// Kilometres that two places may always be apart: networks are spread out, and their places are not exact.
const NEARBY: f64 = 100.0;
/// Of the earth, in kilometres.
const RADIUS: f64 = 6371.0;

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Watch {
    pub new_countries: bool,
    pub new_devices: bool,
    /// Kilometres an hour above which nobody travels; 0: nobody is thought of as travelling.
    pub speed_limit: u32,
    pub places: Vec<Place>,
}

/// Where some networks are.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub country: String,
    /// Within it, where that is said.
    pub name: Option<String>,
    networks: Vec<IpNet>,
    pub coordinates: Option<Coordinates>,
}

/// In degrees, north and east.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coordinates {
    pub latitude: f64,
    pub longitude: f64,
}

/// Why a sign-in is unusual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unusual {
    NewCountry,
    NewDevice,
    /// Nobody comes from one place to the other in that time.
    TooFar,
}

/// From where somebody signed in and with what, as far as that is watched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// What the program called itself, without the numbers of its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// What a sighting is, beside those before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    pub unusual: BTreeSet<Unusual>,
    /// Which one before it is like; none, if it is the first of its kind.
    pub like: Option<usize>,
    /// Which one before it is too far from.
    pub too_far_from: Option<usize>,
}

impl Watch {
    /// Whether anything is looked for.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.new_devices || (!self.places.is_empty() && (self.new_countries || self.speed_limit > 0))
    }

    /// What is seen of somebody with this address and program.
    #[must_use]
    pub fn see(&self, address: Option<IpAddr>, user_agent: Option<&str>) -> Sighting {
        let place = address.and_then(|address| self.place_of(address));
        Sighting {
            device: user_agent.filter(|_| self.new_devices).map(without_versions),
            country: place.map(|place| place.country.clone()),
            place: place.and_then(|place| place.name.clone()),
        }
    }

    /// What there is to say of what is seen at an instant, beside all that was seen before, or since.
    #[must_use]
    pub fn judge(&self, others: &[(Timestamp, Sighting)], at: Timestamp, sighting: &Sighting) -> Judgement {
        let like = others.iter().position(|(_, other)| other == sighting);
        let too_far_from = others.iter().position(|(then, other)| self.is_too_far(sighting, other, (at - then).abs()));
        let country = self.new_countries && is_new(others, sighting, |sighting| sighting.country.as_deref());
        let device = self.new_devices && is_new(others, sighting, |sighting| sighting.device.as_deref());
        let found = [(Unusual::NewCountry, country), (Unusual::NewDevice, device), (Unusual::TooFar, too_far_from.is_some())];
        Judgement { unusual: found.into_iter().filter(|(_, is_so)| *is_so).map(|(unusual, _)| unusual).collect(), like, too_far_from }
    }

    /// The place whose network says most about an address.
    fn place_of(&self, address: IpAddr) -> Option<&Place> {
        let address = address.to_canonical();
        let prefix = |place: &Place| place.networks.iter().filter(|network| network.contains(&address)).map(IpNet::prefix_len).max();
        let found = self.places.iter().filter_map(|place| prefix(place).map(|prefix| (prefix, place)));
        found.max_by_key(|(prefix, _)| *prefix).map(|(_, place)| place)
    }

    fn coordinates(&self, sighting: &Sighting) -> Option<Coordinates> {
        let country = sighting.country.as_ref()?;
        self.places.iter().find(|place| place.country == *country && place.name == sighting.place)?.coordinates
    }

    fn is_too_far(&self, one: &Sighting, other: &Sighting, apart: chrono::TimeDelta) -> bool {
        let (Some(here), Some(there), Ok(apart)) = (self.coordinates(one), self.coordinates(other), apart.to_std()) else { return false };
        let reached = f64::from(self.speed_limit) * apart.as_secs_f64() / 3600.0;
        self.speed_limit > 0 && here.kilometres(there) > NEARBY + reached
    }
}

/// Whether something is seen of which others were seen, and never this one. Of what nothing was seen yet, nothing is new.
fn is_new(others: &[(Timestamp, Sighting)], sighting: &Sighting, part: impl Fn(&Sighting) -> Option<&str>) -> bool {
    let Some(now) = part(sighting) else { return false };
    let mut known = others.iter().filter_map(|(_, other)| part(other)).peekable();
    known.peek().is_some() && known.all(|known| known != now)
}

/// Programs get new versions all the time, and stay the same device.
fn without_versions(user_agent: &str) -> String {
    let all: Vec<char> = user_agent.chars().collect();
    let is_digit = |at: Option<&char>| at.is_some_and(char::is_ascii_digit);
    let is_version = |at: usize, c: char| {
        let beside = is_digit(at.checked_sub(1).and_then(|at| all.get(at))) || is_digit(all.get(at + 1));
        c.is_ascii_digit() || (matches!(c, '.' | '_') && beside)
    };
    all.iter().enumerate().filter(|(at, c)| !is_version(*at, **c)).map(|(_, c)| c).collect()
}

impl Place {
    /// With networks and addresses such as `192.0.2.0/24` and `2001:db8::1`; none, if a text is neither.
    #[must_use]
    pub fn try_new<'t>(
        country: &str,
        name: Option<&str>,
        networks: impl IntoIterator<Item = &'t str>,
        coordinates: Option<Coordinates>,
    ) -> Option<Self> {
        let network = |text: &str| text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        let networks = networks.into_iter().map(network).collect::<Option<_>>()?;
        Some(Self { country: country.to_owned(), name: name.map(str::to_owned), networks, coordinates })
    }
}

impl Sighting {
    /// Whether nothing is known.
    #[must_use]
    pub const fn is_blank(&self) -> bool {
        self.device.is_none() && self.country.is_none()
    }
}

impl Coordinates {
    /// Along the surface of the earth.
    fn kilometres(self, other: Self) -> f64 {
        let (here, there) = (self.latitude.to_radians(), other.latitude.to_radians());
        let north = ((there - here) / 2.0).sin().powi(2);
        let east = ((other.longitude - self.longitude).to_radians() / 2.0).sin().powi(2);
        let chord = (here.cos() * there.cos()).mul_add(east, north);
        2.0 * RADIUS * chord.clamp(0.0, 1.0).sqrt().asin()
    }
}

#[cfg(test)]
mod tests;
