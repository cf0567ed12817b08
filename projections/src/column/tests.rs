use domain::{
    identity::Email,
    kernel::{AccountId, Personal},
    workshops::content::Category,
};
use sea_orm::sea_query::{Value, ValueType};
use serde_json::json;

use super::{Json, Word};
use crate::fixtures::id;

#[test]
fn a_word_is_kept_as_plain_text_and_comes_back() {
    for (category, text) in [(Category::AiMl, "ai-ml"), (Category::Other("gardening".into()), "gardening")] {
        let value = Value::from(Word(category.clone()));
        assert_eq!(value, Value::from(text));
        assert_eq!(<Word<Category> as ValueType>::try_from(value).ok(), Some(Word(category)));
    }
}

#[test]
fn a_sealed_value_stays_sealed_in_its_column() {
    let email: Personal<Email> = Personal::sealed(AccountId(id(1)), "c2VhbGVk".into());
    let value = Value::from(Json(email.clone()));
    let expected = json!({ "$personal": { "subject": id(1), "sealed": "c2VhbGVk" } });
    assert_eq!(value, Value::Json(Some(Box::new(expected))));
    assert_eq!(<Json<Personal<Email>> as ValueType>::try_from(value).ok(), Some(Json(email)));
}

#[test]
fn a_column_of_another_kind_is_refused() {
    assert!(<Word<Category> as ValueType>::try_from(Value::from(1)).is_err());
    assert!(<Json<Vec<u16>> as ValueType>::try_from(Value::Json(Some(Box::new(json!("text"))))).is_err());
}
