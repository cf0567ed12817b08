use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Upcast, forward, newest};
use crate::{Decider, Event, Rejection, fact, kernel::Timestamp};

/// A kettle whose event has had three forms: a bare number, a named one, one with a unit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Kettle {
    kelvin: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum KettleEvent {
    Heated { to: i64, unit: String },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("no")]
struct Never;

impl Rejection for Never {}

impl Event for KettleEvent {
    fn name(&self) -> &'static str {
        "KettleHeated"
    }

    fn version(&self) -> u16 {
        3
    }
}

impl Decider for Kettle {
    const STREAM: &'static str = "kettle";
    const UPCASTS: &'static [Upcast] =
        &[Upcast { event: "KettleHeated", from: 1, change: name_it }, Upcast { event: "KettleHeated", from: 2, change: give_a_unit }];
    type Command = ();
    type Event = KettleEvent;
    type Rejection = Never;

    fn decide(&self, (): (), _now: Timestamp) -> Result<Vec<KettleEvent>, Never> {
        Ok(vec![])
    }

    fn evolve(&mut self, event: &KettleEvent) {
        let KettleEvent::Heated { to, .. } = event;
        self.kelvin = *to;
    }
}

fn name_it(payload: Value) -> Value {
    match payload.get("Heated").filter(|heated| heated.is_i64()) {
        Some(to) => json!({ "Heated": { "to": to } }),
        None => payload,
    }
}

fn give_a_unit(mut payload: Value) -> Value {
    if let Some(Value::Object(heated)) = payload.get_mut("Heated") {
        heated.insert("unit".into(), "kelvin".into());
    }
    payload
}

#[test]
fn every_form_an_event_has_had_reads_as_the_same_fact() {
    let expected = KettleEvent::Heated { to: 373, unit: "kelvin".into() };
    let forms =
        [(1, json!({ "Heated": 373 })), (2, json!({ "Heated": { "to": 373 } })), (3, json!({ "Heated": { "to": 373, "unit": "kelvin" } }))];
    for (version, stored) in forms {
        let read = fact::read::<Kettle>("KettleHeated", version, &stored.to_string()).expect("readable");
        assert_eq!(read, Some(expected.clone()), "version {version}");
    }
}

#[test]
fn steps_are_taken_one_by_one_and_of_this_event_alone() {
    let stored = json!({ "Heated": 373 });
    assert_eq!(forward(Kettle::UPCASTS, "KettleCooled", 1, stored.clone()), stored);
    assert_eq!(forward(&Kettle::UPCASTS[..1], "KettleHeated", 1, stored), json!({ "Heated": { "to": 373 } }));
    assert_eq!((newest(Kettle::UPCASTS, "KettleHeated"), newest(Kettle::UPCASTS, "KettleCooled")), (3, 1));
}

#[test]
fn what_a_newer_build_wrote_is_not_taken_for_something_else() {
    let fits = json!({ "Heated": { "to": 373, "unit": "kelvin" } });
    assert_eq!(fact::read::<Kettle>("KettleHeated", 4, &fits.to_string()).expect("left alone"), None, "a later version");
    assert_eq!(fact::read::<Kettle>("KettleBoiled", 1, r#"{"Boiled":{}}"#).expect("left alone"), None, "another name");
    assert_eq!(fact::read::<Kettle>("KettleEmptied", 1, "\"Emptied\"").expect("left alone"), None, "a name without fields");
}

#[test]
fn a_later_version_that_does_not_fit_is_left_alone_too() {
    assert_eq!(fact::read::<Kettle>("KettleHeated", 4, r#"{"Heated":"very"}"#).expect("left alone"), None);
}

#[test]
fn what_no_build_wrote_is_an_error_that_names_the_event() {
    let error = fact::read::<Kettle>("KettleHeated", 3, r#"{"Heated":"very"}"#).expect_err("no form of it");
    assert_eq!((error.kind.as_str(), error.event.as_deref()), ("kettle", Some("KettleHeated v3")));
    fact::read::<Kettle>("KettleHeated", 3, "7").expect_err("no event at all");
}

#[test]
fn a_field_that_is_not_known_changes_nothing() {
    let more = json!({ "Heated": { "to": 373, "unit": "kelvin", "by": "gas" } });
    let read = fact::read::<Kettle>("KettleHeated", 3, &more.to_string()).expect("readable");
    assert_eq!(read, Some(KettleEvent::Heated { to: 373, unit: "kelvin".into() }));
}
