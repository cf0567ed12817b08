//! Asks an enum for the names of its variants.

use serde::{
    Deserializer,
    de::{DeserializeOwned, Error, Visitor, value},
    forward_to_deserialize_any,
};

/// The names of all variants of an enum, as its payloads spell them; none for what is no enum.
#[must_use]
pub fn variants<E: DeserializeOwned>() -> &'static [&'static str] {
    let mut names = None;
    // Asking never yields a value.
    let _ = E::deserialize(Asking(&mut names));
    names.unwrap_or_default()
}

/// Holds no data: takes down the names a derived `Deserialize` says it knows.
struct Asking<'a>(&'a mut Option<&'static [&'static str]>);

impl<'de> Deserializer<'de> for Asking<'_> {
    type Error = value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, value::Error> {
        Err(Error::custom("not an enum"))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, value::Error> {
        *self.0 = Some(variants);
        Err(Error::custom("only the names were asked for"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq
        tuple tuple_struct map struct identifier ignored_any
    }
}
