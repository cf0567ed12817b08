use super::*;

fn of(metadata: &str) -> Origin {
    read(&RawEvent {
        position: 7,
        event_id: String::new(),
        aggregate_type: String::new(),
        aggregate_id: String::new(),
        sequence: 1,
        event_type: String::new(),
        event_version: "1".into(),
        payload: "{}".into(),
        metadata: metadata.into(),
        recorded_at: 0,
        hash: vec![],
    })
}

#[test]
fn metadata_are_read_as_they_are_stored() {
    let subject = Uuid::from_u128(3);
    let address = format!(r#"{{\"$personal\":{{\"subject\":\"{subject}\",\"sealed\":\"v1.x\"}}}}"#);
    let origin = of(&format!(
        r#"{{"command":"{}","correlation":"{}","actor":"acc_1","via":"sgn_1","address":"{address}","address_digest":"0f","operation":"signIn"}}"#,
        Uuid::from_u128(1),
        Uuid::from_u128(2),
    ));
    assert_eq!((origin.command, origin.correlation), (Uuid::from_u128(1), Uuid::from_u128(2)));
    assert_eq!((origin.actor.as_str(), origin.via.as_deref()), ("acc_1", Some("sgn_1")));
    let address = origin.address.expect("an address");
    assert_eq!((Uuid::from(address.subject()), address.as_sealed()), (subject, Some("v1.x")));
    assert_eq!((origin.address_digest.as_deref(), origin.operation.as_deref()), (Some("0f"), Some("signIn")));
}

#[test]
fn what_older_builds_or_others_did_not_write_is_absent() {
    let older = of(&format!(r#"{{"command":"{0}","correlation":"{0}","actor":"anonymous"}}"#, Uuid::from_u128(1)));
    assert_eq!((older.operation, older.address_digest, older.address), (None, None, None));
    for text in ["{}", "[]", "nothing", r#"{"address":"nowhere"}"#] {
        assert_eq!(of(text).command, Uuid::from_u128(7), "{text}: a command of its own");
    }
}
