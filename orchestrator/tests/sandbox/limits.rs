//! Learners who take more than their share.

use std::time::Duration;

use domain::kernel::{Mebibytes, Seconds};
use orchestrator::driver::{Observed, ScriptEnd, ScriptRun};

use crate::{
    driver_contract::{
        DEADLINE, check, eventually, fall, quoted, run, solution, spec, stand, succeed,
        terminals::{SIZE, keys, until},
    },
    fixture,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_bomb_in_a_terminal_burns_out() {
    let Some(fixture) = fixture::sandbox().await else { return };
    let (bombed, other) = (spec(), spec());
    stand(&fixture.driver, &bombed).await;
    stand(&fixture.driver, &other).await;
    let mut terminal = fixture.driver.terminal(bombed.id, SIZE).await.expect("a terminal");
    keys(&terminal, "bomb() { bomb | bomb & }; echo arm''ed; bomb\n").await;
    until(&mut terminal, "armed").await;
    // While it lasts: the others and the checks of this one are served.
    succeed(&fixture.driver, other.id, &solution("ls | cat")).await;
    succeed(&fixture.driver, bombed.id, &check("ls | cat")).await;
    let over = tokio::time::timeout(DEADLINE, async {
        while run(&fixture.driver, bombed.id, &check("(( $(pgrep -c bash) < 10 ))")).await.end != ScriptEnd::Exited(0) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    over.await.expect("the bomb burns out");
    assert_eq!(fixture.driver.observe(bombed.id).await.expect("seen"), Observed::Running);
    let mut again = fixture.driver.terminal(bombed.id, SIZE).await.expect("a terminal");
    keys(&again, "echo use''able\n").await;
    until(&mut again, "useable").await;
    fall(&fixture.driver, bombed.id).await;
    fall(&fixture.driver, other.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_are_counted_for_the_environment_alone() {
    let Some(fixture) = fixture::sandbox().await else { return };
    let mut spec = spec();
    spec.needs.processes = 20;
    stand(&fixture.driver, &spec).await;
    let script = "for i in {1..15}; do sleep 60 & done; kill $(jobs -p)";
    succeed(&fixture.driver, spec.id, &solution(script)).await;
    let script = ScriptRun { timeout: Duration::from_secs(2), ..solution("for i in {1..40}; do sleep 60 & done; echo started all") };
    let outcome = run(&fixture.driver, spec.id, &script).await;
    assert!(!outcome.tail.contains("started all") && outcome.tail.contains("Resource temporarily unavailable"), "{outcome:?}");
    fall(&fixture.driver, spec.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_are_small_alone_and_too_large_together_are_killed() {
    let Some(fixture) = fixture::sandbox().await else { return };
    let mut spec = spec();
    spec.needs.memory = Mebibytes(128);
    stand(&fixture.driver, &spec).await;
    // Eight times 40 MiB; each waits for its end in turn.
    let hog =
        "for i in {1..8}; do bash -c 'x=$(head -c 20000000 /dev/zero | tr \"\\0\" a); y=$x; sleep 60; : $x $y' & done; wait; echo over";
    succeed(&fixture.driver, spec.id, &solution(&format!("setsid bash -c {} >/dev/null 2>&1 &", quoted(hog)))).await;
    eventually(&fixture.driver, spec.id, "(( $(pgrep -xc sleep) >= 1 ))").await;
    let resident = "
        total=0
        for status in /proc/[0-9]*/status; do
          while read -r name value _; do [[ $name == RssAnon: ]] && (( total += value )); done < $status
        done 2>/dev/null
        (( total > 0 && total < 128 * 1024 )) && (( $(pgrep -xc sleep) < 8 )) && ! pgrep -x tr";
    eventually(&fixture.driver, spec.id, resident).await;
    assert_eq!(fixture.driver.observe(spec.id).await.expect("seen"), Observed::Running);
    succeed(&fixture.driver, spec.id, &solution("ls | cat")).await;
    fall(&fixture.driver, spec.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_in_files_without_a_name_counts() {
    let Some(fixture) = fixture::sandbox().await else { return };
    let mut spec = spec();
    spec.needs.memory = Mebibytes(64);
    spec.needs.programs = vec!["perl".to_owned()];
    stand(&fixture.driver, &spec).await;
    // memfd_create by its number on the architectures this is likely to run on.
    let hog = r#"
        my $call = `uname -m` =~ /x86_64/ ? 319 : 279;
        my @kept;
        for (1..40) {
            my $name = "kept";
            my $fd = syscall($call, $name, 0);
            die "memfd: $!" if $fd < 0;
            open(my $file, "+<&=", $fd) or die $!;
            syswrite($file, "x" x 8_000_000);
            push @kept, $file;
            select(undef, undef, undef, 0.05);
        }
        print "kept all\n";"#;
    let outcome = run(&fixture.driver, spec.id, &solution(&format!("perl -e {}", quoted(hog)))).await;
    assert_eq!(outcome.end, ScriptEnd::Exited(137), "{}", outcome.tail);
    fall(&fixture.driver, spec.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_gets_no_more_than_the_memory() {
    let Some(fixture) = fixture::sandbox().await else { return };
    let mut spec = spec();
    spec.needs.memory = Mebibytes(64);
    stand(&fixture.driver, &spec).await;
    let outcome = run(&fixture.driver, spec.id, &solution("x=$(head -c 300000000 /dev/zero | tr '\\0' a); echo got ${#x}")).await;
    assert!(!outcome.tail.contains("got 300000000"), "{outcome:?}");
    fall(&fixture.driver, spec.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_writable_place_is_limited() {
    let Some(fixture) = fixture::sandbox().await else { return };
    let mut spec = spec();
    spec.needs.disk = Mebibytes(8);
    stand(&fixture.driver, &spec).await;
    let filler = "
        for place in ~ /tmp /dev/shm; do
          for i in {1..100}; do head -c 4000000 /dev/zero > $place/$i 2>/dev/null || break; done
          (( i < 100 )) || { echo $place took 400 MB; exit 1; }
          rm -f $place/*
        done";
    succeed(&fixture.driver, spec.id, &solution(filler)).await;
    let check_filler = "for i in {1..100}; do head -c 4000000 /dev/zero > $TMPDIR/$i 2>/dev/null || exit 0; done; exit 1";
    succeed(&fixture.driver, spec.id, &check(check_filler)).await;
    // Nothing else takes a byte: what is mounted read-write is what was filled above, and the kernel's own.
    let writable = "find / -xdev -writable -type d 2>/dev/null | head; findmnt -rn -o TARGET,OPTIONS,FSTYPE | grep -E ' rw' | grep -vE '^/(home/learner|tmp|dev/shm|proc|dev/pts|dev/(null|zero|full|random|urandom|tty)) '";
    let listed = run(&fixture.driver, spec.id, &solution(writable)).await.tail;
    assert_eq!(listed.lines().filter(|line| line.contains(" rw")).collect::<Vec<_>>(), Vec::<&str>::new(), "{listed}");
    fall(&fixture.driver, spec.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_files_is_limited() {
    let Some(fixture) = fixture::sandbox().await else { return };
    let mut spec = spec();
    spec.needs.disk = Mebibytes(8);
    stand(&fixture.driver, &spec).await;
    let script =
        "for place in ~ /tmp /dev/shm; do ! (cd $place && seq 1 20000 | xargs touch) 2>/dev/null || { echo $place; exit 1; }; done";
    succeed(&fixture.driver, spec.id, &solution(script)).await;
    fall(&fixture.driver, spec.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_burns_its_time_is_stopped() {
    let Some(fixture) = fixture::sandbox().await else { return };
    let mut spec = spec();
    spec.needs.cpu = Seconds(1);
    stand(&fixture.driver, &spec).await;
    let outcome = run(&fixture.driver, spec.id, &solution("bash -c 'while :; do :; done'; echo status $?")).await;
    assert!(outcome.tail.contains("status 137") || outcome.tail.contains("status 152"), "{outcome:?}");
    fall(&fixture.driver, spec.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_cannot_be_raised() {
    let Some(fixture) = fixture::sandbox().await else { return };
    let spec = spec();
    stand(&fixture.driver, &spec).await;
    let script = "for limit in u d v t f n; do ! ulimit -$limit unlimited 2>/dev/null || { echo $limit; exit 1; }; done";
    succeed(&fixture.driver, spec.id, &solution(script)).await;
    fall(&fixture.driver, spec.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn system_v_shared_memory_is_limited() {
    let Some(fixture) = fixture::sandbox().await else { return };
    let mut spec = spec();
    spec.needs.memory = Mebibytes(64);
    stand(&fixture.driver, &spec).await;
    let limit = succeed(&fixture.driver, spec.id, &solution("cat /proc/sys/kernel/shmall")).await;
    if limit.trim().len() > 9 {
        fixture::not_tested("this kernel does not let a user namespace limit its shared memory");
    } else {
        let script = "ipcmk -M 10000000 && ! ipcmk -M 10000000";
        succeed(&fixture.driver, spec.id, &solution(script)).await;
    }
    fall(&fixture.driver, spec.id).await;
}
