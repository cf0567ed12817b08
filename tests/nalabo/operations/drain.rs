//! How a server ends.

use std::time::Duration;

use nalabo::client::ClientError;
use serde_json::{Value, json};

use crate::{
    authoring::{checked, publish, reading},
    lesson::Lesson,
    people::Person,
    site::{PATIENCE, Server, Site},
};

/// What orchestrators of containers usually grant is 30 s.
const GRANTED: Duration = Duration::from_secs(25);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_told_to_end_finishes_what_it_began() {
    let site = Site::new();
    let mut server = site.serve();
    let author = Person::with_role(&server, "author", "author").await;
    let workshop = publish(&author, "checked", checked(&[("slow", "sleep 1; exit 0")])).await;
    let kit = Person::register(&server, "kit").await;
    let lesson = Lesson::start(&kit, &workshop).await;
    let environment = lesson.environment().await;
    let mut terminal = lesson.terminal(&environment).await.expect("a terminal");
    let mut changes = lesson.changes().await;
    changes.next().await.expect("told");

    let writers: Vec<_> = (0..4).map(|writer| tokio::spawn(write_until_refused(author.clone(), writer))).collect();
    let check = tokio::spawn(async move { lesson.check("slow").await });
    wait_for_drafts(&author, 8).await;
    server.terminate();
    let (closed, hung_up) = tokio::join!(
        async {
            loop {
                if let Err(end) = tokio::time::timeout(PATIENCE, changes.next()).await.expect("the subscription ends") {
                    return end.close_code();
                }
            }
        },
        async {
            loop {
                if let Err(end) = tokio::time::timeout(PATIENCE, terminal.receive()).await.expect("the terminal ends") {
                    return end.close_code();
                }
            }
        }
    );
    assert_eq!((closed, hung_up), (Some(1001), Some(1001)));
    let mut acknowledged = Vec::new();
    for writer in writers {
        acknowledged.extend(writer.await.expect("no panic"));
    }
    assert!(check.await.expect("no panic").0, "the check that ran was finished and answered");
    let (status, took) = server.wait();
    assert_eq!(status.code(), Some(0), "{}", server.printed());
    assert!(took < GRANTED, "it took {took:?}");
    drop(server);

    let events = site.events();
    for slug in &acknowledged {
        let drafted = events.iter().filter(|event| event["payload"]["Drafted"]["slug"] == slug.as_str()).count();
        assert_eq!(drafted, 1, "{slug}");
    }
    assert!(events.iter().any(|event| event["type"] == "StepCheckPassed"));
    environments_end_with_what_was_left(&site).await;
}

/// Drafts one workshop after the other; the slugs of those that were acknowledged.
async fn write_until_refused(author: Person, writer: usize) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        let slug = format!("w{writer}-{number}");
        let input = json!({ "slug": slug, "content": reading(1, 1) });
        match author.client.mutate("workshopDraft", input, "workshop { id }").await {
            Ok(_) => acknowledged.push(slug),
            // No more connections, or one that was waiting is closed.
            Err(ClientError::Http(_)) => break,
            Err(error) => panic!("{slug}: {error}"),
        }
    }
    acknowledged
}

async fn wait_for_drafts(author: &Person, count: u64) {
    let mut drafts = 0;
    while drafts < count {
        let data = author.query("{ workshops(first: 50, filter: { state: DRAFT }) { totalCount } }", Value::Null).await;
        drafts = data["workshops"]["totalCount"].as_u64().expect("a count");
    }
}

/// What a learner had when the server ended is there again, or gone, but nothing in between.
async fn environments_end_with_what_was_left(site: &Site) {
    let server: Server = site.serve();
    let kit = Person::sign_in(&server, "kit@example.org", crate::people::PASSWORD).await;
    let data = kit.query("{ sessions { nodes { id } } }", Value::Null).await;
    let lesson = Lesson { person: kit, session: crate::people::text(&data["sessions"]["nodes"][0]["id"]) };
    lesson.person.mutate("sessionAbandon", json!({ "sessionId": lesson.session }), "session { status }").await;
    lesson.gone().await;
    server.stop();
    assert!(crate::site::files_in(&site.path().join("sandboxes")).is_empty(), "nothing is left of its sandbox");
}
