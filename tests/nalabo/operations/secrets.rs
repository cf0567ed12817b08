//! Canaries: what people and the platform keep to themselves, looked for in everything that is written or printed.

use serde_json::{Value, json};

use crate::{
    authoring::{checked, publish},
    lesson::Lesson,
    people::Person,
    site::{Server, Site, files_in},
};

const EMAIL: &str = "canary.bird@Example.org";
const NAME: &str = "Canary Featherstone";
const PASSWORD: &str = "canary-sings-before-dawn-7c1f";
const OUTPUT: &str = "canary-output-91d3";

#[tokio::test]
async fn secrets_and_personal_data_are_in_no_file_log_or_metric() {
    let site = Site::new();
    // Mails are in the clear, wherever they are written to.
    let outbox = tempfile::tempdir().expect("a folder");
    let directory = outbox.path().display().to_string();
    let server = site.serve_with(&[("NALABO_TELEMETRY__LOG", "debug"), ("NALABO_MAIL__DIRECTORY", &directory)]);
    let author = Person::with_role(&server, "author", "author").await;
    let script = "cat \"$HOME/note\"; exit 1";
    let workshop = publish(&author, "noted", checked(&[("note", script)])).await;
    let input = json!({ "email": EMAIL, "displayName": NAME, "password": PASSWORD, "idempotencyKey": "once" });
    for _ in 0..2 {
        server.client().mutate("accountRegister", input.clone(), "account { id }").await.expect("registered");
    }
    // Mistakes are logged more readily than successes.
    for (email, password) in [(EMAIL, "canary-wrong-55aa"), ("canary.nobody@example.org", PASSWORD)] {
        server.client().sign_in(email, password).await.expect_err("refused");
    }
    let bird = Person::sign_in(&server, EMAIL, PASSWORD).await;
    let traded = json!({ "refreshToken": bird.tokens.refresh });
    let traded = server.client().mutate("tokenRefresh", traded, "accessToken refreshToken").await.expect("traded");
    let lesson = Lesson::start(&bird, &workshop).await;
    let environment = lesson.environment().await;
    let (ticket, path) = lesson.ticket(&environment).await;
    let mut shell = nalabo::client::Shell::begin(bird.client.terminal(&path, &ticket).await.expect("let in")).await.expect("a shell");
    shell.run(&format!("echo {OUTPUT} > note")).await.expect("typed");
    let (_, run) = lesson.check("note").await;
    assert!(run["output"].as_str().is_some_and(|output| output.contains(OUTPUT)), "the learner sees it: {run}");
    let administrator = Person::administrator(&server).await;
    let found = administrator.query("{ accounts(search: \"featherstone\") { nodes { email displayName } } }", Value::Null).await;
    assert_eq!(found["accounts"]["nodes"], json!([{ "email": EMAIL.to_lowercase(), "displayName": NAME }]));

    let canaries = [
        "canary",
        "featherstone",
        &bird.tokens.access,
        &bird.tokens.refresh,
        traded["accessToken"].as_str().expect("a token"),
        traded["refreshToken"].as_str().expect("a token"),
        &ticket,
    ];
    let events = administrator.query("{ events(first: 100) { nodes { payload metadata } } }", Value::Null).await;
    not_in("the API's events", &events.to_string(), &canaries);
    for path in ["/metrics", "/readyz"] {
        not_in(path, &server.client().get(path).await.expect("an answer").1, &canaries);
    }
    files_and_log(&site, server, &canaries);
}

/// Looks while the server runs, with all that is in files beside the databases, and after it has ended.
fn files_and_log(site: &Site, mut server: Server, canaries: &[&str]) {
    let look = |when: &str| {
        let files = files_in(&site.path());
        assert!(files.iter().any(|file| file.ends_with("journal.db")), "{files:?}");
        for file in files {
            let bytes = std::fs::read(&file).unwrap_or_default(); // Files of the database come and go.
            not_in(&format!("{} {when}", file.display()), &String::from_utf8_lossy(&bytes), canaries);
        }
    };
    look("while it runs");
    server.terminate();
    server.wait();
    look("after its end");
    let printed = server.printed();
    assert!(printed.contains("POST"), "requests are logged: {printed}");
    not_in("the log", &printed, canaries);
}

fn not_in(place: &str, text: &str, canaries: &[&str]) {
    let lower = text.to_lowercase();
    for canary in canaries {
        if let Some(at) = lower.find(&canary.to_lowercase()) {
            let around = &lower[lower.floor_char_boundary(at.saturating_sub(120))..lower.ceil_char_boundary(at + 120)];
            panic!("{canary} is in {place}: …{around}…");
        }
    }
}
