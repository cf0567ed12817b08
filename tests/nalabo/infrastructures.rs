//! Clusters by the REST routes.

use commands::authorization::{Needs, acts, reads};
use domain::identity::Permission;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::{
    clusters::{register, serve, simulator},
    people::Person,
    site::{PATIENCE, Server, Site},
};

const ALL: &str = "/api/admin/infrastructures";
const USAGE: &str = "/api/admin/resources/usage";
const SECRET: &str = "s3cret-that-nobody-repeats";

/// Somebody at the routes, or nobody.
struct Caller<'a> {
    server: &'a Server,
    token: Option<String>,
}

impl Caller<'_> {
    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Response {
        let mut request = reqwest::Client::new().request(method, format!("http://{}{path}", self.server.address));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        request.send().await.expect("an answer")
    }

    async fn done(&self, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        let response = self.send(method, path, body).await;
        let status = response.status();
        let text = response.text().await.expect("a body");
        assert!(status.is_success(), "{status}: {text}");
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    /// Status, code and field of what went wrong, and what is said of it.
    async fn problem(&self, method: Method, path: &str, body: Option<&Value>) -> ((u16, String, Value), String) {
        let response = self.send(method, path, body).await;
        let status = response.status();
        assert_eq!(response.headers()["content-type"], "application/problem+json", "{path}: {status}");
        assert_eq!(response.headers().contains_key("www-authenticate"), status == StatusCode::UNAUTHORIZED);
        let problem: Value = response.json().await.expect("JSON");
        assert_eq!((&problem["type"], &problem["status"]), (&json!("about:blank"), &json!(status.as_u16())));
        assert!(!problem.to_string().contains(SECRET), "{problem}");
        let text = |name: &str| problem[name].as_str().unwrap_or_else(|| panic!("no {name}: {problem}")).to_owned();
        assert_eq!(text("title"), status.canonical_reason().expect("a known status"));
        ((status.as_u16(), text("code"), problem["field"].clone()), text("detail"))
    }
}

