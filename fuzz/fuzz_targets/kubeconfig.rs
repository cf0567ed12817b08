//! A kubeconfig that somebody uploads: it is read or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| orchestrator_kubernetes::fuzzing::read_kubeconfig(data));
