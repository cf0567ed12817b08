//! The scripts that run programs in pods, run here: what they promise about processes is between bash and the kernel.

use std::{
    io::Write,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use uuid::Uuid;

use super::{SWEEP, script::SCRIPT};

struct Place {
    home: tempfile::TempDir,
    mark: String,
}

impl Place {
    fn new() -> Self {
        Self { home: tempfile::tempdir().expect("a folder"), mark: Uuid::new_v4().simple().to_string() }
    }

    fn bash(&self, script: &str) -> Command {
        let mut command = Command::new("bash");
        command.args(["--norc", "--noprofile", "-c", script]).env_clear();
        command.envs([("PATH", "/usr/local/bin:/usr/bin:/bin"), ("LANG", "C.UTF-8"), ("SWEEP", SWEEP)]).env("HOME", self.home.path());
        command
    }

    fn run(&self, kind: &str, script: &str) -> Output {
        let mut command = self.bash(SCRIPT);
        command.args(["nalabo", kind, &self.mark, &script.len().to_string(), "60"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("bash");
        // The pipe is held open, as a server that cannot say that the input has ended does.
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin.write_all(script.as_bytes()).expect("the script is read");
        let ended = std::thread::spawn(move || child.wait_with_output()).join().expect("no panic");
        drop(stdin);
        ended.expect("an end")
    }

    /// How many processes carry the mark.
    fn marked(&self) -> usize {
        let wanted = format!("NALABO_MARK={}", self.mark);
        let carries = |environment: Vec<u8>| environment.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes());
        let processes = std::fs::read_dir("/proc").expect("/proc").flatten();
        processes.filter(|process| std::fs::read(process.path().join("environ")).is_ok_and(carries)).count()
    }

    fn until(&self, is_so: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !is_so(self) {
            assert!(start.elapsed() < Duration::from_mins(1), "{} processes", self.marked());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = self.bash(SWEEP).args(["sweep", &self.mark, "now"]).status();
    }
}

#[test]
fn the_status_and_the_output_are_the_scripts() {
    let place = Place::new();
    for (script, status, said) in
        [("echo hi; exit 7", 7, "hi\n"), ("kill -9 $$", 137, ""), ("set -e; false; exit 0", 1, ""), ("cat; pwd >&2", 0, "")]
    {
        let ended = place.run("check", script);
        assert_eq!(ended.status.code(), Some(status), "{script}");
        assert!(ended.stdout.starts_with(said.as_bytes()), "{ended:?}");
        assert_eq!(ended.stderr, b"+", "{script}");
    }
    let left: Vec<_> = std::fs::read_dir(&place.home).expect("the home").collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn what_a_check_leaves_behind_is_killed() {
    let place = Place::new();
    let ended = place
        .run("check", "setsid sleep 6001 & nohup sleep 6002 & (trap '' TERM HUP; sleep 6003) & learner sleep 6004 & disown -a; echo done");
    assert_eq!((ended.status.code(), ended.stdout), (Some(0), b"done\n".to_vec()));
    assert_eq!(place.marked(), 0);
}

#[test]
fn a_solutions_server_goes_on_and_may_print() {
    let place = Place::new();
    let server =
        r#"setsid bash -c 'sleep 0.5; for i in {1..9000}; do echo "nobody reads this"; done; touch survived; sleep 6005' & echo started"#;
    let ended = place.run("solution", server);
    assert_eq!((ended.status.code(), ended.stdout), (Some(0), b"started\n".to_vec()));
    place.until(|place| place.home.path().join("survived").exists());
    assert!(place.marked() > 0);
}

#[test]
fn a_sweep_ends_all_that_carries_the_mark_and_nothing_else() {
    let (place, other) = (Place::new(), Place::new());
    for place in [&place, &other] {
        place.run(
            "solution",
            "setsid bash -c 'trap \"\" HUP TERM; sleep 6006' & (trap 'touch told; exit' HUP; sleep 6007 & wait) & sleep 0.2",
        );
    }
    place.until(|place| place.marked() >= 3);
    let swept = place.bash(SWEEP).args(["sweep", &place.mark, "hang-up"]).status().expect("bash");
    assert!(swept.success());
    assert_eq!(place.marked(), 0);
    assert!(place.home.path().join("told").exists(), "it was hung up on before it was killed");
    assert!(other.marked() >= 3);
}

#[test]
fn a_long_script_is_run_whole() {
    let script = format!("{}\necho end", "# a comment that fills a pipe\n".repeat(10_000));
    assert_eq!(Place::new().run("check", &script).stdout, b"end\n");
}
