use super::*;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

const ADA: AccountId = AccountId(Uuid::from_u128(1));
const REQUEST: Uuid = Uuid::from_u128(2);

fn links(key: u8) -> Links {
    Links::new(vec![key; 32].into())
}

#[test]
fn a_token_is_good_for_what_it_was_made_for() {
    let token = links(1).make(Purpose::Reset, ADA, REQUEST).expect("made");
    assert_eq!(links(1).read(Purpose::Reset, &token).expect("read"), Some((ADA, REQUEST)));
    for other in [Purpose::Verify, Purpose::ConfirmChange, Purpose::StopChange, Purpose::RevertChange, Purpose::AllowChange] {
        assert_eq!(links(1).read(other, &token).expect("read"), None, "{other:?}");
    }
    assert_eq!(links(2).read(Purpose::Reset, &token).expect("read"), None, "of another installation");
    let padded: SecretString = format!(" {}\n", token.expose_secret()).into();
    assert_eq!(links(1).read(Purpose::Reset, &padded).expect("read"), Some((ADA, REQUEST)), "as it is copied");
}

#[test]
fn a_token_that_was_changed_in_any_byte_is_none() {
    let token = links(1).make(Purpose::Reset, ADA, REQUEST).expect("made");
    let bytes = URL_SAFE_NO_PAD.decode(token.expose_secret()).expect("base64url");
    assert_eq!(bytes.len(), 65);
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert_eq!(links(1).read(Purpose::Reset, &URL_SAFE_NO_PAD.encode(changed).into()).expect("read"), None, "byte {at}");
    }
    for length in 0..bytes.len() {
        let cut = URL_SAFE_NO_PAD.encode(&bytes[..length]).into();
        assert_eq!(links(1).read(Purpose::Reset, &cut).expect("read"), None, "{length} bytes");
    }
    for nonsense in ["", "%", "ü", "null"] {
        assert_eq!(links(1).read(Purpose::Reset, &nonsense.to_owned().into()).expect("read"), None, "{nonsense}");
    }
}
