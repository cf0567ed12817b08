//! Programs in pods.

use futures_util::SinkExt;
use k8s_openapi::{
    api::core::v1::{ConfigMap, Pod},
    apimachinery::pkg::apis::meta::v1::Status,
};
use kube::{
    Api, Client,
    api::{AttachParams, AttachedProcess, DeleteParams, LogParams, PostParams, TerminalSize},
};
use serde_json::json;
use test_cluster_simulator::{LOG_ANNOTATION, Simulator};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};

use crate::bench::{client, client_with, namespace, object, pod, refusal, simulator, soon, succeeded};

async fn pods(simulator: &Simulator) -> (Client, Api<Pod>) {
    let client = client(simulator).await;
    namespace(&client, "one").await;
    let pods: Api<Pod> = Api::namespaced(client.clone(), "one");
    pods.create(&PostParams::default(), &pod("shell")).await.expect("a pod");
    (client, pods)
}

async fn all(reader: Option<impl AsyncRead + Unpin>) -> String {
    let mut text = String::new();
    soon(reader.expect("a stream").read_to_string(&mut text)).await.expect("text");
    text
}

/// What a script says on both channels, and how it ends.
async fn run(pods: &Api<Pod>, script: &str, input: Option<&str>) -> (String, String, Status) {
    let params = AttachParams::default().stdin(input.is_some()).stdout(true).stderr(true);
    let mut process = pods.exec("shell", ["sh", "-c", script], &params).await.expect("a program");
    let status = process.take_status().expect("a status");
    if let Some(input) = input {
        let mut stdin = process.stdin().expect("an input");
        stdin.write_all(input.as_bytes()).await.expect("written");
        stdin.shutdown().await.expect("ended");
    }
    let (stdout, stderr) = (process.stdout(), process.stderr());
    let (stdout, stderr) = tokio::join!(all(stdout), all(stderr));
    (stdout, stderr, soon(status).await.expect("a status"))
}

#[tokio::test]
async fn a_program_has_its_channels_and_its_exit_code() {
    let simulator = simulator();
    let (_, pods) = pods(&simulator).await;
    let (stdout, stderr, status) = run(&pods, "echo out; echo err >&2; exit 7", None).await;
    assert_eq!((stdout.as_str(), stderr.as_str()), ("out\n", "err\n"));
    assert_eq!(status.reason.as_deref(), Some("NonZeroExitCode"));
    let cause = status.details.expect("details").causes.expect("causes").remove(0);
    assert_eq!((cause.reason.as_deref(), cause.message.as_deref()), (Some("ExitCode"), Some("7")));
    // Only the end of the input lets `cat` end.
    let (stdout, _, status) = run(&pods, "cat > file; wc -c < file", Some("hello")).await;
    assert_eq!(stdout.trim(), "5");
    assert!(succeeded(&status));
    let (kept, _, _) = run(&pods, "cat file", None).await;
    assert_eq!(kept, "hello", "files stay with the pod");
    let big = run(&pods, "head -c 3000000 /dev/zero | tr '\\0' x", None).await.0;
    assert_eq!(big.len(), 3_000_000);
}

#[tokio::test]
async fn a_terminal_is_one_and_takes_a_new_size() {
    let simulator = simulator();
    let (_, pods) = pods(&simulator).await;
    let mut shell: AttachedProcess = pods.exec("shell", ["sh"], &AttachParams::interactive_tty()).await.expect("a shell");
    let status = shell.take_status().expect("a status");
    shell.terminal_size().expect("sizes").send(TerminalSize { width: 123, height: 45 }).await.expect("resized");
    let mut stdin = shell.stdin().expect("an input");
    let script = "until [ \"$(stty size)\" = '45 123' ]; do sleep 0.05; done; tty -s && echo 'size:'$(stty size); exit 3\n";
    stdin.write_all(script.as_bytes()).await.expect("typed");
    let screen = all(shell.stdout()).await;
    assert!(screen.contains("size:45 123"), "{screen}");
    let cause = soon(status).await.expect("a status").details.expect("details").causes.expect("causes").remove(0);
    assert_eq!(cause.message.as_deref(), Some("3"), "{screen}");
}