fn wrong(status: u16, code: &str, field: impl Into<Value>) -> (u16, String, Value) {
    (status, code.to_owned(), field.into())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_is_managed_by_the_routes_from_its_registration_to_its_removal() {
    let (site, simulator) = (Site::new(), simulator());
    let server = serve(&site);
    let administrator = Person::administrator(&server).await;
    let caller = Caller { server: &server, token: Some(administrator.tokens.access.clone()) };
    assert_eq!(caller.done(Method::GET, ALL, None).await, (StatusCode::OK, json!({ "items": [] })));
    let access =
        |token: &str| json!({ "token": { "server": simulator.url(), "token": token, "certificateAuthority": simulator.ca_pem() } });
    let new = json!({ "name": "first", "labels": { "region": "here" }, "limit": 7, "access": access(simulator.admin_token()) });
    let (status, made) = caller.done(Method::POST, ALL, Some(&new)).await;
    assert_eq!((status, &made["name"], &made["credentials"]["version"]), (StatusCode::CREATED, &json!("first"), &json!(1)), "{made}");
    assert!(!made.to_string().contains(simulator.admin_token()), "{made}");
    let one = format!("{ALL}/{}", made["id"].as_str().expect("an id"));
    let (_, listed) = caller.done(Method::GET, ALL, None).await;
    assert_eq!(listed["items"], json!([made]));

    let (_, report) = caller.done(Method::POST, &format!("{one}/test"), None).await;
    assert_eq!((&report["isUsable"], &report["failures"]), (&json!(true), &json!([])), "{report}");
    let token = simulator.token_for("another", &["system:masters"]);
    let revised = json!({ "name": "renamed", "weight": 9, "access": access(&token) });
    let (_, changed) = caller.done(Method::PUT, &one, Some(&revised)).await;
    let expected = (&json!("renamed"), &json!(9), &Value::Null, &json!(2));
    assert_eq!((&changed["name"], &changed["weight"], &changed["limit"], &changed["credentials"]["version"]), expected, "{changed}");
    simulator.revoke(&token);
    let (_, report) = caller.done(Method::POST, &format!("{one}/test"), None).await;
    assert_eq!((&report["isUsable"], &report["failures"][0]["point"]), (&json!(false), &json!("reachable")), "{report}");
    assert_eq!(caller.done(Method::DELETE, &one, None).await.0, StatusCode::NO_CONTENT);
    let (problem, _) = caller.problem(Method::POST, &format!("{one}/test"), None).await;
    assert_eq!(problem, wrong(404, "CLUSTER_NOT_FOUND", "id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_a_problem_that_names_the_field_and_repeats_no_secret() {
    let (site, simulator) = (Site::new(), simulator());
    let server = serve(&site);
    let administrator = Person::administrator(&server).await;
    let caller = Caller { server: &server, token: Some(administrator.tokens.access.clone()) };
    let access =
        |token: &str| json!({ "token": { "server": simulator.url(), "token": token, "certificateAuthority": simulator.ca_pem() } });
    let first = json!({ "name": "first", "access": access(simulator.admin_token()) });
    let (_, made) = caller.done(Method::POST, ALL, Some(&first)).await;
    let one = format!("{ALL}/{}", made["id"].as_str().expect("an id"));
    let bad = [
        (json!({ "name": "second", "access": { "token": SECRET } }), wrong(400, "BAD_USER_INPUT", "access.token")),
        (json!({ "name": "second", "access": SECRET }), wrong(400, "BAD_USER_INPUT", "access")),
        (json!({ "name": "second" }), wrong(400, "BAD_USER_INPUT", "body")),
        (json!({ "name": "second", "weigth": 1, "access": access(SECRET) }), wrong(400, "BAD_USER_INPUT", "weigth")),
        (json!({ "name": "First", "access": access(SECRET) }), wrong(422, "NAME_INVALID", "name")),
        (json!({ "name": "second", "weight": 0, "access": access(SECRET) }), wrong(422, "WEIGHT_INVALID", "weight")),
        (json!({ "name": "second", "access": access(SECRET) }), wrong(422, "NOT_USABLE", "access")),
        (json!({ "name": "second", "access": { "kubeconfig": { "text": SECRET } } }), wrong(422, "ACCESS_INVALID", "access")),
        (json!({ "name": "first", "access": access(simulator.admin_token()) }), wrong(409, "NAME_TAKEN", "name")),
    ];
    for (body, expected) in bad {
        let (problem, detail) = caller.problem(Method::POST, ALL, Some(&body)).await;
        assert_eq!(problem, expected, "{detail}");
    }
    let (problem, detail) = caller.problem(Method::POST, ALL, Some(&json!({ "access": access(SECRET) }))).await;
    assert!(problem.0 == 400 && detail.contains("missing field `name`"), "{detail}");
    let (problem, _) = caller.problem(Method::DELETE, &format!("{one}?force=maybe"), None).await;
    assert_eq!(problem, wrong(400, "BAD_USER_INPUT", "force"));
    let (problem, _) = caller.problem(Method::DELETE, &format!("{ALL}/cls_1"), None).await;
    assert_eq!(problem, wrong(400, "BAD_USER_INPUT", "id"));
    let (problem, _) = caller.problem(Method::POST, ALL, None).await;
    assert_eq!(problem, wrong(415, "BAD_USER_INPUT", "Content-Type"));
    let (problem, _) = caller.problem(Method::POST, ALL, Some(&json!("x".repeat(300_000)))).await;
    assert_eq!(problem, wrong(413, "BAD_USER_INPUT", "body"));

    let learner = Person::register(&server, "learner").await;
    let nobody = Caller { server: &server, token: None };
    let stranger = Caller { server: &server, token: Some("made up".into()) };
    let learner = Caller { server: &server, token: Some(learner.tokens.access) };
    for (caller, status, code) in [(nobody, 401, "UNAUTHENTICATED"), (stranger, 401, "UNAUTHENTICATED"), (learner, 403, "FORBIDDEN")] {
        for (method, path, body) in [
            (Method::GET, ALL.to_owned(), None),
            (Method::POST, ALL.to_owned(), Some(&first)),
            (Method::PUT, one.clone(), Some(&first)),
            (Method::DELETE, one.clone(), None),
            (Method::POST, format!("{one}/test"), None),
            (Method::GET, USAGE.to_owned(), None),
        ] {
            assert_eq!(caller.problem(method, &path, body).await.0, wrong(status, code, Value::Null), "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_is_told_by_the_route_as_by_the_other_api() {
    let (site, simulator) = (Site::new(), simulator());
    let server = serve(&site);
    let administrator = Person::administrator(&server).await;
    let id = register(&administrator, "first", &simulator).await;
    let caller = Caller { server: &server, token: Some(administrator.tokens.access.clone()) };
    let from = (chrono::Utc::now() - chrono::TimeDelta::hours(1)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let path = format!("{USAGE}?infrastructureId={id}&from={from}&step=3600");
    let began = std::time::Instant::now();
    let step = loop {
        let (_, told) = caller.done(Method::GET, &path, None).await;
        if let Some(step) = told["items"].as_array().expect("items").last().cloned() {
            break step;
        }
        assert!(began.elapsed() < PATIENCE, "nothing was measured: {told}");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    };
    let query = "query($id: ID!, $from: DateTime!) { resourceUsage(clusterId: $id, from: $from, step: 3600) { cpuAllocatable pods } }";
    let same = administrator.query(query, json!({ "id": id, "from": from })).await["resourceUsage"].clone();
    let same = same.as_array().and_then(|steps| steps.last()).expect("a step");
    assert_eq!((&step["cpu"]["allocatable"], &step["pods"]["used"]), (&same["cpuAllocatable"], &same["pods"]), "{step}");
    assert_eq!(step["cpu"]["allocatable"], 96_000, "three nodes of 32 processors");

    for (query, field) in [
        (String::new(), "query"),
        ("?from=yesterday".to_owned(), "query"),
        (format!("?from={from}&until={from}"), "query"),
        (format!("?from={from}&infrastructureId=first"), "infrastructureId"),
        (format!("?from={from}&step=7"), "step"),
        (format!("?from={from}&to=2020-01-01T00:00:00Z"), "from"),
    ] {
        let (problem, detail) = caller.problem(Method::GET, &format!("{USAGE}{query}"), None).await;
        assert_eq!(problem, wrong(400, "BAD_USER_INPUT", field), "{detail}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_describes_the_routes_that_there_are() {
    let site = Site::new();
    let server = site.serve();
    let administrator = Person::administrator(&server).await;
    let caller = Caller { server: &server, token: Some(administrator.tokens.access.clone()) };
    let (_, document) = caller.done(Method::GET, "/api/openapi.json", None).await;
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")), "{document}");
    assert_eq!(document["components"]["securitySchemes"]["accessToken"]["scheme"], "bearer");
    let paths = document["paths"].as_object().expect("paths");
    let (mut operations, mut needing) = (Vec::new(), Vec::new());
    for (path, item) in paths {
        let there = path.replace("{id}", "cls_1");
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            let name = method.as_str().to_lowercase();
            let is_described = item.get(&name).is_some();
            let status = caller.send(method.clone(), &there, None).await.status();
            assert_eq!(status == StatusCode::METHOD_NOT_ALLOWED, !is_described, "{name} {path}: {status}");
            if is_described {
                let operation = &item[&name];
                match (operation["x-needs"].as_str(), operation["x-public"].as_str()) {
                    (Some(needs), None) => needing.push((method, path.clone(), needs.to_owned())),
                    (None, Some(_)) => {}
                    other => panic!("{name} {path} needs {other:?}"),
                }
                operations.push(format!("{name} {path}"));
            }
        }
    }
    operations.sort();
    let expected = [
        "delete /api/admin/infrastructures/{id}",
        "delete /api/guest/registration",
        "get /.well-known/jwks.json",
        "get /api/account/export",
        "get /api/admin/audit",
        "get /api/admin/infrastructures",
        "get /api/admin/resources/usage",
        "get /api/avatars/{id}",
        "get /api/calendar.ics",
        "get /api/guest/calendar.ics",
        "get /api/guest/check-in.svg",
        "get /api/guest/registration",
        "get /api/registrations",
        "get /api/registrations/{id}/calendar.ics",
        "get /api/registrations/{id}/check-in",
        "get /api/registrations/{id}/check-in.svg",
        "get /api/runs",
        "get /api/runs/{id}/calendar.ics",
        "post /api/account/calendar-feeds",
        "post /api/admin/infrastructures",
        "post /api/admin/infrastructures/{id}/test",
        "post /api/check-ins",
        "post /api/guest/erasure",
        "post /api/guest/offer",
        "post /api/guest/payment",
        "post /api/guest/registration",
        "post /api/guest/transfer",
        "post /api/payments/{provider}/messages",
        "post /api/registrations/{id}/payment",
        "put /api/account/avatar",
        "put /api/admin/infrastructures/{id}",
    ];
    assert_eq!(operations, expected);
    whoever_may_not_is_refused(&server, needing).await;
}

/// Of what routes say that they need, nobody and somebody who may learn alone are refused what they lack.
async fn whoever_may_not_is_refused(server: &Server, needing: Vec<(Method, String, String)>) {
    let learner = Person::register(server, "learner").await;
    let (nobody, learner) = (Caller { server, token: None }, Caller { server, token: Some(learner.tokens.access) });
    for (method, path, needs) in needing {
        let act = acts::ALL.iter().chain(reads::ALL).find(|act| act.name == needs).unwrap_or_else(|| panic!("{path}: what is {needs}?"));
        let prefix = if path.contains("/registrations/") { "reg" } else { "cls" };
        let there = path.replace("{id}", &format!("{prefix}_{}", "0".repeat(32)));
        let is_a_look = method == Method::GET;
        for (caller, refused) in [(&nobody, refusal(act.needs, false)), (&learner, refusal(act.needs, true))] {
            let Some(refused) = refused else { continue };
            let status = caller.send(method.clone(), &there, None).await.status();
            // What else is wrong with a change may be told first.
            assert!(status == refused || (!is_a_look && status.is_client_error()), "{method} {path}: {status}");
        }
    }
}

/// How whoever asks is refused what needs this: nobody, or somebody who may learn alone.
fn refusal(needs: Needs, is_learner: bool) -> Option<StatusCode> {
    match needs {
        Needs::Nothing => None,
        _ if !is_learner => Some(StatusCode::UNAUTHORIZED),
        Needs::Person | Needs::OwnOr(_) | Needs::Permission(Permission::Learn) => None,
        Needs::OneOf(permissions) if permissions.contains(&Permission::Learn) => None,
        Needs::Permission(_) | Needs::PermissionWithin(_) | Needs::OneOf(_) | Needs::Program => Some(StatusCode::FORBIDDEN),
    }
}
