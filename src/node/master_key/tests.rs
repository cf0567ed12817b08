use super::*;

const KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
const NEXT: &str = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU=";

fn config(change: impl FnOnce(&mut Config)) -> Config {
    let mut config = Config::default();
    change(&mut config);
    config
}

fn with_command(config: &mut Config) {
    config.journal.master_key_command = vec!["printf".into(), format!("{KEY}\n{NEXT}\n")];
}

fn variable(text: &str) -> SecretString {
    text.into()
}

fn names(place: &impl MasterKeySource) -> Vec<String> {
    place.read().expect("keys").iter().map(MasterKey::id).collect()
}

fn name(text: &str) -> String {
    MasterKey::from_base64("", text).expect("a key").id()
}

#[test]
fn a_variable_comes_before_files_and_a_command_alone() {
    let usual = Config::default();
    assert!(
        matches!(Place::among(None, None, &usual), Ok(Place::DataDirectory(file)) if file == usual.data_dir.join("secrets/master.key"))
    );
    let named = config(|config| config.journal.master_key_file = Some("named.key".into()));
    assert!(matches!(Place::among(None, Some(variable(NEXT)), &named), Ok(Place::Setting(file)) if file == Path::new("named.key")));
    assert!(matches!(Place::among(Some(variable(KEY)), None, &named), Ok(Place::Environment { .. })));
    let told = Place::among(Some(variable(KEY)), None, &config(with_command)).map(drop).expect_err("two of them").to_string();
    assert_eq!(told, "the master key is given twice, by NALABO_MASTER_KEY and by journal.master_key_command: expected one of them");
}

#[test]
fn each_place_may_have_the_next_key_as_well() {
    let both = [name(KEY), name(NEXT)];
    let environment = Place::among(Some(variable(KEY)), Some(variable(NEXT)), &Config::default()).expect("a place");
    assert_eq!((names(&environment), environment.name().expect("a name")), (both.to_vec(), name(KEY)));
    assert_eq!(names(&Place::among(Some(variable(KEY)), None, &Config::default()).expect("a place")), both[..1]);
    let empty = Place::among(Some(variable(KEY)), Some(variable("")), &Config::default()).expect("a place");
    assert_eq!(names(&empty), both[..1], "an empty one is none");
    let empty = Place::among(Some(variable("")), None, &config(|config| config.journal.master_key_file = Some("named.key".into())));
    empty.expect("a place").read().map(drop).expect_err("the first one is refused");
    assert_eq!(names(&Place::among(None, None, &config(with_command)).expect("a place")), both);

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("master.key");
    let place = Place::DataDirectory(file.clone());
    place.read().map(drop).expect_err("none is made");
    place.make().expect("made");
    let first = names(&place);
    assert_eq!(first.len(), 1);
    std::fs::write(next_to(&file), "short").expect("written");
    assert_eq!(names(&place), first, "it is not whole yet");
    std::fs::remove_file(next_to(&file)).expect("removed");
    let next = MasterKey::generate_file(&next_to(&file)).expect("made").id();
    assert_eq!(names(&place), [first[0].clone(), next.clone()]);
    let other = folder.path().join("other.key");
    let with_next = WithNext { place: Place::Setting(next_to(&file)), file: other.clone() };
    assert_eq!(names(&with_next), std::slice::from_ref(&next), "it is not there yet");
    let last = MasterKey::generate_file(&other).expect("made").id();
    assert_eq!(names(&with_next), [next, last]);
}

#[test]
fn a_command_that_fails_is_told() {
    let fails = config(|config| config.journal.master_key_command = vec!["false".into()]);
    let told = Place::among(None, None, &fails).expect("a place").name().expect_err("no key").to_string();
    assert_eq!(told, "the command false, which is to print the master key, failed with exit code 1");
}

#[test]
fn a_place_shows_no_key() {
    let place = Place::among(Some(variable(KEY)), Some(variable(NEXT)), &Config::default()).expect("a place");
    assert!(!format!("{place:?}").contains(KEY) && !format!("{place:?}").contains(NEXT), "{place:?}");
}
