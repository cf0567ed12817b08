use std::path::Path;

use super::*;

const KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

fn config(change: impl FnOnce(&mut Config)) -> Config {
    let mut config = Config::default();
    change(&mut config);
    config
}

fn with_command(config: &mut Config) {
    config.journal.master_key_command = vec!["echo".into(), KEY.into()];
}

#[test]
fn a_variable_comes_before_files_and_a_command_alone() {
    let variable = || Some(SecretString::from(KEY));
    let usual = Config::default();
    assert!(matches!(Place::among(None, &usual), Ok(Place::DataDirectory(file)) if file == usual.data_dir.join("secrets/master.key")));
    let named = config(|config| config.journal.master_key_file = Some("named.key".into()));
    assert!(matches!(Place::among(None, &named), Ok(Place::Setting(file)) if file == Path::new("named.key")));
    assert!(matches!(Place::among(variable(), &named), Ok(Place::Environment(_))));
    let told = Place::among(variable(), &config(with_command)).map(drop).expect_err("two of them").to_string();
    assert_eq!(told, "the master key is given twice, by NALABO_MASTER_KEY and by journal.master_key_command: expected one of them");
}

#[test]
fn a_command_is_asked_for_the_key() {
    let place = Place::among(None, &config(with_command)).expect("a place");
    let key = MasterKey::from_base64("", KEY).expect("a key");
    assert_eq!(place.read(false).expect("printed").id(), key.id());
    let fails = config(|config| config.journal.master_key_command = vec!["false".into()]);
    let told = Place::among(None, &fails).expect("a place").read(false).map(drop).expect_err("no key").to_string();
    assert_eq!(told, "the command false, which is to print the master key, failed with exit code 1");
}

#[test]
fn a_place_shows_no_key() {
    let place = Place::among(Some(KEY.into()), &Config::default()).expect("a place");
    assert!(!format!("{place:?}").contains(KEY), "{place:?}");
}
