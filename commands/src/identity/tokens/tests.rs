use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::*;

fn tokens(seed: u8) -> Tokens {
    Tokens::try_new(&vec![seed; 32].into(), TokenSettings::default()).expect("a seed of 32 bytes")
}

fn now() -> Timestamp {
    Timestamp::from_timestamp(chrono::Utc::now().timestamp(), 0).expect("in range")
}

fn ids() -> (AccountId, SignInId) {
    (AccountId(Uuid::now_v7()), SignInId(Uuid::now_v7()))
}

/// Signs whatever is given, as a forger with the key would.
fn signed(header: &Header, claims: &serde_json::Value) -> String {
    encode(header, claims, &tokens(1).signing).expect("signable")
}

fn claims() -> serde_json::Value {
    let (account, sign_in) = ids();
    serde_json::json!({
        "iss": "nalabo", "aud": "nalabo-api", "sub": account.to_string(), "sid": sign_in.to_string(), "jti": "x",
        "iat": now().timestamp(), "exp": now().timestamp() + 60
    })
}

fn typed() -> Header {
    Header { typ: Some("at+jwt".into()), ..Header::new(Algorithm::EdDSA) }
}

#[test]
fn a_token_stands_for_the_account_and_the_sign_in_it_was_made_for() {
    let (account, sign_in) = ids();
    let (token, expires_at) = tokens(1).access(account, sign_in, now()).expect("signed");
    assert_eq!(tokens(1).verify(token.expose_secret()), Ok(Verified { account, sign_in, expires_at }));
}

#[test]
fn a_token_of_another_key_is_refused() {
    let (account, sign_in) = ids();
    let (token, _) = tokens(2).access(account, sign_in, now()).expect("signed");
    assert_eq!(tokens(1).verify(token.expose_secret()), Err(TokenError::Invalid));
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
    let plain = Header::new(Algorithm::EdDSA);
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
        let token = format!("{}.{}.", part(&serde_json::json!({ "typ": "at+jwt", "alg": alg })), part(&claims()));
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
