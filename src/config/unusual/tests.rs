use super::*;

fn place(country: &str, place: Option<&str>, networks: &[&str]) -> PlaceConfig {
    let networks = networks.iter().map(|network| (*network).to_owned()).collect();
    PlaceConfig { country: country.into(), place: place.map(str::to_owned), networks, latitude: None, longitude: None }
}

fn at(latitude: impl Into<Option<f64>>, longitude: impl Into<Option<f64>>) -> PlaceConfig {
    PlaceConfig { latitude: latitude.into(), longitude: longitude.into(), ..place("FR", None, &["192.0.2.0/24"]) }
}

fn watch(places: Vec<PlaceConfig>) -> Result<Watch, ConfigError> {
    UnusualSignInsConfig { places, ..UnusualSignInsConfig::default() }.watch()
}

#[test]
fn where_networks_are_is_said_place_by_place() {
    let paris =
        PlaceConfig { latitude: Some(48.86), longitude: Some(2.35), ..place("FR", Some("Paris"), &["192.0.2.0/24", "2001:db8::1"]) };
    let watch = watch(vec![paris, place("FR", None, &["192.0.0.0/16"])]).expect("places");
    let seen = |address: &str| watch.see(Some(address.parse().expect("an address")), None);
    assert_eq!((seen("192.0.2.7").country.as_deref(), seen("2001:db8::1").place.as_deref()), (Some("FR"), Some("Paris")));
    assert_eq!((seen("192.0.3.7").country.as_deref(), seen("192.0.3.7").place), (Some("FR"), None));
    assert_eq!(watch.places[0].coordinates, Some(Coordinates { latitude: 48.86, longitude: 2.35 }));
}

#[test]
fn without_places_devices_are_watched() {
    let watch = watch(vec![]).expect("none");
    assert!(watch.is_on() && watch.new_devices && watch.places.is_empty());
}

#[test]
fn a_mistake_is_answered_with_the_setting_it_is_in() {
    let fine = || place("FR", None, &["::1"]);
    for (places, named) in [
        (vec![place("", None, &["::1"])], "places[0].country"),
        (vec![fine(), place(&"x".repeat(61), None, &["::1"])], "places[1].country"),
        (vec![place("FR", Some("a\u{1b}b"), &["::1"])], "places[0].place"),
        (vec![place("FR", None, &[])], "places[0].networks"),
        (vec![place("FR", None, &["Paris"])], "places[0].networks"),
        (vec![place("FR", None, &["192.0.2.0/33"])], "places[0].networks"),
        (vec![fine(), fine()], "places[1].place"),
        (vec![at(48.9, None)], "places[0].longitude"),
        (vec![at(None, 2.35)], "places[0].latitude"),
        (vec![at(90.1, 0.0)], "places[0].latitude"),
        (vec![at(0.0, -180.1)], "places[0].longitude"),
        (vec![at(f64::NAN, 0.0)], "places[0].latitude"),
        (vec![place("FR", None, &["::1"; MOST + 1])], "places"),
    ] {
        let error = watch(places).expect_err(named).to_string();
        assert!(error.contains(&format!("unusual_sign_ins.{named}: expected")), "{named} was answered with {error}");
    }
    assert!(watch(vec![at(-90.0, 180.0)]).is_ok());
}
