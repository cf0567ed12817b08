//! What becomes of an environment whose server was killed.

use std::time::{Duration, Instant};

use nalabo::client::Shell;
use serde_json::json;

use crate::{
    authoring::{checked, publish},
    engines::{Engine, on_each_engine},
    lesson::Lesson,
    people::{PASSWORD, Person},
    site::{PATIENCE, Server, Site, files_in},
};

on_each_engine! {
    an_environment_that_died_with_its_server_is_made_anew,
}

/// Whether any process of this host was started with `word` among its arguments.
fn is_running(word: &str) -> bool {
    let processes = std::fs::read_dir("/proc").expect("/proc").filter_map(Result::ok);
    let mut arguments = processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    arguments.any(|arguments| arguments.split(|byte| *byte == 0).any(|argument| argument == word.as_bytes()))
}

async fn an_environment_that_died_with_its_server_is_made_anew(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let author = Person::with_role(&server, "author", "author").await;
    let workshop = publish(&author, "free", checked(&[("done", "test -e done")])).await;
    let kit = Person::register(&server, "kit").await;
    let lesson = Lesson::start(&kit, &workshop).await;
    let environment = lesson.environment().await;
    let mut shell = lesson.shell(&environment).await;
    // A number that no other process on this host was given.
    let seconds = format!("{}{}", 7_000_000, std::process::id());
    shell.run(&format!("setsid sleep {seconds} & until pgrep sleep; do sleep 0.1; done")).await.expect("typed");
    assert!(is_running(&seconds));
    server.kill();

    let server = site.serve();
    let kit = Person::sign_in(&server, "kit@example.org", PASSWORD).await;
    let lesson = Lesson { person: kit, ..lesson };
    let mut shell = anew(&lesson, &environment).await;
    assert!(!is_running(&seconds), "what ran before the crash is gone");
    shell.run("touch done").await.expect("typed");
    assert!(lesson.check("done").await.0);
    lesson.person.mutate("sessionAbandon", json!({ "sessionId": lesson.session }), "session { status }").await;
    lesson.gone().await;
    end(server, &site);
}

/// A shell in what is made instead. Until it is noticed that the old one is gone, there is nothing to open.
async fn anew(lesson: &Lesson, environment: &str) -> Shell {
    let began = Instant::now();
    loop {
        let input = json!({ "environmentId": environment });
        let issued = lesson.person.client.mutate("terminalTicketIssue", input, "ticket url").await;
        if let Ok(issued) = issued
            && let (Some(path), Some(ticket)) = (issued["url"].as_str(), issued["ticket"].as_str())
            && let Ok(terminal) = lesson.person.client.terminal(path, ticket).await
            && let Ok(shell) = Shell::begin(terminal).await
        {
            return shell;
        }
        assert!(began.elapsed() < PATIENCE, "there is no terminal again");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn end(server: Server, site: &Site) {
    server.stop();
    assert!(files_in(&site.path().join("sandboxes")).is_empty(), "nothing is left of it");
    let names: Vec<_> = site.events().iter().filter_map(|event| event["type"].as_str().map(ToOwned::to_owned)).collect();
    let lost = names.iter().position(|name| name == "EnvironmentLost").expect("it is recorded that it was lost");
    assert!(names[lost..].iter().any(|name| name == "EnvironmentReady"), "{names:?}");
}
