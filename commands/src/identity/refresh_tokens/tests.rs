use super::*;

const SIGN_IN: SignInId = SignInId(Uuid::from_u128(7));

fn tokens(key: u8) -> RefreshTokens {
    RefreshTokens::new(vec![key; 32].into(), (TimeDelta::days(7), TimeDelta::days(90)))
}

fn read(token: &str) -> Option<Presented> {
    tokens(1).read(&token.to_owned().into()).expect("a key")
}

#[test]
fn a_token_tells_whose_it_is_and_which() {
    let made = tokens(1).make(SIGN_IN, 3).expect("made");
    assert_eq!(read(made.token.expose_secret()), Some(Presented::Of { sign_in: SIGN_IN, generation: 3 }));
    assert_eq!(made.token.expose_secret().len(), 96);
}

#[test]
fn siblings_are_never_alike() {
    let [one, other] = [(); 2].map(|()| tokens(1).make(SIGN_IN, 3).expect("made"));
    assert_ne!(one.token.expose_secret(), other.token.expose_secret());
    assert_ne!(one.digest, other.digest);
}

#[test]
fn a_token_with_any_bit_changed_is_nobodys() {
    let made = tokens(1).make(SIGN_IN, 3).expect("made");
    let bytes = URL_SAFE_NO_PAD.decode(made.token.expose_secret()).expect("base64");
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(read(&URL_SAFE_NO_PAD.encode(changed)), None, "bit {bit}");
    }
    for length in (0..bytes.len()).filter(|length| *length != OLD) {
        assert_eq!(read(&URL_SAFE_NO_PAD.encode(&bytes[..length])), None, "{length} bytes");
    }
    assert_eq!(read(&URL_SAFE_NO_PAD.encode([bytes.as_slice(), &[0]].concat())), None, "a byte more");
}

#[test]
fn a_token_under_another_key_is_nobodys() {
    let made = tokens(2).make(SIGN_IN, 3).expect("made");
    assert_eq!(read(made.token.expose_secret()), None);
}

#[test]
fn a_token_of_an_older_build_is_looked_up_by_its_digest() {
    let token = URL_SAFE_NO_PAD.encode([9; OLD]);
    assert_eq!(read(&token), Some(Presented::Old(digest(&token))));
}
