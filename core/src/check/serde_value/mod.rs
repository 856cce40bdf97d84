//! The driver for every Rust value that can be serialised: a serializer that writes no text but
//! tells a sink what it is given, in the form that `serde_json` would write.

mod containers;
mod place;

use std::fmt;

use serde::ser::{self, Serialize};

use self::containers::{Fields, Items, Members};
use self::place::Place;
use super::Checker;
use super::keys::CopiedKeys;
use super::output::JsonWriter;
use super::sink::{NumberKind, UnsupportedValue, ValueVisitor};
use crate::path::Path;

/// Walks `value` and tells the checker of it. A `Serialize` implementation that gives up is one
/// `unserializable_type` issue for the whole; its own words may hold values and are not repeated.
pub(crate) fn visit<T, O>(value: &T, checker: &mut Checker<'_, O>)
where
    T: Serialize + ?Sized,
    O: JsonWriter,
{
    visit_at(value, checker, &Path::ROOT);
}

/// The same for a value that stands somewhere in a whole.
pub(crate) fn visit_at<T, O>(value: &T, checker: &mut Checker<'_, O>, at: &Path<'_>)
where
    T: Serialize + ?Sized,
    O: JsonWriter,
{
    let mut walk = Walk { sink: checker, keys: CopiedKeys::new() };
    if let Err(GaveUp) = value.serialize(VisitorSerializer { walk: &mut walk, at }) {
        checker.broke_off(super::gave_up(at));
    }
}

/// The value's own `Serialize` implementation failed.
#[derive(Debug)]
struct GaveUp;

impl fmt::Display for GaveUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value could not be serialised")
    }
}

impl std::error::Error for GaveUp {}

impl ser::Error for GaveUp {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// What all of one walk shares.
struct Walk<'w, S> {
    sink: &'w mut S,
    keys: CopiedKeys,
}

/// Serialises the one value that stands at `at`.
struct VisitorSerializer<'s, 'w, 'p, S> {
    walk: &'s mut Walk<'w, S>,
    at: &'p Path<'p>,
}

impl<S: ValueVisitor> VisitorSerializer<'_, '_, '_, S> {
    fn integer(self, value: impl itoa::Integer) -> Result<(), GaveUp> {
        self.walk.sink.number(itoa::Buffer::new().format(value), NumberKind::Integer, self.at);
        Ok(())
    }

    fn float(self, text: Option<&str>) -> Result<(), GaveUp> {
        match text {
            Some(text) => self.walk.sink.number(text, NumberKind::FiniteFloat, self.at),
            None => self.walk.sink.unsupported(UnsupportedValue::NonFinite, self.at),
        }
        Ok(())
    }

    fn text(self, text: &str) -> Result<(), GaveUp> {
        self.walk.sink.text(text, self.at);
        Ok(())
    }
}

impl<'s, 'w, 'p, S: ValueVisitor> ser::Serializer for VisitorSerializer<'s, 'w, 'p, S> {
    type Ok = ();
    type Error = GaveUp;
    type SerializeSeq = Items<'s, 'w, 'p, S>;
    type SerializeTuple = Items<'s, 'w, 'p, S>;
    type SerializeTupleStruct = Items<'s, 'w, 'p, S>;
    type SerializeTupleVariant = Items<'s, 'w, 'p, S>;
    type SerializeMap = Members<'s, 'w, 'p, S>;
    type SerializeStruct = Fields<'s, 'w, 'p, S>;
    type SerializeStructVariant = Fields<'s, 'w, 'p, S>;

    fn serialize_bool(self, value: bool) -> Result<(), GaveUp> {
        self.walk.sink.boolean(value, self.at);
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), GaveUp> {
        self.integer(value)
    }

    fn serialize_i16(self, value: i16) -> Result<(), GaveUp> {
        self.integer(value)
    }

    fn serialize_i32(self, value: i32) -> Result<(), GaveUp> {
        self.integer(value)
    }

    fn serialize_i64(self, value: i64) -> Result<(), GaveUp> {
        self.integer(value)
    }

    fn serialize_i128(self, value: i128) -> Result<(), GaveUp> {
        self.integer(value)
    }

    fn serialize_u8(self, value: u8) -> Result<(), GaveUp> {
        self.integer(value)
    }

    fn serialize_u16(self, value: u16) -> Result<(), GaveUp> {
        self.integer(value)
    }

    fn serialize_u32(self, value: u32) -> Result<(), GaveUp> {
        self.integer(value)
    }

    fn serialize_u64(self, value: u64) -> Result<(), GaveUp> {
        self.integer(value)
    }

    fn serialize_u128(self, value: u128) -> Result<(), GaveUp> {
        self.integer(value)
    }

    fn serialize_f32(self, value: f32) -> Result<(), GaveUp> {
        let mut buffer = zmij::Buffer::new();
        self.float(value.is_finite().then(|| buffer.format_finite(value)))
    }

    fn serialize_f64(self, value: f64) -> Result<(), GaveUp> {
        let mut buffer = zmij::Buffer::new();
        self.float(value.is_finite().then(|| buffer.format_finite(value)))
    }

    fn serialize_char(self, value: char) -> Result<(), GaveUp> {
        self.text(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), GaveUp> {
        self.text(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), GaveUp> {
        let mut items = self.items(None);
        for byte in value {
            items.element(byte)?;
        }
        items.finish()
    }

    fn serialize_none(self) -> Result<(), GaveUp> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), GaveUp> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), GaveUp> {
        self.walk.sink.null(self.at);
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), GaveUp> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), GaveUp> {
        self.text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), GaveUp> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), GaveUp> {
        let mut place = Place::open(self, Some(variant));
        if place.is_told() {
            place.within(|walk, at| value.serialize(VisitorSerializer { walk, at }))?;
        }
        place.close();
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'s, 'w, 'p, S>, GaveUp> {
        Ok(self.items(None))
    }

    fn serialize_tuple(self, _: usize) -> Result<Items<'s, 'w, 'p, S>, GaveUp> {
        Ok(self.items(None))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Items<'s, 'w, 'p, S>, GaveUp> {
        Ok(self.items(None))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Items<'s, 'w, 'p, S>, GaveUp> {
        Ok(self.items(Some(variant)))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members<'s, 'w, 'p, S>, GaveUp> {
        Ok(self.members(None))
    }

    fn serialize_struct(
        self,
        name: &'static str,
        _: usize,
    ) -> Result<Fields<'s, 'w, 'p, S>, GaveUp> {
        Ok(if JSON_TOKENS.contains(&name) {
            Fields::Json { outer: self }
        } else {
            Fields::Members(self.members(None))
        })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields<'s, 'w, 'p, S>, GaveUp> {
        Ok(Fields::Members(self.members(Some(variant))))
    }
}

/// The names under which `serde_json` passes on JSON text: its raw value, and its numbers where a
/// crate in the build has turned on `arbitrary_precision`.
const JSON_TOKENS: [&str; 2] = ["$serde_json::private::RawValue", "$serde_json::private::Number"];
