use async_graphql::{Pos, ServerError};
use commands::Fault;
use journal::{JournalError, vault::VaultError};
use uuid::Uuid;

use super::{Failure, finish};

fn told(failure: impl Into<Failure>) -> serde_json::Value {
    let error: async_graphql::Error = failure.into().into();
    let mut errors = [error.into_server_error(Pos::default())];
    finish(&mut errors, Uuid::nil());
    serde_json::to_value(&errors[0]).expect("JSON")
}

/// The master key was changed, and this process does not find the new one yet.
fn another_master_key() -> VaultError {
    VaultError::WrongMasterKey { store: "vault.db".into(), given: "0".into(), wanted: Some("1".into()) }
}

#[test]
fn faults_have_codes() {
    for (fault, code) in [
        (Fault::Unauthenticated, "UNAUTHENTICATED"),
        (Fault::Forbidden, "FORBIDDEN"),
        (Fault::NetworkNotAllowed, "NETWORK_NOT_ALLOWED"),
        (Fault::SecondFactorRequired, "SECOND_FACTOR_REQUIRED"),
        (Fault::KeyReused, "IDEMPOTENCY_KEY_REUSED"),
        (Fault::KeyInvalid, "BAD_USER_INPUT"),
        (Fault::Contention, "UNAVAILABLE"),
        (Fault::Busy, "UNAVAILABLE"),
        (Fault::Journal(JournalError::Closed), "UNAVAILABLE"),
        (Fault::Journal(JournalError::Unknown), "UNAVAILABLE"),
        (Fault::Vault(VaultError::Malformed), "INTERNAL"),
        (Fault::Vault(another_master_key()), "UNAVAILABLE"),
        (Fault::Journal(JournalError::Seal(another_master_key())), "UNAVAILABLE"),
        (Fault::ContentMissing("x".into()), "INTERNAL"),
    ] {
        assert_eq!(told(fault)["extensions"]["code"], code);
    }
}

#[test]
fn what_went_wrong_inside_stays_inside() {
    for failure in [Failure::Internal("/secret/path".into()), Failure::Unavailable("/secret/path".into())] {
        let told = told(failure);
        assert!(!told.to_string().contains("secret"));
        assert_eq!(told["extensions"]["correlationId"], Uuid::nil().to_string());
    }
}

#[test]
fn what_the_library_says_is_about_the_input() {
    let mut errors = [ServerError::new("no such field", None)];
    finish(&mut errors, Uuid::nil());
    let code = errors[0].extensions.as_ref().and_then(|extensions| extensions.get("code"));
    assert_eq!(code, Some(&async_graphql::Value::from("BAD_USER_INPUT")));
}
