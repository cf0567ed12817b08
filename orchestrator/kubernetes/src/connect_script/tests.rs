//! The script is one, and what it prints is what we read.

use std::{io::Write, process::Command};

use super::*;

/// Stands in for kubectl: answers what the script asks for, as a cluster would.
const KUBECTL: &str = r#"#!/bin/sh
case "$*" in
  apply*) cat > "$MANIFEST" ;;
  wait*) ;;
  get*) printf dG9rZW4tb2YtdGhlLWFjY291bnQ= ;;
  "config view"*) printf 'apiVersion: v1
kind: Config
current-context: nalabo
clusters:
- name: nalabo
  cluster:
    server: https://cluster.example:6443
    certificate-authority-data: 
' ;;
  *) exit 9 ;;
esac
"#;

#[test]
fn what_the_script_prints_is_a_kubeconfig_that_is_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    let kubectl = folder.path().join("kubectl");
    let mut file = std::fs::File::create(&kubectl).expect("a file");
    file.write_all(KUBECTL.as_bytes()).expect("written");
    drop(file);
    Command::new("chmod").arg("755").arg(&kubectl).status().expect("chmod");
    let manifest_file = folder.path().join("manifest.yaml");
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").expect("a path"));
    let run = Command::new("sh").args(["-c", &connect_script()]).env("PATH", path).env("MANIFEST", &manifest_file).output();
    let run = run.expect("a shell");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let printed = String::from_utf8(run.stdout).expect("text");
    let connection = crate::kubeconfig::read(&printed, None).expect("a kubeconfig");
    assert_eq!(connection.server(), "https://cluster.example:6443");
    assert_eq!(std::fs::read_to_string(manifest_file).expect("the manifest"), manifest());
}
