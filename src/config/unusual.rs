//! Which sign-ins are unusual.

use domain::identity::watch::{Coordinates, Place, Watch};
use serde::{Deserialize, Serialize};

use super::ConfigError;

/// Characters that the name of a country or place may have.
const LONGEST: usize = 60;
/// Networks that may be named, of all places.
const MOST: usize = 10_000;

/// Which sign-ins are unusual.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UnusualSignInsConfig {
    /// Those with a program that the account was never seen with.
    pub new_devices: bool,
    /// Those from a country that the account was never seen in.
    pub new_countries: bool,
    /// Those that nobody gets to so fast, in kilometres an hour; 0: that is not looked at.
    pub speed_limit: u32,
    /// Where networks are.
    pub places: Vec<PlaceConfig>,
}

/// Where some networks are.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlaceConfig {
    /// Such as `FR`.
    pub country: String,
    /// Within the country, such as `Paris`.
    pub place: Option<String>,
    /// Such as `192.0.2.0/24`.
    pub networks: Vec<String>,
    /// In degrees, north of the equator.
    pub latitude: Option<f64>,
    /// In degrees, east of Greenwich.
    pub longitude: Option<f64>,
}

impl Default for UnusualSignInsConfig {
    fn default() -> Self {
        Self { new_devices: true, new_countries: true, speed_limit: 1000, places: Vec::new() }
    }
}

impl UnusualSignInsConfig {
    /// What is looked for.
    ///
    /// # Errors
    /// The first setting that is not as expected, by its name.
    pub(crate) fn watch(&self) -> Result<Watch, ConfigError> {
        let place = |(number, config): (usize, &PlaceConfig)| {
            let expected = |(field, what)| ConfigError(format!("unusual_sign_ins.places[{number}].{field}: expected {what}"));
            config.checked().map_err(expected)
        };
        let places: Vec<Place> = self.places.iter().enumerate().map(place).collect::<Result<_, _>>()?;
        if self.places.iter().map(|place| place.networks.len()).sum::<usize>() > MOST {
            return Err(ConfigError(format!("unusual_sign_ins.places: expected {MOST} networks at the most")));
        }
        let same = |one: &Place, other: &Place| one.country == other.country && one.name == other.name;
        if let Some(number) = (1..places.len()).find(|at| places[..*at].iter().any(|before| same(before, &places[*at]))) {
            let expected = "one that no other has in this country; networks of one place stand together";
            return Err(ConfigError(format!("unusual_sign_ins.places[{number}].place: expected {expected}")));
        }
        let Self { new_devices, new_countries, speed_limit, places: _ } = *self;
        Ok(Watch { new_countries, new_devices, speed_limit, places })
    }
}

impl PlaceConfig {
    fn checked(&self) -> Result<Place, (&'static str, &'static str)> {
        let is_name = |text: &str| (1..=LONGEST).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if !is_name(&self.country) {
            return Err(("country", "a name of 1 to 60 characters, such as FR"));
        }
        if self.place.as_ref().is_some_and(|place| !is_name(place)) {
            return Err(("place", "a name of 1 to 60 characters, or none"));
        }
        if self.networks.is_empty() {
            return Err(("networks", "at least one, such as 192.0.2.0/24"));
        }
        let within = |degrees: f64, most: f64| (-most..=most).contains(&degrees);
        let coordinates = match (self.latitude, self.longitude) {
            (None, None) => None,
            (Some(latitude), _) if !within(latitude, 90.0) => return Err(("latitude", "degrees from -90 to 90")),
            (_, Some(longitude)) if !within(longitude, 180.0) => return Err(("longitude", "degrees from -180 to 180")),
            (Some(latitude), Some(longitude)) => Some(Coordinates { latitude, longitude }),
            (Some(_), None) => return Err(("longitude", "one beside the latitude, or none of both")),
            (None, Some(_)) => return Err(("latitude", "one beside the longitude, or none of both")),
        };
        let networks = self.networks.iter().map(String::as_str);
        let place = Place::try_new(&self.country, self.place.as_deref(), networks, coordinates);
        place.ok_or(("networks", "networks such as 192.0.2.0/24"))
    }
}

#[cfg(test)]
mod tests;
