use domain::identity::{Language, contact::ContactEvent};

use super::{Entity, Model};
use crate::{
    column::Word,
    fixtures::{id, recorded, rows, second},
};

#[test]
fn an_address_is_verified_by_its_link_or_by_being_confirmed_and_the_first_language_stays_until_one_is_chosen() {
    let asked = |language| ContactEvent::VerificationRequested { request: id(9), expires_at: second(100), language };
    let history = [
        recorded(1, id(1), asked(Language::Fr)),
        recorded(2, id(1), asked(Language::En)),
        recorded(3, id(1), ContactEvent::Verified { request: id(9) }),
        recorded(4, id(1), ContactEvent::LanguageChosen { language: Language::En }),
        recorded(5, id(1), ContactEvent::ChangeConfirmed { request: id(9), before: None, revertible_until: None }),
    ];
    let row = |language, verified_at| Model { account: id(1), language: Some(Word(language)), verified_at };
    assert_eq!(rows(&Entity, &history[..2]), [row(Language::Fr, None)]);
    assert_eq!(rows(&Entity, &history[..3]), [row(Language::Fr, Some(second(3)))]);
    assert_eq!(rows(&Entity, &history), [row(Language::En, Some(second(5)))]);
}
