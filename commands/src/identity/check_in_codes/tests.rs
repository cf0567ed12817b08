use chrono::TimeDelta;
use domain::kernel::{AccountId, SignInId};
use journal::vault::SigningKey;

use super::{super::signing_keys::Ring, *};
use crate::identity::{TokenError, TokenSettings};

fn now() -> Timestamp {
    Timestamp::from_timestamp(Utc::now().timestamp(), 0).expect("in range")
}

fn tokens(seed: u8) -> Arc<Tokens> {
    let (id, signs_from) = (format!("key-{seed}"), now() - TimeDelta::days(1));
    let secret = vec![seed; 32].into();
    let key = SigningKey { number: seed.into(), id, secret, signs_from, ends_others_at: signs_from, nameless_until: None };
    let tokens = Tokens::new(TokenSettings::default());
    tokens.follow(Ring::try_new(&[key]).expect("a seed of 32 bytes"));
    Arc::new(tokens)
}

fn codes(seed: u8) -> CheckInCodes {
    CheckInCodes::new(tokens(seed))
}

fn entrance() -> Entrance {
    Entrance { run: RunId(Uuid::now_v7()), registration: RegistrationId(Uuid::now_v7()), holder: Uuid::new_v4() }
}

/// Signs whatever is given, as a forger with the key would.
fn signed(header: &Header, claims: &Claims) -> SecretString {
    let ring = tokens(1).ring();
    encode(header, claims, &ring.signing(now()).expect("a key").signing).expect("signable").into()
}

fn typed() -> Header {
    Header { typ: Some(TYPE.into()), kid: Some("key-1".into()), ..Header::new(Algorithm::EdDSA) }
}

fn claims() -> Claims {
    let Entrance { run, registration, holder } = entrance();
    let (iss, aud, exp) = ("nalabo".to_owned(), AUDIENCE.to_owned(), now().timestamp() + 60);
    Claims { iss, aud, sub: registration.to_string(), run: run.to_string(), holder, exp, iat: now().timestamp() }
}

#[test]
fn a_code_says_who_is_let_in_to_what_until_its_time_is_over() {
    let entrance = entrance();
    let code = codes(1).make(entrance, now() + TimeDelta::hours(1), now()).expect("signed");
    assert_eq!(codes(1).read(&code), Some(entrance));
    let typed = SecretString::from(format!(" {}\n", code.expose_secret()));
    assert_eq!(codes(1).read(&typed), Some(entrance));
    let over = codes(1).make(entrance, now() - TimeDelta::minutes(1), now() - TimeDelta::hours(1)).expect("signed");
    assert_eq!(codes(1).read(&over), None);
}

#[test]
fn a_code_of_another_key_or_with_something_changed_is_none() {
    let code = codes(1).make(entrance(), now() + TimeDelta::hours(1), now()).expect("signed");
    assert_eq!(codes(2).read(&code), None);
    let parts: Vec<&str> = code.expose_secret().split('.').collect();
    let other = codes(1).make(entrance(), now() + TimeDelta::hours(1), now()).expect("signed");
    let body = other.expose_secret().split('.').nth(1).expect("a body").to_owned();
    for forged in [format!("{}.{body}.{}", parts[0], parts[2]), format!("{}.{}.", parts[0], parts[1]), String::new()] {
        assert_eq!(codes(1).read(&forged.into()), None);
    }
}

#[test]
fn no_other_token_is_taken_for_a_code_and_no_code_for_another_token() {
    let (account, sign_in) = (AccountId(Uuid::now_v7()), SignInId(Uuid::now_v7()));
    let (access, _) = tokens(1).access(account, sign_in, now()).expect("signed");
    assert_eq!(codes(1).read(&access), None);
    let code = codes(1).make(entrance(), now() + TimeDelta::hours(1), now()).expect("signed");
    assert_eq!(tokens(1).verify(code.expose_secret()), Err(TokenError::Invalid));
    assert!(codes(1).read(&signed(&typed(), &claims())).is_some());
    for typ in [None, Some("at+jwt"), Some("JWT")] {
        let header = Header { typ: typ.map(Into::into), ..typed() };
        assert_eq!(codes(1).read(&signed(&header, &claims())), None, "{typ:?}");
    }
    for kid in [None, Some("key-2")] {
        let header = Header { kid: kid.map(Into::into), ..typed() };
        assert_eq!(codes(1).read(&signed(&header, &claims())), None, "{kid:?}");
    }
    let others = [
        Claims { aud: "nalabo-api".into(), ..claims() },
        Claims { iss: "somebody".into(), ..claims() },
        Claims { sub: account.to_string(), ..claims() },
    ];
    for claims in others {
        assert_eq!(codes(1).read(&signed(&typed(), &claims)), None, "{} {} {}", claims.iss, claims.aud, claims.sub);
    }
}
