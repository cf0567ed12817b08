use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(1_000_000 + seconds, 0).expect("in range")
}

/// A key that signs from one second on and ends the others at another.
fn key(number: i64, signs_from: i64, ends_others_at: i64) -> SigningKey {
    let secret = SecretSlice::from(vec![u8::try_from(number).expect("small"); 32]);
    let (signs_from, ends_others_at) = (at(signs_from), at(ends_others_at));
    SigningKey { number, id: format!("key-{number}"), secret, signs_from, ends_others_at, nameless_until: None }
}

fn ring(keys: &[SigningKey]) -> Ring {
    Ring::try_new(keys).expect("seeds of 32 bytes")
}

/// Which key signs, and which are taken, at a second.
fn at_work(ring: &Ring, seconds: i64) -> (Option<&str>, Vec<String>) {
    let taken = ring.public(at(seconds)).into_iter().map(|key| key.id).collect();
    (ring.signing(at(seconds)).map(|key| key.id.as_str()), taken)
}

#[test]
fn a_new_key_is_made_known_then_signs_then_ends_the_one_before() {
    let ring = ring(&[key(1, 0, 0), key(2, 100, 200)]);
    let both = vec!["key-1".to_owned(), "key-2".to_owned()];
    assert_eq!(at_work(&ring, 99), (Some("key-1"), both.clone()));
    assert_eq!(at_work(&ring, 100), (Some("key-2"), both.clone()));
    assert_eq!(at_work(&ring, 199), (Some("key-2"), both));
    assert_eq!(at_work(&ring, 200), (Some("key-2"), vec!["key-2".to_owned()]));
    assert!(ring.named(Some("key-1"), at(199)).is_some() && ring.named(Some("key-1"), at(200)).is_none());
    assert_eq!(at_work(&ring, -1).0, None, "none signs before its time");
}

#[test]
fn a_key_that_takes_over_at_once_ends_one_that_waits_as_well() {
    let ring = ring(&[key(1, 0, 0), key(2, 100, 200), key(3, 50, 50)]);
    assert_eq!(at_work(&ring, 50), (Some("key-3"), vec!["key-3".to_owned()]));
    assert_eq!(at_work(&ring, 150).0, Some("key-3"));
}

#[test]
fn a_token_that_names_no_key_is_of_the_one_that_older_builds_sign_with_for_a_while() {
    let ring = ring(&[SigningKey { nameless_until: Some(at(60)), ..key(1, 0, 0) }, key(2, 10, 1000)]);
    assert_eq!(ring.named(None, at(59)).map(|key| key.id.as_str()), Some("key-1"));
    assert!(ring.named(None, at(60)).is_none());
    assert!(ring.named(Some(""), at(0)).is_none() && ring.named(Some("key-3"), at(0)).is_none());
}

#[test]
fn a_key_is_named_by_the_digest_of_its_public_half() {
    // RFC 8037, appendices A.2 and A.3.
    let seed = URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").expect("base64").into();
    assert_eq!(thumbprint(&seed).expect("a key"), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    assert!(thumbprint(&vec![0; 31].into()).is_err());
}