#[tokio::test]
async fn a_program_ends_with_its_client_and_with_its_pod() {
    let simulator = simulator();
    let (_, pods) = pods(&simulator).await;
    let params = AttachParams::default().stdout(true).stderr(false);
    let begin = async |mark: &str| {
        let script = format!("echo begun; exec sleep {mark}");
        let mut process = pods.exec("shell", ["sh", "-c", script.as_str()], &params).await.expect("a program");
        let mut first = [0; 6];
        let mut stdout = process.stdout().expect("an output");
        soon(stdout.read_exact(&mut first)).await.expect("its first words");
        process
    };
    // Numbers that no other program of this machine sleeps for.
    let number = std::process::id();
    let (first, second) = (format!("1{number}.25"), format!("2{number}.25"));
    drop(begin(&first).await);
    crate::bench::eventually("the program is ended", async || !sleeps(&first)).await;
    let process = begin(&second).await;
    pods.delete("shell", &DeleteParams::default()).await.expect("deleted");
    crate::bench::eventually("the program is ended", async || !sleeps(&second)).await;
    let _ = soon(process.join()).await;
}

fn sleeps(mark: &str) -> bool {
    let found = std::process::Command::new("pgrep").args(["-f", &format!("^sleep {mark}")]).output().expect("pgrep");
    found.status.success()
}

#[tokio::test]
async fn what_cannot_be_run_is_refused() {
    let simulator = simulator();
    let (client, pods) = pods(&simulator).await;
    let params = AttachParams::default();
    let upgraded = |result: Result<AttachedProcess, kube::Error>| match result {
        Ok(_) => 101,
        Err(kube::Error::Api(status)) => status.code,
        Err(other) => panic!("{other}"),
    };
    assert_eq!(upgraded(pods.exec("nobody", ["true"], &params).await), 404);
    assert_eq!(upgraded(pods.exec("shell", ["true"], &AttachParams::default().container("other")).await), 400);
    // Both verbs are needed.
    for (name, verbs, expected) in
        [("half", json!(["get"]), 403), ("other-half", json!(["create"]), 403), ("whole", json!(["get", "create"]), 101)]
    {
        let role = json!({"metadata": {"name": name}, "rules": [{"apiGroups": [""], "resources": ["pods/exec"], "verbs": verbs}]});
        Api::<k8s_openapi::api::rbac::v1::Role>::namespaced(client.clone(), "one")
            .create(&PostParams::default(), &object(role))
            .await
            .expect("a role");
        let binding = json!({
            "metadata": {"name": name}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
            "subjects": [{"kind": "User", "name": name, "apiGroup": "rbac.authorization.k8s.io"}],
        });
        let bindings = Api::<k8s_openapi::api::rbac::v1::RoleBinding>::namespaced(client.clone(), "one");
        bindings.create(&PostParams::default(), &object(binding)).await.expect("a binding");
        let theirs: Api<Pod> = Api::namespaced(client_with(&simulator, &simulator.token_for(name, &[])).await, "one");
        assert_eq!(upgraded(theirs.exec("shell", ["true"], &params).await), expected, "{name}");
    }
}

#[tokio::test]
async fn a_program_finds_the_pods_settings_and_files() {
    let simulator = simulator();
    let (client, pods) = pods(&simulator).await;
    let maps: Api<ConfigMap> = Api::namespaced(client, "one");
    let map = json!({"metadata": {"name": "files"}, "data": {"greeting.txt": "hello"}});
    maps.create(&PostParams::default(), &object(map)).await.expect("a map");
    let container = json!({
        "name": "main", "image": "x:1", "workingDir": "/srv/desk",
        "env": [{"name": "COLOUR", "value": "green"},
            {"name": "WORD", "valueFrom": {"configMapKeyRef": {"name": "files", "key": "greeting.txt"}}}],
        "volumeMounts": [{"name": "files", "mountPath": "/srv/desk/files"}],
    });
    let volume = json!({"name": "files", "configMap": {"name": "files"}});
    let metadata = json!({"name": "furnished", "annotations": {LOG_ANNOTATION: "one\ntwo\n"}});
    let pod = json!({"metadata": metadata, "spec": {"containers": [container], "volumes": [volume]}});
    pods.create(&PostParams::default(), &object(pod)).await.expect("a pod");
    let script = "echo $COLOUR $WORD $(cat files/greeting.txt)";
    let params = AttachParams::default().stderr(false);
    let mut process = pods.exec("furnished", ["sh", "-c", script], &params).await.expect("a program");
    assert_eq!(all(process.stdout()).await, "green hello hello\n");
    let log = pods.logs("furnished", &LogParams { tail_lines: Some(1), ..LogParams::default() }).await.expect("a log");
    assert_eq!(log, "two\n");
    simulator.behave(|behaviour| behaviour.kubelet = false);
    pods.create(&PostParams::default(), &crate::bench::pod("waiting")).await.expect("a pod");
    assert_eq!(refusal(pods.logs("waiting", &LogParams::default()).await).code, 400);
}
