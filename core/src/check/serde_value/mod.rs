//! The walker for Rust values: a serializer that calls a visitor instead of writing text. The visitor receives the
//! events of the JSON that `serde_json` would write. Two things that `serde_json` converts are events of their own: a
//! key that is not text, and a float that is not finite.

mod containers;
mod variant_scope;

use std::fmt;

use serde::ser::{self, Serialize};

use self::containers::{Fields, Items, Members};
use self::variant_scope::VariantScope;
use super::Checker;
use super::json_writer::JsonWriter;
use super::keys::CopiedKeyStack;
use super::visitor::{NumberKind, UnsupportedValue, ValueVisitor};
use crate::path::Path;

/// Visits `value`. When a `Serialize` implementation fails, the report has an `unserializable_type` issue. Its
/// message does not contain the text of the error, which may contain values.
pub(crate) fn visit<T, O>(value: &T, checker: &mut Checker<'_, O>)
where
    T: Serialize + ?Sized,
    O: JsonWriter,
{
    visit_at(value, checker, &Path::ROOT);
}

/// Visits `value` as a part of a larger body, at the path `at`.
pub(crate) fn visit_at<T, O>(value: &T, checker: &mut Checker<'_, O>, at: &Path<'_>)
where
    T: Serialize + ?Sized,
    O: JsonWriter,
{
    let mut walk = Walk { visitor: checker, keys: CopiedKeyStack::new() };
    if let Err(SerializeFailed) = value.serialize(VisitorSerializer { walk: &mut walk, at }) {
        checker.mark_incomplete(super::serialize_failed(at));
    }
}

/// The error for a `Serialize` implementation that failed.
#[derive(Debug)]
struct SerializeFailed;

impl fmt::Display for SerializeFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value could not be serialised")
    }
}

impl std::error::Error for SerializeFailed {}

impl ser::Error for SerializeFailed {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// The state of one walk.
struct Walk<'w, S> {
    visitor: &'w mut S,
    keys: CopiedKeyStack,
}

/// Serialises the value at the path `at`.
struct VisitorSerializer<'s, 'w, 'p, S> {
    walk: &'s mut Walk<'w, S>,
    at: &'p Path<'p>,
}

impl<S: ValueVisitor> VisitorSerializer<'_, '_, '_, S> {
    fn visit_integer(self, value: impl itoa::Integer) -> Result<(), SerializeFailed> {
        self.walk.visitor.number(itoa::Buffer::new().format(value), NumberKind::Integer, self.at);
        Ok(())
    }

    /// Visits a float with its JSON `text`; `None` for a float that is not finite.
    fn visit_float(self, text: Option<&str>) -> Result<(), SerializeFailed> {
        match text {
            Some(text) => self.walk.visitor.number(text, NumberKind::FiniteFloat, self.at),
            None => self.walk.visitor.unsupported(UnsupportedValue::NonFinite, self.at),
        }
        Ok(())
    }

    fn visit_text(self, text: &str) -> Result<(), SerializeFailed> {
        self.walk.visitor.text(text, self.at);
        Ok(())
    }
}

impl<'s, 'w, 'p, S: ValueVisitor> ser::Serializer for VisitorSerializer<'s, 'w, 'p, S> {
    type Ok = ();
    type Error = SerializeFailed;
    type SerializeSeq = Items<'s, 'w, 'p, S>;
    type SerializeTuple = Items<'s, 'w, 'p, S>;
    type SerializeTupleStruct = Items<'s, 'w, 'p, S>;
    type SerializeTupleVariant = Items<'s, 'w, 'p, S>;
    type SerializeMap = Members<'s, 'w, 'p, S>;
    type SerializeStruct = Fields<'s, 'w, 'p, S>;
    type SerializeStructVariant = Fields<'s, 'w, 'p, S>;

