use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

use chrono::TimeDelta;
use domain::{
    booking::{
        Format, Plan,
        run::{Life, Stage},
    },
    kernel::{RegistrationId, RunId},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

fn at(hours: i64) -> Timestamp {
    "2027-01-02T03:04:05Z".parse::<Timestamp>().expect("an instant") + TimeDelta::hours(hours)
}

fn plan() -> Plan {
    let venue = Venue { name: "Technopark".to_owned(), city: "Zürich".to_owned(), coordinates: Some((47_390_000, -516_000)) };
    Plan { format: Format::OnSite { venue }, ..test_runs::plan(at(100), vec![]) }
}

pub(crate) fn appointment() -> Appointment {
    Appointment {
        run: RunId(Uuid::from_u128(1)),
        registration: Some(RegistrationId(Uuid::from_u128(2))),
        whose: None,
        plan: Arc::new(plan()),
        life: Life::Published,
        called_off: None,
        stage: Some(Stage::Confirmed),
        due: None,
        owed: None,
        seats: 1,
        sequence: 3,
    }
}

fn with(plan: Plan) -> Appointment {
    Appointment { plan: Arc::new(plan), ..appointment() }
}

fn written(appointment: Appointment) -> String {
    file(&[appointment], "no-reply@example.org", at(0))
}

/// What somebody else's parser makes of it, which does not forgive.
fn read_elsewhere(file: &str) -> Value {
    read_with(&[], file)
}

/// The same of what is attached to a mail.
pub(crate) fn read_attached(mail: &str) -> Value {
    read_with(&["--mail"], mail)
}

fn read_with(arguments: &[&str], file: &str) -> Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let python = target.join("file-readers/bin/python");
    assert!(python.exists(), "{} is missing: run scripts/test, which makes it", python.display());
    let mut command = Command::new(python);
    command.arg(root.join("tests/nalabo/calendars/read.py")).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("started");
    child.stdin.take().expect("piped").write_all(file.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("ended");
    assert!(output.status.success(), "not read: {file}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn somebody_elses_parser_reads_what_was_meant() {
    let read = read_elsewhere(&written(appointment()));
    assert_eq!(read["calendar"], json!({ "VERSION": "2.0", "METHOD": "PUBLISH", "X-WR-CALNAME": "Nalabo" }));
    let event = &read["events"][0];
    assert_eq!(event["UID"], "reg_00000000000000000000000000000002@nalabo");
    assert_eq!((&event["SEQUENCE"], &event["STATUS"], &event["CLASS"]), (&json!("3"), &json!("CONFIRMED"), &json!("PRIVATE")));
    assert_eq!((&event["DTSTART"], &event["DTEND"]), (&json!("2027-01-06T07:04:05+00:00"), &json!("2027-01-06T15:04:05+00:00")));
    assert_eq!(event["DTSTAMP"], "2027-01-02T03:04:05+00:00");
    assert_eq!((&event["SUMMARY"], &event["LOCATION"]), (&json!("Containers"), &json!("Technopark, Zürich")));
    assert_eq!(event["GEO"], "47.39;-0.516");
}

#[test]
fn what_people_write_is_text_and_nothing_else() {
    let title = "Commas, semicolons; back\\slashes\r\nEND:VEVENT\r\nBEGIN:VALARM\u{7}".to_owned();
    let description = format!("First line\nSecond line\rATTACH:file:///etc/passwd\n{}", "dünn und ünbiegsam 🦀, ".repeat(200));
    let category = "a,b;c\nd".to_owned();
    let instructor = "Grace \"Amazing\" Hopper; PhD\r\nX-EVIL:1".to_owned();
    let file = written(with(Plan { title, description: description.clone(), category, instructor, ..plan() }));
    let read = read_elsewhere(&file);
    assert_eq!(read["events"].as_array().map(Vec::len), Some(1));
    assert_eq!(read["events"][0]["SUMMARY"], "Commas, semicolons; back\\slashes\nEND:VEVENT\nBEGIN:VALARM");
    assert_eq!(read["events"][0]["DESCRIPTION"], description.replace('\r', ""));
    assert_eq!(read["events"][0]["CATEGORIES"], json!(["a,b;c\nd"]));
    assert_eq!(read["events"][0]["ORGANIZER"], json!(["mailto:no-reply@example.org", "Grace Amazing Hopper; PhDX-EVIL:1"]));
    assert_eq!(read["events"][0].get("X-EVIL"), None);
}

#[test]
fn lines_end_and_are_folded_as_they_must_be() {
    let file = written(with(Plan { description: "ein Mädchen 🦀 mit Hütchen ".repeat(100), ..plan() }));
    assert!(file.ends_with("END:VCALENDAR\r\n"));
    for line in file.trim_end_matches("\r\n").split("\r\n") {
        assert!(line.len() <= 75, "{} octets: {line}", line.len());
        assert!(!line.contains(['\r', '\n']), "{line:?}");
    }
}

#[test]
fn how_sure_it_is_follows_the_registration_and_the_run() {
    let status = |life, stage| read_elsewhere(&written(Appointment { life, stage, ..appointment() }))["events"][0]["STATUS"].clone();
    assert_eq!(status(Life::Published, Some(Stage::Waitlisted)), "TENTATIVE");
    assert_eq!(status(Life::Published, Some(Stage::AwaitingPayment { until: at(1) })), "TENTATIVE");
    assert_eq!(status(Life::Published, Some(Stage::Withdrawn)), "CANCELLED");
    assert_eq!(status(Life::Cancelled, Some(Stage::Confirmed)), "CANCELLED");
    assert_eq!(status(Life::Completed, Some(Stage::Attended)), "CONFIRMED");
    assert_eq!(status(Life::Cancelled, None), "CANCELLED");
}

#[test]
fn the_way_in_is_told_to_who_is_confirmed_alone() {
    let link = "https://meet.example.org/containers";
    let online = || with(Plan { format: Format::Online { link: link.to_owned() }, ..plan() });
    assert_eq!(read_elsewhere(&written(online()))["events"][0]["URL"], link);
    for stage in [None, Some(Stage::Waitlisted), Some(Stage::Cancelled), Some(Stage::PendingApproval { holds_place: true })] {
        let file = written(Appointment { stage, ..online() });
        assert!(!file.replace("\r\n ", "").contains("meet.example.org"), "{stage:?}");
    }
}
