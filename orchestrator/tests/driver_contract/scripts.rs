//! Checks and solutions.

use std::{sync::Arc, time::Duration};

use orchestrator::driver::{Driver, ScriptEnd, ScriptRun};

use super::{check, eventually, fall, run, solution, spec, stand, succeed};

pub(crate) async fn the_status_is_the_scripts(driver: Arc<dyn Driver>) {
    let spec = spec();
    stand(&driver, &spec).await;
    for make in [check, solution] {
        assert_eq!(run(&driver, spec.id, &make("true")).await.end, ScriptEnd::Exited(0));
        assert_eq!(run(&driver, spec.id, &make("exit 7; echo never")).await.end, ScriptEnd::Exited(7));
        assert_eq!(run(&driver, spec.id, &make("set -e; false; exit 0")).await.end, ScriptEnd::Exited(1));
        assert_eq!(run(&driver, spec.id, &make("kill -9 $$")).await.end, ScriptEnd::Signalled(9));
        let broken = run(&driver, spec.id, &make("true\nif ; then")).await;
        assert!(matches!(broken.end, ScriptEnd::Exited(status) if status != 0) && broken.tail.contains("line 2"), "{broken:?}");
    }
    fall(&driver, spec.id).await;
}

pub(crate) async fn arguments_input_and_environment_are_plain(driver: Arc<dyn Driver>) {
    let spec = spec();
    stand(&driver, &spec).await;
    let script = r#"echo "$1|$2|$#"; pwd; cat; echo "$HOME $PATH $LANG""#;
    let expected = "a b|c'd|2\n/home/learner\n/home/learner /usr/local/bin:/usr/bin:/bin C.UTF-8\n";
    for make in [check, solution] {
        let with = ScriptRun { arguments: vec!["a b".to_owned(), "c'd".to_owned()], ..make(script) };
        assert_eq!(succeed(&driver, spec.id, &with).await, expected);
    }
    fall(&driver, spec.id).await;
}

pub(crate) async fn output_is_kept_by_its_end_and_its_digest(driver: Arc<dyn Driver>) {
    let spec = spec();
    stand(&driver, &spec).await;
    let outcome = run(&driver, spec.id, &check("printf abc; printf '' >&2")).await;
    assert_eq!(outcome.digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    let outcome = run(&driver, spec.id, &check("for i in {1..5000}; do echo out $i; done; echo last >&2")).await;
    assert!(outcome.tail.len() <= 4096 && outcome.tail.ends_with("out 5000\nlast\n"), "{}", outcome.tail);
    fall(&driver, spec.id).await;
}

pub(crate) async fn a_long_script_is_run_whole(driver: Arc<dyn Driver>) {
    let spec = spec();
    stand(&driver, &spec).await;
    let script = format!("{}\necho end", "# a comment that fills a pipe\n".repeat(10_000));
    assert_eq!(succeed(&driver, spec.id, &check(&script)).await, "end\n");
    fall(&driver, spec.id).await;
}

pub(crate) async fn time_runs_out_for_the_whole_tree(driver: Arc<dyn Driver>) {
    let spec = spec();
    stand(&driver, &spec).await;
    let script = "setsid sleep 1001 & (sleep 1002 & sleep 1003) & sleep 1004";
    for make in [check, solution] {
        let limited = ScriptRun { timeout: Duration::from_millis(700), ..make(script) };
        assert_eq!(run(&driver, spec.id, &limited).await.end, ScriptEnd::TimedOut);
        eventually(&driver, spec.id, "! pgrep -f 'sleep 100[234]'").await;
    }
    fall(&driver, spec.id).await;
}

pub(crate) async fn a_flood_of_output_is_cut(driver: Arc<dyn Driver>) {
    let spec = spec();
    stand(&driver, &spec).await;
    for make in [check, solution] {
        let limited = ScriptRun { output_limit: 10_000, ..make("yes") };
        assert_eq!(run(&driver, spec.id, &limited).await.end, ScriptEnd::OutputLimit);
        eventually(&driver, spec.id, "! pgrep -x yes").await;
    }
    fall(&driver, spec.id).await;
}

pub(crate) async fn what_a_check_leaves_behind_is_killed(driver: Arc<dyn Driver>) {
    let spec = spec();
    stand(&driver, &spec).await;
    let script = "setsid sleep 2001 & nohup sleep 2002 & (trap '' TERM HUP; sleep 2003) & learner sleep 2004 & disown -a; echo done";
    assert_eq!(succeed(&driver, spec.id, &check(script)).await, "done\n");
    succeed(&driver, spec.id, &check("! pgrep -f 'sleep 200[1-4]'")).await;
    fall(&driver, spec.id).await;
}

pub(crate) async fn a_check_sees_what_the_learner_runs(driver: Arc<dyn Driver>) {
    let spec = spec();
    stand(&driver, &spec).await;
    let server = r#"
        echo served > page
        setsid bash -c 'exec -a learners-server sleep 3001' >/dev/null 2>&1 &
        echo "learner's own" > /tmp/note
    "#;
    succeed(&driver, spec.id, &solution(server)).await;
    eventually(&driver, spec.id, "pgrep -f learners-server").await;
    assert_eq!(succeed(&driver, spec.id, &check("cat page /tmp/note")).await, "served\nlearner's own\n");
    fall(&driver, spec.id).await;
}

pub(crate) async fn a_check_reaches_the_learners_server(driver: Arc<dyn Driver>) {
    let mut spec = spec();
    spec.needs.programs = vec!["perl".to_owned()];
    stand(&driver, &spec).await;
    let server = r#"setsid perl -MIO::Socket::INET -e '
        my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 8080, Listen => 5, ReuseAddr => 1) or die $!;
        while (my $c = $s->accept) { print $c "hello\n"; close $c }' &"#;
    succeed(&driver, spec.id, &solution(server)).await;
    eventually(&driver, spec.id, "exec 3<>/dev/tcp/127.0.0.1/8080 && read -r line <&3 && [[ $line == hello ]]").await;
    // Confined code shares the network too.
    succeed(&driver, spec.id, &check("learner bash -c 'exec 3<>/dev/tcp/localhost/8080 && read -r line <&3 && [[ $line == hello ]]'"))
        .await;
    fall(&driver, spec.id).await;
}

pub(crate) async fn scripts_run_side_by_side(driver: Arc<dyn Driver>) {
    let (one, other) = (spec(), spec());
    stand(&driver, &one).await;
    stand(&driver, &other).await;
    let runs = (0..4).flat_map(|number| [(one.id, number), (other.id, number)]).map(|(environment, number)| {
        let driver = Arc::clone(&driver);
        tokio::spawn(async move { run(&driver, environment, &check(&format!("sleep 0.1 & wait; exit {number}"))).await.end })
    });
    let runs: Vec<_> = runs.collect();
    for (place, ended) in runs.into_iter().enumerate() {
        let number = i32::try_from(place / 2).expect("small");
        assert_eq!(ended.await.expect("no panic"), ScriptEnd::Exited(number));
    }
    fall(&driver, one.id).await;
    fall(&driver, other.id).await;
}
