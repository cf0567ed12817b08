use std::collections::BTreeSet;

use uuid::Uuid;

use super::{Kept, Passkey, PasskeyName};
use crate::{
    identity::IdentityRejection,
    kernel::{AccountId, Personal, Timestamp},
};

#[test]
fn a_name_is_short_and_seen() {
    assert_eq!(PasskeyName::try_new(" My telephone ").expect("a name").as_str(), "My telephone");
    assert!(PasskeyName::try_new(&"é".repeat(80)).is_ok());
    for bad in ["", "  ", "two\nlines", "zero\u{200b}width", "\u{202e}backwards", &"x".repeat(81)] {
        assert_eq!(PasskeyName::try_new(bad), Err(IdentityRejection::PasskeyNameInvalid), "{bad:?}");
    }
}

#[test]
fn a_counter_goes_up_or_does_not_count() {
    let of = AccountId(Uuid::from_u128(1));
    let goes_on = |before, counter| {
        let passkey = Passkey {
            name: Personal::new(of, PasskeyName::try_new("key").expect("a name")),
            credential: Personal::new(of, String::new()),
            counter: before,
            backup_eligible: false,
            backed_up: false,
            transports: BTreeSet::new(),
            registered_at: Timestamp::UNIX_EPOCH,
        };
        Kept::new(passkey).goes_on(counter)
    };
    assert!(goes_on(0, 0) && goes_on(0, 1) && goes_on(6, 7) && goes_on(6, u32::MAX));
    assert!(!goes_on(6, 6) && !goes_on(6, 5) && !goes_on(6, 0) && !goes_on(u32::MAX, 0));
}
