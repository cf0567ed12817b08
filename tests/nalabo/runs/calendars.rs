//! Calendars, as somebody else's parser reads them.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{ask, noted, published, published_with, read_elsewhere, refused, registered, text, turned_away};
use crate::{engines::Engine, people::Person, site::Site};

crate::engines::on_each_engine! {
    calendars_are_read_by_somebody_elses_parser_and_follow_what_happens,
    the_calendar_of_a_run_by_code_is_there_for_who_may_see_the_run,
}

/// The entries of a file, as the package `icalendar` reads it.
fn read(file: &str) -> Value {
    read_elsewhere("calendars/read.py", file.as_bytes())["events"].clone()
}

async fn calendars_are_read_by_somebody_elses_parser_and_follow_what_happens(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let (grace, ada) = (Person::with_role(&server, "grace", "organiser").await, Person::register(&server, "ada").await);
    let run = published(&grace, 1, 0).await;
    let registration = registered(&ada, &run).await;
    let token = Some(ada.tokens.access.as_str());

    let of_run = read(&text(&server, None, &format!("/api/runs/{run}/calendar.ics")).await);
    assert_eq!((&of_run[0]["UID"], &of_run[0]["STATUS"]), (&json!(format!("{run}@nalabo")), &json!("CONFIRMED")));
    assert_eq!(of_run[0]["SUMMARY"], "Containers, from scratch; twice");
    assert!(of_run[0]["DESCRIPTION"].as_str().is_some_and(|text| text.starts_with("First line\nSecond line, with Ünicode 🦀")));
    assert_eq!(of_run[0].get("URL"), None, "who is confirmed is told the way in");

    let path = format!("/api/registrations/{registration}/calendar.ics");
    let response = ask(&server, token, Method::GET, &path, None).await;
    assert_eq!(response.headers()["content-type"], "text/calendar; charset=utf-8; method=PUBLISH");
    assert_eq!(response.headers()["cache-control"], "no-store");
    let own = read(&response.text().await.expect("a body"));
    assert_eq!((&own[0]["UID"], &own[0]["URL"]), (&json!(format!("{registration}@nalabo")), &json!("https://meet.example.org/containers")));
    assert_eq!(refused(ask(&server, None, Method::GET, &path, None).await).await.0, 401);
    assert_eq!(read(&text(&server, Some(&grace.tokens.access), &path).await)[0]["UID"], own[0]["UID"]);
    assert_eq!(noted(&server, &grace, &registration).await, 1, "what is somebody else's");
    let bob = Person::register(&server, "bob").await;
    assert_eq!(refused(ask(&server, Some(&bob.tokens.access), Method::GET, &path, None).await).await.0, 404);

    let response = ask(&server, token, Method::POST, "/api/account/calendar-feeds", None).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    let feed: Value = response.json().await.expect("JSON");
    let link = crate::people::text(&feed["path"]);
    assert_eq!(read(&text(&server, None, &link).await)[0]["UID"], own[0]["UID"]);
    ada.mutate("registrationWithdraw", json!({ "registrationId": registration }), "registration { id }").await;
    let after = read(&text(&server, None, &link).await);
    let sequence = |event: &Value| event["SEQUENCE"].as_str().and_then(|text| text.parse::<u32>().ok()).expect("a number");
    assert_eq!((after[0]["UID"].clone(), &after[0]["STATUS"]), (own[0]["UID"].clone(), &json!("CANCELLED")));
    assert!(sequence(&after[0]) > sequence(&own[0]));

    let secret = link.split_once("token=").expect("a token").1;
    let by_it = ask(&server, Some(secret), Method::GET, &path, None).await;
    assert_eq!(refused(by_it).await.0, 401, "it is no token for anything else");
    let door = format!("/api/registrations/{registration}/check-in");
    for path in [door.clone(), format!("{door}.svg")] {
        assert_eq!(refused(ask(&server, None, Method::GET, &path, None).await).await.0, 401);
    }
    assert_eq!(turned_away(&server, 3).await, ["UNAUTHENTICATED"; 3], "who may not look is in the audit, and what is not there is not");
    ada.mutate("accessTokenRevoke", json!({ "accessTokenId": feed["id"] }), "revoked").await;
    assert_eq!(refused(ask(&server, None, Method::GET, &link, None).await).await, (404, "NOT_FOUND".to_owned()));
    assert!(!server.printed().contains(secret), "it is in the log");
    server.stop();
}

async fn the_calendar_of_a_run_by_code_is_there_for_who_may_see_the_run(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let (grace, ada) = (Person::with_role(&server, "grace", "organiser").await, Person::register(&server, "ada").await);
    let run = published_with(&grace, 1, 0, &json!({ "visibility": "CODE" })).await;
    grace.mutate("discountCreate", json!({ "runId": run, "code": "FRIENDS", "admits": true }), "stale").await;
    let path = format!("/api/runs/{run}/calendar.ics");
    let nobodys = format!("/api/runs/run_{}/calendar.ics", "0".repeat(32));
    let absent = ask(&server, None, Method::GET, &nobodys, None).await.text().await.expect("a body");
    let (hers, organisers) = (Some(ada.tokens.access.as_str()), Some(grace.tokens.access.as_str()));
    for token in [None, hers] {
        for path in [path.clone(), format!("{path}?code="), format!("{path}?code=STRANGERS")] {
            let response = ask(&server, token, Method::GET, &path, None).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
            assert_eq!(response.text().await.expect("a body"), absent, "as what was never there");
        }
    }
    let twice = ask(&server, None, Method::GET, &format!("{path}?code=FRIENDS&code=FRIENDS"), None).await;
    assert_eq!(refused(twice).await, (400, "BAD_USER_INPUT".to_owned()));
    let uid = json!(format!("{run}@nalabo"));
    for (token, path) in [(None, format!("{path}?code=friends")), (organisers, path.clone())] {
        assert_eq!(read(&text(&server, token, &path).await)[0]["UID"], uid);
    }
    let input = json!({ "runId": run, "ticket": "seat", "code": "FRIENDS" });
    ada.mutate("registrationRequest", input, "registration { id }").await;
    assert_eq!(read(&text(&server, hers, &path).await)[0]["UID"], uid, "who is registered needs no code");
    server.stop();
}
