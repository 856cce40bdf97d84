//! The serializer for the keys of an object. It accepts only text. It rejects a number, because a reader could not
//! distinguish a converted number from text.

use std::fmt;

use serde::ser::{self, Impossible, Serialize};

/// Calls a function with the text of a string, a character or the name of a unit variant, and returns its result.
pub(super) struct MapKeySerializer<F>(pub(super) F);

/// The error for a key that is not text.
#[derive(Debug)]
pub(super) struct KeyIsNotText;

impl fmt::Display for KeyIsNotText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the key is not text")
    }
}

impl std::error::Error for KeyIsNotText {}

impl ser::Error for KeyIsNotText {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

macro_rules! reject {
    ($($method:ident: $kind:ty),+ $(,)?) => {
        $(fn $method(self, _: $kind) -> Result<R, KeyIsNotText> {
            Err(KeyIsNotText)
        })+
    };
}

impl<R, F: FnOnce(&str) -> R> ser::Serializer for MapKeySerializer<F> {
    type Ok = R;
    type Error = KeyIsNotText;
    type SerializeSeq = Impossible<R, KeyIsNotText>;
    type SerializeTuple = Impossible<R, KeyIsNotText>;
    type SerializeTupleStruct = Impossible<R, KeyIsNotText>;
    type SerializeTupleVariant = Impossible<R, KeyIsNotText>;
    type SerializeMap = Impossible<R, KeyIsNotText>;
    type SerializeStruct = Impossible<R, KeyIsNotText>;
    type SerializeStructVariant = Impossible<R, KeyIsNotText>;

    fn serialize_str(self, value: &str) -> Result<R, KeyIsNotText> {
        Ok(self.0(value))
    }

    fn serialize_char(self, value: char) -> Result<R, KeyIsNotText> {
        Ok(self.0(value.encode_utf8(&mut [0; 4])))
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<R, KeyIsNotText> {
        Ok(self.0(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<R, KeyIsNotText> {
        value.serialize(self)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<R, KeyIsNotText> {
        value.serialize(self)
    }

    reject! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_f32: f32,
        serialize_f64: f64,
        serialize_bytes: &[u8],
        serialize_unit_struct: &'static str,
    }

    fn serialize_none(self) -> Result<R, KeyIsNotText> {
        Err(KeyIsNotText)
    }

    fn serialize_unit(self) -> Result<R, KeyIsNotText> {
        Err(KeyIsNotText)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<R, KeyIsNotText> {
        Err(KeyIsNotText)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, KeyIsNotText> {
        Err(KeyIsNotText)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, KeyIsNotText> {
        Err(KeyIsNotText)
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, KeyIsNotText> {
        Err(KeyIsNotText)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, KeyIsNotText> {
        Err(KeyIsNotText)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, KeyIsNotText> {
        Err(KeyIsNotText)
    }

    fn serialize_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStruct, KeyIsNotText> {
        Err(KeyIsNotText)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, KeyIsNotText> {
        Err(KeyIsNotText)
    }
}
