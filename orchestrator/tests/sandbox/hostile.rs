//! Learners who look for the check, forge its answer or break what is theirs.

use std::sync::Arc;

use orchestrator::driver::{Observed, ScriptEnd};

use crate::{
    driver_contract::{
        check, eventually, fall, file, run, solution, spec, stand, succeed,
        terminals::{SIZE, keys, until},
    },
    fixture,
};

/// In the check's script and nowhere else.
const SECRET: &str = "SECRET-OF-THE-CHECK";

#[tokio::test(flavor = "multi_thread")]
async fn a_learner_who_watches_every_process_finds_no_check() {
    let Some(fixture) = fixture::sandbox().await else { return };
    let spec = spec();
    stand(&fixture.driver, &spec).await;
    // Looks at whatever appears, and tries to kill, stop and trace all that is not its own.
    let spy = r"
        touch ~/spying
        while :; do
          grep -alsE 'SECRET-OF-THE-CHEC[K]' /proc/[0-9]*/{cmdline,environ} ~/* /tmp/* /dev/shm/* >> ~/found 2>/dev/null
          for place in /proc/[0-9]*; do
            pid=${place#/proc/}
            [[ $pid == $$ || $pid == 1 ]] || kill -STOP $pid 2>/dev/null
          done
          for pid in {1..400}; do [[ $pid == $$ ]] || kill -9 $pid 2>/dev/null; done
          ls /run/check /run/learner >> ~/found 2>/dev/null
        done";
    driver_puts(&fixture, spec.id, "spy", spy).await;
    succeed(&fixture.driver, spec.id, &solution("setsid bash ~/spy >/dev/null 2>&1 &")).await;
    eventually(&fixture.driver, spec.id, "test -e ~/spying").await;
    for _ in 0..5 {
        let script = format!("answer={SECRET}; echo $answer > $TMPDIR/answer; for i in {{1..20}}; do cat $TMPDIR/answer; done; exit 3");
        let outcome = run(&fixture.driver, spec.id, &check(&script)).await;
        assert_eq!(outcome.end, ScriptEnd::Exited(3), "{outcome:?}");
        assert_eq!(outcome.tail.lines().filter(|line| *line == SECRET).count(), 20, "{outcome:?}");
    }
    assert_eq!(succeed(&fixture.driver, spec.id, &check("pgrep -f /spy >/dev/null && cat ~/found")).await, "");
    assert_eq!(fixture.driver.observe(spec.id).await.expect("seen"), Observed::Running);
    fall(&fixture.driver, spec.id).await;
}

async fn driver_puts(fixture: &fixture::Fixture, environment: domain::kernel::EnvironmentId, path: &str, text: &str) {
    fixture.driver.put_files(environment, &[file(path, text)]).await.expect("the file is put");
}

#[tokio::test(flavor = "multi_thread")]
async fn confined_code_neither_sees_nor_touches_the_check_that_runs_it() {
    let Some(fixture) = fixture::sandbox().await else { return };
    let spec = spec();
    stand(&fixture.driver, &spec).await;
    let attack = r"#!/bin/bash
        kill -9 $PPID; kill -9 -1
        grep -alsE 'SECRET-OF-THE-CHEC[K]' /proc/[0-9]*/{cmdline,environ,maps} && echo FOUND
        cat /run/check/* /run/learner/arguments && echo FOUND
        [[ -z $TMPDIR ]] || echo FOUND
        [[ -e /proc/$PPID/mem && $PPID != 1 ]] && echo FOUND
        exit 0";
    driver_puts(&fixture, spec.id, "answer", attack).await;
    let script = format!("answer={SECRET}; echo $answer > $TMPDIR/answer; learner bash ./answer 2>/dev/null; echo check goes on; exit 4");
    let outcome = run(&fixture.driver, spec.id, &check(&script)).await;
    assert_eq!((outcome.end, outcome.tail.as_str()), (ScriptEnd::Exited(4), "check goes on\n"));
    fall(&fixture.driver, spec.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_learner_cannot_trace_a_check() {
    let Some(fixture) = fixture::sandbox().await else { return };
    let mut spec = spec();
    spec.needs.programs = vec!["perl".to_owned()];
    stand(&fixture.driver, &spec).await;
    // PTRACE_ATTACH to every number there may be; a success is written down. Its own process refuses, as do others it cannot see.
    let tracer = r#"open(my $found, ">", "$ENV{HOME}/traced"); $found->autoflush(1); print $found "tracing\n";
        my $call = `uname -m` =~ /x86_64/ ? 101 : 117;
        while (1) { for my $pid (2 .. 1000) { next if $pid == $$; print $found "$pid\n" if syscall($call, 16, $pid, 0, 0) == 0 } }"#;
    driver_puts(&fixture, spec.id, "tracer", tracer).await;
    succeed(&fixture.driver, spec.id, &solution("setsid perl -MIO::Handle ~/tracer >/dev/null 2>&1 &")).await;
    eventually(&fixture.driver, spec.id, "grep -q tracing ~/traced").await;
    for _ in 0..5 {
        assert_eq!(run(&fixture.driver, spec.id, &check("for i in {1..30}; do /bin/true; done; exit 5")).await.end, ScriptEnd::Exited(5));
    }
    assert_eq!(succeed(&fixture.driver, spec.id, &check("cat ~/traced")).await, "tracing\n");
    fall(&fixture.driver, spec.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shadowed_programs_and_start_up_files_do_not_reach_a_check() {
    let Some(fixture) = fixture::sandbox().await else { return };
    let spec = spec();
    stand(&fixture.driver, &spec).await;
    let forge = r"
        mkdir -p ~/bin ~/.local/bin
        for name in grep test cat bwrap learner bash; do
          for place in ~ ~/bin ~/.local/bin /tmp; do printf '#!/bin/sh\nexit 0\n' > $place/$name; chmod +x $place/$name; done
        done
        for name in .bashrc .profile .bash_profile .bash_login .inputrc .bash_env; do echo 'exit 0' > ~/$name; done
        echo 'export PATH=~/bin:$PATH BASH_ENV=~/.bash_env' >> ~/.profile";
    succeed(&fixture.driver, spec.id, &solution(forge)).await;
    let script = "[[ -z $BASH_ENV && $PATH != *home* ]] || exit 90; grep -q absent /etc/passwd && exit 91; learner false && exit 92; bash -c 'exit 93'; exit 6";
    let outcome = run(&fixture.driver, spec.id, &check(script)).await;
    assert_eq!(outcome.end, ScriptEnd::Exited(6), "{outcome:?}");
    fall(&fixture.driver, spec.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_learner_who_kills_everything_keeps_their_sandbox() {
    let Some(fixture) = fixture::sandbox().await else { return };
    let spec = spec();
    stand(&fixture.driver, &spec).await;
    let outcome = run(
        &fixture.driver,
        spec.id,
        &solution("kill -9 -1; for s in HUP INT QUIT TERM USR1 ALRM KILL STOP; do kill -$s 1; done; echo survived"),
    )
    .await;
    assert!(outcome.tail.contains("survived"), "{outcome:?}");
    assert_eq!(fixture.driver.observe(spec.id).await.expect("seen"), Observed::Running);
    let mut terminal = fixture.driver.terminal(spec.id, SIZE).await.expect("a terminal");
    keys(&terminal, "echo still he''re\n").await;
    until(&mut terminal, "still here").await;
    fall(&fixture.driver, spec.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orphans_are_reaped() {
    let Some(fixture) = fixture::sandbox().await else { return };
    let spec = spec();
    stand(&fixture.driver, &spec).await;
    succeed(&fixture.driver, spec.id, &solution("for i in {1..20}; do (setsid sleep 0.01 &); done")).await;
    eventually(&fixture.driver, spec.id, "! grep -l 'State:.Z' /proc/[0-9]*/status").await;
    fall(&fixture.driver, spec.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_level_of_the_learner_is_made_again_around_the_same_home() {
    let Some(fixture) = fixture::sandbox().await else { return };
    let spec = spec();
    stand(&fixture.driver, &spec).await;
    driver_puts(&fixture, spec.id, "kept", "yes").await;
    // From outside its PID namespace, the first process of the learner's level can be killed.
    let end = run(
        &fixture.driver,
        spec.id,
        &check("for p in /proc/[0-9]*; do grep -qE 'NSpid:.*\\s1$' $p/status && [[ $p != /proc/1 ]] && kill -9 ${p#/proc/}; done; true"),
    )
    .await;
    assert_eq!(end.end, ScriptEnd::Exited(0), "{end:?}");
    let broken = tokio::time::timeout(crate::driver_contract::DEADLINE, async {
        while fixture.driver.observe(spec.id).await.expect("seen") != Observed::Partial {
            tokio::task::yield_now().await;
        }
    });
    broken.await.expect("the loss is seen");
    let driver: Arc<_> = fixture.driver.clone();
    driver.apply("sandbox", &spec).await.expect("made again");
    assert_eq!(succeed(&driver, spec.id, &solution("cat kept")).await, "yes");
    fall(&driver, spec.id).await;
}
