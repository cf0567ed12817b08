//! Checks that misbehave, and learners who would rather not do the work.

use serde_json::Value;

use crate::{
    authoring::{checked, publish},
    lesson::Lesson,
    people::Person,
    site::{Server, Site},
};

const ENDLESS: &str = "while :; do sleep 1; done";
const TALKATIVE: &str = "cat /dev/zero | tr '\\0' x";
/// Half of its processes are not waited for, so that killing the script alone would not do.
const BOMB: &str = "bomb() { bomb | bomb & }; bomb; sleep 3; exit 1";
/// What no learner may find out, nor stand in for.
const SECRET: &str = "# the-answer-is-forty-two\nsleep 1; if ls \"$HOME/done\" > /dev/null 2>&1 && [ \"$(cat \"$HOME/done\")\" = yes ]; then exit 0; fi; exit 1";

async fn lesson(server: &Server) -> (Lesson, String) {
    let author = Person::with_role(server, "author", "author").await;
    let scripts = [("endless", ENDLESS), ("talkative", TALKATIVE), ("bomb", BOMB), ("secret", SECRET), ("calm", "test -e calm")];
    let workshop = publish(&author, "misbehaved", checked(&scripts)).await;
    let lesson = Lesson::start(&Person::register(server, "kit").await, &workshop).await;
    let environment = lesson.environment().await;
    (lesson, environment)
}

#[tokio::test]
async fn checks_that_do_not_end_or_say_too_much_or_multiply_are_stopped() {
    let site = Site::new();
    let server = site.serve();
    let (lesson, environment) = lesson(&server).await;
    let (passed, run) = lesson.check("endless").await;
    assert!(!passed && run["end"] == "TIMED_OUT", "{run}");
    let (passed, run) = lesson.check("talkative").await;
    assert!(!passed && run["end"] == "OUTPUT_LIMIT", "{run}");
    assert!(run["output"].as_str().is_some_and(|output| output.len() <= 4096), "the last 4 KiB are kept");
    let (passed, run) = lesson.check("bomb").await;
    assert!(!passed, "{run}");
    // All of that was contained: the environment and the server go on.
    let mut shell = lesson.shell(&environment).await;
    shell.run("touch calm").await.expect("typed");
    let (passed, run) = lesson.check("calm").await;
    assert!(passed, "{run}");
    server.stop();
}

#[tokio::test]
async fn a_learner_who_multiplies_or_fills_the_disk_harms_nobody_else() {
    let site = Site::new();
    let server = site.serve();
    let (mine, environment) = lesson(&server).await;
    let mut terminal = mine.terminal(&environment).await.expect("a terminal");
    let attack = b"bomb() { bomb | bomb & }; bomb; cat /dev/zero > big; tail /dev/zero\r";
    terminal.send(attack).await.expect("typed");

    // Meanwhile somebody else gets a place, works in it, and passes.
    let other = Person::register(&server, "other").await;
    let workshop = other.query("{ workshop(slug: \"misbehaved\") { id } }", Value::Null).await;
    let theirs = Lesson::start(&other, workshop["workshop"]["id"].as_str().expect("an id")).await;
    let place = theirs.environment().await;
    let mut shell = theirs.shell(&place).await;
    shell.run("touch calm").await.expect("typed");
    let (passed, run) = theirs.check("calm").await;
    assert!(passed, "{run}");
    assert_eq!(server.client().get("/readyz").await.expect("an answer").0, 200);

    drop(terminal);
    mine.person.mutate("sessionAbandon", serde_json::json!({ "sessionId": mine.session }), "session { status }").await;
    mine.gone().await;
}

#[tokio::test]
async fn a_check_is_neither_found_nor_forged() {
    let site = Site::new();
    let server = site.serve();
    let (lesson, environment) = lesson(&server).await;
    let mut shell = lesson.shell(&environment).await;
    // Looks at all processes and files while the check runs. What is looked for is put together where it is used, so
    // that it is not found in the looking.
    let look = "(while [ ! -e stop ]; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2> /dev/null; done > seen) &";
    shell.run(look).await.expect("typed");
    // Stands in for what the check uses.
    let forgery = "mkdir -p bin .local/bin && for name in ls cat test sleep bash; do printf '#!/bin/bash\\necho yes; exit 0\\n' > bin/$name; chmod +x bin/$name; cp bin/$name .local/bin/; done
printf 'ls() { return 0; }\\ncat() { echo yes; }\\nexport -f ls cat\\nPATH=$HOME/bin:$PATH\\nexit 0\\n' > .bash_profile
/bin/cp .bash_profile .bashrc; /bin/cp .bash_profile .profile; /bin/cp .bash_profile .bash_login";
    shell.run(forgery).await.expect("typed");
    let (passed, run) = lesson.check("secret").await;
    assert!(!passed && run["end"] == "EXITED" && run["exitCode"] == 1, "{run}");
    shell.run("touch stop; wait").await.expect("typed");
    let found = shell
        .run("/usr/bin/grep -c forty''-two seen; /usr/bin/grep -rl forty''-two /tmp /var/tmp /run \"$HOME\" /dev/shm 2> /dev/null")
        .await;
    let found = found.expect("typed");
    assert!(found.lines().any(|line| line.trim() == "0"), "{found}");
    assert!(!found.lines().any(|line| line.starts_with('/')), "{found}");
    // Nor does the API tell, nor is the answer taken from anybody.
    let steps = "query($id: ID!) { session(id: $id) { steps { page { checks { name script solution } } } } }";
    let data = lesson.person.query(steps, serde_json::json!({ "id": lesson.session })).await;
    assert!(!data.to_string().contains("forty-two"), "{data}");
    assert_eq!(lesson.person.declined("stepComplete", lesson.at("secret"), "session { id }").await, ["WRONG_RULE"]);

    shell.run("echo yes > done").await.expect("typed");
    let (passed, run) = lesson.check("secret").await;
    assert!(passed, "who does what is asked passes: {run}");
}
