use std::slice::from_ref;

use chrono::TimeDelta;

use super::*;

const PARIS: Coordinates = Coordinates { latitude: 48.86, longitude: 2.35 };
const LYON: Coordinates = Coordinates { latitude: 45.76, longitude: 4.84 };
const TOKYO: Coordinates = Coordinates { latitude: 35.68, longitude: 139.69 };

fn place(country: &str, name: Option<&str>, networks: &[&str], coordinates: Coordinates) -> Place {
    Place::try_new(country, name, networks.iter().copied(), Some(coordinates)).expect("networks")
}

fn watch() -> Watch {
    let places = vec![
        place("FR", Some("Paris"), &["192.0.2.0/24", "2001:db8:1::/48"], PARIS),
        place("FR", Some("Lyon"), &["192.0.2.128/25"], LYON),
        place("JP", None, &["198.51.100.0/24"], TOKYO),
    ];
    Watch { new_countries: true, new_devices: true, speed_limit: 1000, places }
}

fn seen(address: &str, user_agent: &str) -> Sighting {
    watch().see(Some(address.parse().expect("an address")), Some(user_agent))
}

fn at(minutes: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::minutes(minutes)
}

fn unusual(watch: &Watch, others: &[(Timestamp, Sighting)], minutes: i64, sighting: &Sighting) -> Vec<Unusual> {
    watch.judge(others, at(minutes), sighting).unusual.into_iter().collect()
}

#[test]
fn an_address_is_where_its_smallest_network_is() {
    let place = |address: &str| {
        let Sighting { country, place, .. } = seen(address, "curl");
        (country, place)
    };
    let of = |country: &str, place: Option<&str>| (Some(country.to_owned()), place.map(str::to_owned));
    assert_eq!(place("192.0.2.1"), of("FR", Some("Paris")));
    assert_eq!(place("192.0.2.200"), of("FR", Some("Lyon")));
    assert_eq!(place("::ffff:198.51.100.7"), of("JP", None));
    assert_eq!(place("2001:db8:1::7"), of("FR", Some("Paris")));
    assert_eq!(place("203.0.113.1"), (None, None), "nobody said where that is");
    assert!(watch().see(None, None).is_blank());
    assert_eq!(Place::try_new("FR", None, ["192.0.2.0/33"], None), None);
    assert!(Place::try_new("FR", None, ["192.0.2.1", "::1"], None).is_some());
}

#[test]
fn a_program_is_the_same_device_in_another_version() {
    let device = |agent: &str| seen("203.0.113.1", agent).device;
    let firefox = |version: &str| format!("Mozilla/5.0 (X11; Linux x86_64; rv:{version}) Gecko/20100101 Firefox/{version}");
    assert_eq!(device(&firefox("128.0")), device(&firefox("131.0.2")));
    assert_eq!(device("curl/8.5.0"), Some("curl/".into()));
    assert_ne!(device(&firefox("128.0")), device("curl/8.5.0"));
    assert_eq!(device("Mail (iPhone OS 17_5_1)"), device("Mail (iPhone OS 18_0)"));
    assert_eq!(device("a_b. c"), Some("a_b. c".into()), "what is no version stays");
    assert_eq!(Watch { new_devices: false, ..watch() }.see(None, Some("curl/8")).device, None, "what is not watched is not kept");
}

#[test]
fn what_is_seen_first_is_what_is_usual() {
    let first = seen("192.0.2.1", "curl/8");
    assert_eq!(watch().judge(&[], at(0), &first), Judgement::default());
    let again = watch().judge(&[(at(0), first.clone())], at(1), &first);
    assert_eq!(again, Judgement { like: Some(0), ..Judgement::default() });
}

#[test]
fn another_country_and_another_device_are_new_once() {
    let paris = (at(0), seen("192.0.2.1", "curl/8"));
    let tokyo = seen("198.51.100.7", "curl/9");
    let later = 60 * 24;
    assert_eq!(unusual(&watch(), from_ref(&paris), later, &tokyo), [Unusual::NewCountry]);
    assert_eq!(unusual(&watch(), &[paris.clone(), (at(0), tokyo.clone())], later, &tokyo), []);
    let phone = seen("192.0.2.200", "Phone/1");
    assert_eq!(unusual(&watch(), from_ref(&paris), later, &phone), [Unusual::NewDevice], "another town is no other country");
    let unknown = seen("203.0.113.1", "curl/8");
    assert_eq!(unusual(&watch(), from_ref(&paris), later, &unknown), [], "of what nobody knows where it is, nothing is said");
    assert_eq!(unusual(&watch(), &[(at(0), unknown)], later, &tokyo), [], "the first place that is known is the usual one");
    let blind = Watch { new_countries: false, new_devices: false, ..watch() };
    let phone_in_tokyo = seen("198.51.100.7", "Phone/1");
    assert_eq!(unusual(&blind, from_ref(&paris), later, &phone_in_tokyo), []);
}

#[test]
fn nobody_is_faster_than_the_limit_but_nearby() {
    let paris = (at(0), seen("192.0.2.1", "curl"));
    let (tokyo, lyon) = (seen("198.51.100.7", "curl"), seen("192.0.2.200", "curl"));
    let known = [paris.clone(), (at(-100_000), tokyo.clone()), (at(-100_000), lyon.clone())];
    // Some 9700 km: at 1000 km/h 9.6 hours, less what is nearby.
    assert_eq!(unusual(&watch(), &known, 9 * 60, &tokyo), [Unusual::TooFar]);
    assert_eq!(watch().judge(&known, at(9 * 60), &tokyo).too_far_from, Some(0));
    assert_eq!(unusual(&watch(), &known, 10 * 60, &tokyo), []);
    // Some 390 km: in 18 minutes it can be.
    assert_eq!(unusual(&watch(), &known, 17, &lyon), [Unusual::TooFar]);
    assert_eq!(unusual(&watch(), &known, 18, &lyon), []);
    assert_eq!(unusual(&watch(), &known, -17, &lyon), [Unusual::TooFar], "whichever is heard of first");
    assert_eq!(unusual(&Watch { speed_limit: 0, ..watch() }, &known, 1, &tokyo), []);
    let mut vague = watch();
    vague.places[2].coordinates = None;
    assert_eq!(unusual(&vague, &known, 1, &tokyo), []);
}

#[test]
fn it_is_on_if_there_is_anything_to_look_for() {
    let off = Watch { new_devices: false, places: vec![], ..watch() };
    assert!(!off.is_on() && !Watch::default().is_on());
    assert!(Watch { new_devices: true, ..off.clone() }.is_on());
    assert!(Watch { places: watch().places, ..off.clone() }.is_on());
    assert!(!Watch { places: watch().places, new_countries: false, speed_limit: 0, ..off }.is_on());
}
