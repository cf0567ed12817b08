//! Shells.

use std::sync::Arc;

use orchestrator::driver::{Driver, Terminal, TerminalInput, TerminalSize};

use super::{DEADLINE, check, eventually, fall, solution, spec, stand, succeed};

pub(crate) const SIZE: TerminalSize = TerminalSize { columns: 80, rows: 24 };

pub(crate) async fn keys(terminal: &Terminal, text: &str) {
    terminal.input.send(TerminalInput::Bytes(text.into())).await.expect("the shell takes input");
}

/// Reads until `text` is printed, and gives what was printed up to then.
pub(crate) async fn until(terminal: &mut Terminal, text: &str) -> String {
    let mut printed = String::new();
    let reading = tokio::time::timeout(DEADLINE, async {
        while !printed.contains(text) {
            let Some(bytes) = terminal.output.recv().await else { return false };
            printed.push_str(&String::from_utf8_lossy(&bytes));
        }
        true
    });
    let found = reading.await;
    assert_eq!(found, Ok(true), "expected {text:?} in {printed:?}");
    printed
}

pub(crate) async fn a_terminal_is_an_interactive_shell_of_its_size(driver: Arc<dyn Driver>) {
    let spec = spec();
    stand(&driver, &spec).await;
    let mut terminal = driver.terminal(spec.id, SIZE).await.expect("a terminal");
    keys(&terminal, "stty size; echo \"$TERM in $PWD: $((6 * 7))\"\n").await;
    let printed = until(&mut terminal, "xterm-256color in /home/learner: 42").await;
    assert!(printed.contains("24 80"), "{printed}");
    terminal.input.send(TerminalInput::Resize(TerminalSize { columns: 132, rows: 50 })).await.expect("resized");
    // A size and what is typed after it may go different ways.
    keys(&terminal, "until [ \"$(stty size)\" = '50 132' ]; do sleep 0.1; done; echo resi''zed\n").await;
    until(&mut terminal, "resized").await;
    fall(&driver, spec.id).await;
}

pub(crate) async fn control_c_interrupts_and_job_control_works(driver: Arc<dyn Driver>) {
    let spec = spec();
    stand(&driver, &spec).await;
    let mut terminal = driver.terminal(spec.id, SIZE).await.expect("a terminal");
    keys(&terminal, "echo rea''dy; sleep 4001\n").await;
    until(&mut terminal, "ready").await;
    eventually(&driver, spec.id, "pgrep -f 'sleep 4001'").await;
    keys(&terminal, "\u{3}").await;
    keys(&terminal, "echo status $?; sleep 4002 & fg\n").await;
    until(&mut terminal, "status 130").await;
    eventually(&driver, spec.id, "pgrep -f 'sleep 4002'").await;
    keys(&terminal, "\u{1a}").await;
    until(&mut terminal, "Stopped").await;
    fall(&driver, spec.id).await;
}

pub(crate) async fn output_ends_with_the_shell(driver: Arc<dyn Driver>) {
    let spec = spec();
    stand(&driver, &spec).await;
    let mut terminal = driver.terminal(spec.id, SIZE).await.expect("a terminal");
    keys(&terminal, "exit\n").await;
    let ended = tokio::time::timeout(DEADLINE, async { while terminal.output.recv().await.is_some() {} });
    ended.await.expect("the output ends");
    fall(&driver, spec.id).await;
}

pub(crate) async fn output_that_nobody_reads_holds_the_shell_back(driver: Arc<dyn Driver>) {
    let spec = spec();
    stand(&driver, &spec).await;
    let mut terminal = driver.terminal(spec.id, SIZE).await.expect("a terminal");
    keys(&terminal, "for i in {1..40000}; do echo line $i; done; touch printed; echo al''l\n").await;
    until(&mut terminal, "line 10\r").await;
    // 400 kB do not fit what lies between: the shell cannot have come to its end.
    succeed(&driver, spec.id, &check("! test -e printed")).await;
    until(&mut terminal, "all").await;
    fall(&driver, spec.id).await;
}

pub(crate) async fn dropping_a_terminal_ends_its_session_only(driver: Arc<dyn Driver>) {
    let spec = spec();
    stand(&driver, &spec).await;
    succeed(&driver, spec.id, &solution("setsid sleep 5000 >/dev/null 2>&1 &")).await;
    let mut other = driver.terminal(spec.id, SIZE).await.expect("a terminal");
    let mut terminal = driver.terminal(spec.id, SIZE).await.expect("a terminal");
    keys(&terminal, "(trap '' HUP TERM; sleep 5001) & nohup sleep 5002 & sleep 5003\n").await;
    until(&mut terminal, "sleep 5003").await;
    eventually(&driver, spec.id, "pgrep -f 'sleep 5001' && pgrep -f 'sleep 5002' && pgrep -f 'sleep 5003'").await;
    drop(terminal);
    eventually(&driver, spec.id, "! pgrep -f 'sleep 500[123]'").await;
    succeed(&driver, spec.id, &check("pgrep -f 'sleep 5000'")).await;
    keys(&other, "echo still he''re\n").await;
    until(&mut other, "still here").await;
    fall(&driver, spec.id).await;
}

pub(crate) async fn a_fallen_environment_closes_its_terminals(driver: Arc<dyn Driver>) {
    let spec = spec();
    stand(&driver, &spec).await;
    let mut terminal = driver.terminal(spec.id, SIZE).await.expect("a terminal");
    fall(&driver, spec.id).await;
    let ended = tokio::time::timeout(DEADLINE, async { while terminal.output.recv().await.is_some() {} });
    ended.await.expect("the output ends");
}