    fn serialize_bool(self, value: bool) -> Result<(), SerializeFailed> {
        self.walk.visitor.boolean(value, self.at);
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), SerializeFailed> {
        self.visit_integer(value)
    }

    fn serialize_i16(self, value: i16) -> Result<(), SerializeFailed> {
        self.visit_integer(value)
    }

    fn serialize_i32(self, value: i32) -> Result<(), SerializeFailed> {
        self.visit_integer(value)
    }

    fn serialize_i64(self, value: i64) -> Result<(), SerializeFailed> {
        self.visit_integer(value)
    }

    fn serialize_i128(self, value: i128) -> Result<(), SerializeFailed> {
        self.visit_integer(value)
    }

    fn serialize_u8(self, value: u8) -> Result<(), SerializeFailed> {
        self.visit_integer(value)
    }

    fn serialize_u16(self, value: u16) -> Result<(), SerializeFailed> {
        self.visit_integer(value)
    }

    fn serialize_u32(self, value: u32) -> Result<(), SerializeFailed> {
        self.visit_integer(value)
    }

    fn serialize_u64(self, value: u64) -> Result<(), SerializeFailed> {
        self.visit_integer(value)
    }

    fn serialize_u128(self, value: u128) -> Result<(), SerializeFailed> {
        self.visit_integer(value)
    }

    fn serialize_f32(self, value: f32) -> Result<(), SerializeFailed> {
        let mut buffer = zmij::Buffer::new();
        self.visit_float(value.is_finite().then(|| buffer.format_finite(value)))
    }

    fn serialize_f64(self, value: f64) -> Result<(), SerializeFailed> {
        let mut buffer = zmij::Buffer::new();
        self.visit_float(value.is_finite().then(|| buffer.format_finite(value)))
    }

    fn serialize_char(self, value: char) -> Result<(), SerializeFailed> {
        self.visit_text(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), SerializeFailed> {
        self.visit_text(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), SerializeFailed> {
        let mut items = self.begin_items(None);
        for byte in value {
            items.visit_element(byte)?;
        }
        items.finish()
    }

    fn serialize_none(self) -> Result<(), SerializeFailed> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), SerializeFailed> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), SerializeFailed> {
        self.walk.visitor.null(self.at);
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), SerializeFailed> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), SerializeFailed> {
        self.visit_text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), SerializeFailed> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), SerializeFailed> {
        let mut scope = VariantScope::open(self, Some(variant));
        if scope.is_visited() {
            scope.within(|walk, at| value.serialize(VisitorSerializer { walk, at }))?;
        }
        scope.close();
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'s, 'w, 'p, S>, SerializeFailed> {
        Ok(self.begin_items(None))
    }

    fn serialize_tuple(self, _: usize) -> Result<Items<'s, 'w, 'p, S>, SerializeFailed> {
        Ok(self.begin_items(None))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Items<'s, 'w, 'p, S>, SerializeFailed> {
        Ok(self.begin_items(None))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Items<'s, 'w, 'p, S>, SerializeFailed> {
        Ok(self.begin_items(Some(variant)))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members<'s, 'w, 'p, S>, SerializeFailed> {
        Ok(self.begin_members(None))
    }

    fn serialize_struct(
        self,
        name: &'static str,
        _: usize,
    ) -> Result<Fields<'s, 'w, 'p, S>, SerializeFailed> {
        Ok(if JSON_TEXT_STRUCTS.contains(&name) {
            Fields::Json { serializer: self }
        } else {
            Fields::Members(self.begin_members(None))
        })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields<'s, 'w, 'p, S>, SerializeFailed> {
        Ok(Fields::Members(self.begin_members(Some(variant))))
    }
}

/// The names of the structs in which `serde_json` passes JSON text: a `RawValue`, and a number when a crate in
/// the build enables `arbitrary_precision`.
const JSON_TEXT_STRUCTS: [&str; 2] =
    ["$serde_json::private::RawValue", "$serde_json::private::Number"];
