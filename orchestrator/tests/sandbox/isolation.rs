//! What a learner and a check can see of the host.

use crate::{
    driver_contract::{check, fall, quoted, solution, spec, stand, succeed},
    fixture,
};

/// Both levels give the same answers.
async fn everywhere(script: &str) {
    let Some(fixture) = fixture::sandbox().await else { return };
    let spec = spec();
    stand(&fixture.driver, &spec).await;
    for make in [check, solution] {
        succeed(&fixture.driver, spec.id, &make(script)).await;
    }
    succeed(&fixture.driver, spec.id, &check(&format!("learner bash -c '{script}'"))).await;
    fall(&fixture.driver, spec.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_no_network_but_loopback() {
    everywhere("[[ $(grep -c : /proc/net/dev) == 1 ]] && grep -q lo: /proc/net/dev && [[ $(wc -l < /proc/net/route) == 1 ]]").await;
    everywhere("! (exec 3<>/dev/tcp/192.0.2.1/80) && ! (exec 3<>/dev/tcp/example.org/80)").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hosts_files_are_out_of_sight() {
    everywhere("for path in /etc/shadow /root /var /srv /opt /boot /sys /etc/resolv.conf /etc/ssh /etc/ssl/private /run/systemd; do [[ ! -e $path ]] || exit; done").await;
    everywhere("[[ $(ls /home) == learner && $(ls -A /tmp) == \"\" && $(ls -A ~) == \"\" ]]").await;
    everywhere("! grep -v -E \"^(root|learner|nobody):\" /etc/passwd").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_directory_is_out_of_sight() {
    let Some(fixture) = fixture::sandbox().await else { return };
    let spec = spec();
    stand(&fixture.driver, &spec).await;
    let directory = fixture.directory.path().join("sandboxes");
    assert!(directory.join(spec.id.to_string()).join("sandbox.json").is_file());
    for make in [check, solution] {
        succeed(&fixture.driver, spec.id, &make(&format!("! test -e {}", directory.display()))).await;
    }
    fall(&fixture.driver, spec.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_base_system_is_read_only() {
    everywhere("for place in / /usr /usr/bin /etc /dev /run /home /lib /proc; do ! touch $place/new 2>/dev/null || exit; done").await;
    everywhere("! mount -o remount,rw / 2>/dev/null && ! mount -t tmpfs none /etc 2>/dev/null && ! umount /tmp 2>/dev/null").await;
    everywhere("! mknod ~/disk b 8 0 2>/dev/null").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_environment_is_not_handed_on() {
    // Cargo sets this for tests, so the server's environment surely has it.
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some() || std::env::vars_os().count() > 3);
    let known = "^(PATH|HOME|LANG|PWD|OLDPWD|SHLVL|_|TMPDIR)=|^BASH_FUNC_learner|^}|^ ";
    everywhere(&format!("! env | grep -v -E \"{known}\"")).await;
    everywhere(&format!("! tr \"\\0\" \"\\n\" < /proc/1/environ | grep -v -E \"{known}\" | grep .")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_process_has_or_gains_a_right() {
    everywhere("grep -q \"NoNewPrivs:.1\" /proc/self/status").await;
    let Some(fixture) = fixture::sandbox().await else { return };
    let spec = spec();
    stand(&fixture.driver, &spec).await;
    let none = "grep -q 'CapEff:.0000000000000000' /proc/self/status && grep -q 'CapPrm:.0000000000000000' /proc/self/status";
    succeed(&fixture.driver, spec.id, &solution(none)).await;
    succeed(&fixture.driver, spec.id, &check(&format!("learner bash -c {}", quoted(none)))).await;
    // CAP_SETFCAP, over the outer level.
    succeed(&fixture.driver, spec.id, &check("grep -q 'CapBnd:.0000000080000000' /proc/self/status")).await;
    succeed(&fixture.driver, spec.id, &solution("[[ $(id -un) == learner ]] && ! unshare -U true && ! bwrap --ro-bind / / true")).await;
    fall(&fixture.driver, spec.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hosts_processes_are_out_of_sight() {
    everywhere(&format!("! test -e /proc/{} && ! pgrep cargo", std::process::id().max(5000))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_stray_descriptor_is_inherited() {
    let Some(fixture) = fixture::sandbox().await else { return };
    let spec = spec();
    stand(&fixture.driver, &spec).await;
    // The fourth is the one that ls reads the folder by.
    let script = r#"[[ $(ls /proc/self/fd | tr "\n" " ") == "0 1 2 3 " ]] || { ls -l /proc/self/fd; exit 1; }"#;
    for make in [check, solution] {
        succeed(&fixture.driver, spec.id, &make(script)).await;
    }
    // 255 is bash's own.
    let firsts = "for fd in /proc/1/fd/*; do case ${fd##*/} in 0|1|2|255) ;; *) ls -l $fd; exit 1;; esac; done";
    for make in [check, solution] {
        succeed(&fixture.driver, spec.id, &make(firsts)).await;
    }
    fall(&fixture.driver, spec.id).await;
}

/// Run once more in a process that was started with a descriptor too many.
#[tokio::test(flavor = "multi_thread")]
async fn a_descriptor_the_server_inherited_is_not_handed_on() {
    let Some(_fixture) = fixture::sandbox().await else { return };
    let output = std::process::Command::new("bash")
        .args(["-c", "exec 9</dev/null; exec \"$@\"", "leaky"])
        .arg(std::env::current_exe().expect("this program"))
        .args(["isolation::no_stray_descriptor_is_inherited", "--exact"])
        .output()
        .expect("bash runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
}
