//! A kubeconfig that somebody uploads: it is read or refused, and a refusal repeats nothing of it that could be a secret.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orchestrator_kubernetes::kubeconfig;

fuzz_target!(|text: &str| {
    let _ = kubeconfig::read(text, None);
    let _ = kubeconfig::read(text, Some("here"));
});
