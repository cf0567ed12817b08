use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use journal::vault::SigningKey;
use secrecy::ExposeSecret;

use super::*;

/// By a key that is called after its seed.
fn key(seed: u8) -> SigningKey {
    let (id, signs_from) = (format!("key-{seed}"), now() - TimeDelta::days(1));
    SigningKey { number: seed.into(), id, secret: vec![seed; 32].into(), signs_from, ends_others_at: signs_from, nameless_until: None }
}

fn by(keys: &[SigningKey]) -> Tokens {
    let tokens = Tokens::new(TokenSettings::default());
    tokens.follow(Ring::try_new(keys).expect("seeds of 32 bytes"));
    tokens
}

fn tokens(seed: u8) -> Tokens {
    by(&[key(seed)])
}

fn now() -> Timestamp {
    Timestamp::from_timestamp(chrono::Utc::now().timestamp(), 0).expect("in range")
}

fn ids() -> (AccountId, SignInId) {
    (AccountId(Uuid::now_v7()), SignInId(Uuid::now_v7()))
}

/// Signs whatever is given, as a forger with the key would.
fn signed(header: &Header, claims: &serde_json::Value) -> String {
    encode(header, claims, &tokens(1).ring().signing(now()).expect("a key").signing).expect("signable")
}

fn claims() -> serde_json::Value {
    let (account, sign_in) = ids();
    serde_json::json!({
        "iss": "nalabo", "aud": "nalabo-api", "sub": account.to_string(), "sid": sign_in.to_string(), "jti": "x",
        "iat": now().timestamp(), "exp": now().timestamp() + 60
    })
}

fn typed() -> Header {
    Header { typ: Some("at+jwt".into()), kid: Some("key-1".into()), ..Header::new(Algorithm::EdDSA) }
}

#[test]
fn a_token_stands_for_the_account_and_the_sign_in_it_was_made_for() {
    let (account, sign_in) = ids();
    let (token, expires_at) = tokens(1).access(account, sign_in, now()).expect("signed");
    assert_eq!(tokens(1).verify(token.expose_secret()), Ok(Verified { account, sign_in, expires_at }));
}

#[test]
fn a_token_that_was_good_is_none_once_its_key_is_none() {
    let (account, sign_in) = ids();
    let tokens = tokens(1);
    let (token, expires_at) = tokens.access(account, sign_in, now()).expect("signed");
    for _ in 0..2 {
        assert_eq!(tokens.verify(token.expose_secret()), Ok(Verified { account, sign_in, expires_at }));
    }
    tokens.follow(Ring::try_new(&[key(2)]).expect("a seed of 32 bytes"));
    assert_eq!(tokens.verify(token.expose_secret()), Err(TokenError::Invalid));
    tokens.follow(Ring::try_new(&[key(1), key(2)]).expect("seeds of 32 bytes"));
    let tampered = format!("{}A", token.expose_secret());
    assert_eq!(tokens.verify(&tampered), Err(TokenError::Invalid));
}

#[test]
fn a_token_of_another_key_is_refused() {
    let (account, sign_in) = ids();
    let (token, _) = tokens(2).access(account, sign_in, now()).expect("signed");
    assert_eq!(tokens(1).verify(token.expose_secret()), Err(TokenError::Invalid));
    let both = by(&[key(1), SigningKey { ends_others_at: now() + TimeDelta::hours(1), ..key(2) }]);
    assert!(both.verify(token.expose_secret()).is_ok());
    let other = Header { kid: Some("key-2".into()), ..typed() };
    assert_eq!(both.verify(&signed(&other, &claims())), Err(TokenError::Invalid), "signed by the first, and said to be by the second");
}

#[test]
fn a_token_names_the_key_that_it_is_signed_with() {
    let (account, sign_in) = ids();
    let (token, _) = tokens(1).access(account, sign_in, now()).expect("signed");
    assert_eq!(decode_header(token.expose_secret()).expect("a header").kid.as_deref(), Some("key-1"));
    for kid in [None, Some(""), Some("key-2"), Some("../key-1"), Some("KEY-1")] {
        let header = Header { kid: kid.map(Into::into), ..typed() };
        assert_eq!(tokens(1).verify(&signed(&header, &claims())), Err(TokenError::Invalid), "{kid:?}");
    }
    let unnamed = by(&[SigningKey { nameless_until: Some(now() + TimeDelta::minutes(1)), ..key(1) }]);
    assert!(unnamed.verify(&signed(&Header { kid: None, ..typed() }, &claims())).is_ok(), "of an older build");
}

#[test]
fn an_expired_token_says_so() {
    let (account, sign_in) = ids();
    let (token, _) = tokens(1).access(account, sign_in, now() - TimeDelta::hours(1)).expect("signed");
    assert_eq!(tokens(1).verify(token.expose_secret()), Err(TokenError::Expired));
}

#[test]
fn every_claim_is_required() {
    assert!(tokens(1).verify(&signed(&typed(), &claims())).is_ok());
    for name in ["iss", "aud", "sub", "sid", "jti", "iat", "exp"] {
        let mut claims = claims();
        claims.as_object_mut().expect("an object").remove(name);
        assert_eq!(tokens(1).verify(&signed(&typed(), &claims)), Err(TokenError::Invalid), "without {name}");
    }
}

#[test]
fn a_token_of_another_type_issuer_or_audience_is_refused() {
    let plain = Header { typ: Some("JWT".into()), ..typed() };
    assert_eq!(tokens(1).verify(&signed(&plain, &claims())), Err(TokenError::Invalid));
    for (name, value) in [("iss", "other"), ("aud", "other"), ("sub", "wks_1"), ("sid", "")] {
        let mut claims = claims();
        claims[name] = value.into();
        assert_eq!(tokens(1).verify(&signed(&typed(), &claims)), Err(TokenError::Invalid), "{name} = {value}");
    }
}

#[test]
fn a_token_without_a_signature_is_refused() {
    let part = |json: &serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
    for alg in ["none", "None", "HS256"] {
        let token = format!("{}.{}.", part(&serde_json::json!({ "typ": "at+jwt", "alg": alg, "kid": "key-1" })), part(&claims()));
        assert_eq!(tokens(1).verify(&token), Err(TokenError::Invalid), "{alg}");
    }
}

#[test]
fn what_is_not_good_yet_or_must_be_understood_is_refused() {
    let with_nbf = |nbf: serde_json::Value| {
        let mut claims = claims();
        claims["nbf"] = nbf;
        tokens(1).verify(&signed(&typed(), &claims))
    };
    assert!(with_nbf((now().timestamp() - 60).into()).is_ok());
    for nbf in [(now().timestamp() + 300).into(), "0".into(), serde_json::json!([0])] {
        assert_eq!(with_nbf(nbf), Err(TokenError::Invalid));
    }
    let critical = Header { crit: Some(vec!["exp".into()]), ..typed() };
    assert_eq!(tokens(1).verify(&signed(&critical, &claims())), Err(TokenError::Invalid));
}
