//! A serializer that takes text and refuses all else: what an object's key is read with. A number
//! is not turned into text, because a reader could not tell it from text that looks like one.

use std::fmt;

use serde::ser::{self, Impossible, Serialize};

/// Hands the text of a string, a character or the name of a unit variant to a function, borrowed,
/// and gives what the function gives.
pub(super) struct TextOnly<F>(pub(super) F);

/// The value is not text.
#[derive(Debug)]
pub(super) struct NotText;

impl fmt::Display for NotText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not text")
    }
}

impl std::error::Error for NotText {}

impl ser::Error for NotText {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

macro_rules! refuse {
    ($($method:ident: $kind:ty),+ $(,)?) => {
        $(fn $method(self, _: $kind) -> Result<R, NotText> {
            Err(NotText)
        })+
    };
}

impl<R, F: FnOnce(&str) -> R> ser::Serializer for TextOnly<F> {
    type Ok = R;
    type Error = NotText;
    type SerializeSeq = Impossible<R, NotText>;
    type SerializeTuple = Impossible<R, NotText>;
    type SerializeTupleStruct = Impossible<R, NotText>;
    type SerializeTupleVariant = Impossible<R, NotText>;
    type SerializeMap = Impossible<R, NotText>;
    type SerializeStruct = Impossible<R, NotText>;
    type SerializeStructVariant = Impossible<R, NotText>;

    fn serialize_str(self, value: &str) -> Result<R, NotText> {
        Ok(self.0(value))
    }

    fn serialize_char(self, value: char) -> Result<R, NotText> {
        Ok(self.0(value.encode_utf8(&mut [0; 4])))
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<R, NotText> {
        Ok(self.0(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<R, NotText> {
        value.serialize(self)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<R, NotText> {
        value.serialize(self)
    }

    refuse! {
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

    fn serialize_none(self) -> Result<R, NotText> {
        Err(NotText)
    }

    fn serialize_unit(self) -> Result<R, NotText> {
        Err(NotText)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<R, NotText> {
        Err(NotText)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, NotText> {
        Err(NotText)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, NotText> {
        Err(NotText)
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, NotText> {
        Err(NotText)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, NotText> {
        Err(NotText)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, NotText> {
        Err(NotText)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, NotText> {
        Err(NotText)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, NotText> {
        Err(NotText)
    }
}
