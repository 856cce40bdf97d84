//! The driver for every Rust value that can be serialised: a serializer that writes no text but
//! tells a sink what it is given, in the form that `serde_json` would write.

use std::fmt;

use serde::ser::{self, Serialize};

use super::Checker;
use super::json_text;
use super::keys::{CopiedKeys, Run};
use super::measure::Measure;
use super::output::Output;
use super::sink::{NumberKind, Sink, Unfit};
use super::text_only::{NotText, TextOnly};
use crate::path::Path;

/// Walks `value` and tells the checker of it. A `Serialize` implementation that gives up is one
/// `unserializable_type` issue for the whole; its own words may hold values and are not repeated.
pub(crate) fn drive<T, O>(value: &T, checker: &mut Checker<'_, O>)
where
    T: Serialize + ?Sized,
    O: Output,
{
    drive_at(value, checker, &Path::ROOT);
}

/// The same for a value that stands somewhere in a whole.
pub(crate) fn drive_at<T, O>(value: &T, checker: &mut Checker<'_, O>, at: &Path<'_>)
where
    T: Serialize + ?Sized,
    O: Output,
{
    let mut walk = Walk { sink: checker, keys: CopiedKeys::new() };
    if let Err(GaveUp) = value.serialize(Driver { walk: &mut walk, at }) {
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
struct Driver<'s, 'w, 'p, S> {
    walk: &'s mut Walk<'w, S>,
    at: &'p Path<'p>,
}

impl<S: Sink> Driver<'_, '_, '_, S> {
    fn integer(self, value: impl itoa::Integer) -> Result<(), GaveUp> {
        self.walk.sink.number(itoa::Buffer::new().format(value), NumberKind::Integer, self.at);
        Ok(())
    }

    fn float(self, text: Option<&str>) -> Result<(), GaveUp> {
        match text {
            Some(text) => self.walk.sink.number(text, NumberKind::FiniteFloat, self.at),
            None => self.walk.sink.unfit(Unfit::NonFinite, self.at),
        }
        Ok(())
    }

    fn text(self, text: &str) -> Result<(), GaveUp> {
        self.walk.sink.text(text, self.at);
        Ok(())
    }
}

impl<'s, 'w, 'p, S: Sink> Driver<'s, 'w, 'p, S> {
    fn items(self, variant: Option<&'static str>) -> Items<'s, 'w, 'p, S> {
        let mut place = Place::open(self, variant);
        let wanted = place.is_told() && place.within(|walk, at| walk.sink.begin_array(at));
        Items { place, wanted, index: 0 }
    }

    fn members(self, variant: Option<&'static str>) -> Members<'s, 'w, 'p, S> {
        let mut place = Place::open(self, variant);
        let wanted = place.is_told() && place.within(|walk, at| walk.sink.begin_object(at));
        let run = place.walk.keys.begin();
        Members { place, wanted, key: Key::None, run }
    }
}

/// Where a container stands: at a place of its own, or, as the content of an enum's variant, in
/// the object `{"Variant": …}` that is opened around it.
struct Place<'s, 'w, 'p, S> {
    walk: &'s mut Walk<'w, S>,
    at: &'p Path<'p>,
    around: Around,
}

/// What was told of the object around a variant's content.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    /// There is none.
    Nothing,
    /// The object and the key.
    Member(&'static str),
    /// The object only: its member is left out.
    Object,
    /// Not even the object.
    Untold,
}

impl<'s, 'w, 'p, S: Sink> Place<'s, 'w, 'p, S> {
    fn open(driver: Driver<'s, 'w, 'p, S>, variant: Option<&'static str>) -> Self {
        let Driver { walk, at } = driver;
        let around = match variant {
            None => Around::Nothing,
            Some(_) if !walk.sink.begin_object(at) => Around::Untold,
            Some(name) if walk.sink.key(name, Measure::of(name), &at.key(name)) => {
                Around::Member(name)
            }
            Some(_) => Around::Object,
        };
        Self { walk, at, around }
    }

    /// Whether anything is to be told of what stands here.
    fn is_told(&self) -> bool {
        matches!(self.around, Around::Nothing | Around::Member(_))
    }

    #[inline(always)]
    fn within<R>(&mut self, tell: impl FnOnce(&mut Walk<'w, S>, &Path<'_>) -> R) -> R {
        match self.around {
            Around::Member(name) => tell(self.walk, &self.at.key(name)),
            _ => tell(self.walk, self.at),
        }
    }

    fn close(&mut self) {
        if let Around::Member(name) = self.around {
            self.walk.sink.end_member(&self.at.key(name));
        }
        if matches!(self.around, Around::Member(_) | Around::Object) {
            self.walk.sink.end_object();
        }
    }
}

impl<'s, 'w, 'p, S: Sink> ser::Serializer for Driver<'s, 'w, 'p, S> {
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
            place.within(|walk, at| value.serialize(Driver { walk, at }))?;
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

/// An array that is open.
struct Items<'s, 'w, 'p, S> {
    place: Place<'s, 'w, 'p, S>,
    wanted: bool,
    index: usize,
}

impl<S: Sink> Items<'_, '_, '_, S> {
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), GaveUp> {
        if !self.wanted {
            return Ok(());
        }
        let index = self.index;
        self.index += 1;
        self.place.within(|walk, at| {
            walk.sink.item();
            value.serialize(Driver { walk, at: &at.index(index) })
        })
    }

    fn finish(mut self) -> Result<(), GaveUp> {
        if self.wanted {
            self.place.walk.sink.end_array();
        }
        self.place.close();
        Ok(())
    }
}

/// An object that is open.
struct Members<'s, 'w, 'p, S> {
    place: Place<'s, 'w, 'p, S>,
    wanted: bool,
    key: Key,
    run: Run,
}

/// The key that waits for its value, where the two come one by one.
enum Key {
    None,
    Text(String),
    NotText,
}

impl<S: Sink> Members<'_, '_, '_, S> {
    fn set_key<T: Serialize + ?Sized>(&mut self, key: &T) {
        self.key = match key.serialize(TextOnly(str::to_owned)) {
            Ok(text) => Key::Text(text),
            Err(NotText) => Key::NotText,
        };
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), GaveUp> {
        match std::mem::replace(&mut self.key, Key::None) {
            Key::None => Ok(()),
            Key::Text(key) => self.member(&key, value),
            Key::NotText => {
                self.not_text();
                Ok(())
            }
        }
    }

    fn not_text(&mut self) {
        if self.wanted {
            self.place.within(|walk, at| walk.sink.non_string_key(at));
        }
    }

    #[inline]
    fn member<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), GaveUp> {
        if !self.wanted {
            return Ok(());
        }
        let run = &mut self.run;
        self.place.within(|walk, at| {
            let member = at.key(key);
            if walk.sink.fresh_key(key, &member) {
                value.serialize(Driver { walk, at: &member })?;
                walk.sink.end_member(&member);
                walk.keys.push(run, key);
            }
            Ok(())
        })
    }

    fn finish(mut self) -> Result<(), GaveUp> {
        if self.wanted {
            let run = &self.run;
            self.place.within(|walk, at| {
                let Walk { sink, keys } = walk;
                keys.end(run, |_, key| sink.duplicate_key(&at.key(key)));
                sink.end_object();
            });
        }
        self.place.close();
        Ok(())
    }
}

/// A struct: an object, or JSON text that `serde_json` passes on in disguise.
enum Fields<'s, 'w, 'p, S> {
    Members(Members<'s, 'w, 'p, S>),
    Json { outer: Driver<'s, 'w, 'p, S> },
}

impl<S: Sink> ser::SerializeSeq for Items<'_, '_, '_, S> {
    type Ok = ();
    type Error = GaveUp;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), GaveUp> {
        self.element(value)
    }

    fn end(self) -> Result<(), GaveUp> {
        self.finish()
    }
}

impl<S: Sink> ser::SerializeTuple for Items<'_, '_, '_, S> {
    type Ok = ();
    type Error = GaveUp;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), GaveUp> {
        self.element(value)
    }

    fn end(self) -> Result<(), GaveUp> {
        self.finish()
    }
}

impl<S: Sink> ser::SerializeTupleStruct for Items<'_, '_, '_, S> {
    type Ok = ();
    type Error = GaveUp;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), GaveUp> {
        self.element(value)
    }

    fn end(self) -> Result<(), GaveUp> {
        self.finish()
    }
}

impl<S: Sink> ser::SerializeMap for Members<'_, '_, '_, S> {
    type Ok = ();
    type Error = GaveUp;

    /// The key is borrowed for as long as its value takes, so that none is copied.
    fn serialize_entry<K, V>(&mut self, key: &K, value: &V) -> Result<(), GaveUp>
    where
        K: Serialize + ?Sized,
        V: Serialize + ?Sized,
    {
        match key.serialize(TextOnly(|key: &str| self.member(key, value))) {
            Ok(told) => told,
            Err(NotText) => {
                self.not_text();
                Ok(())
            }
        }
    }

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), GaveUp> {
        self.set_key(key);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), GaveUp> {
        self.value(value)
    }

    fn end(self) -> Result<(), GaveUp> {
        self.finish()
    }
}

impl<S: Sink> ser::SerializeStruct for Fields<'_, '_, '_, S> {
    type Ok = ();
    type Error = GaveUp;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), GaveUp> {
        match self {
            Self::Members(members) => members.member(key, value),
            Self::Json { outer } => {
                let told = value.serialize(TextOnly(|text: &str| {
                    json_text::drive_part(text, outer.walk.sink, outer.at)
                }));
                if told.is_ok_and(|is_json| is_json) { Ok(()) } else { Err(GaveUp) }
            }
        }
    }

    fn end(self) -> Result<(), GaveUp> {
        match self {
            Self::Members(members) => members.finish(),
            Self::Json { .. } => Ok(()),
        }
    }
}

impl<S: Sink> ser::SerializeTupleVariant for Items<'_, '_, '_, S> {
    type Ok = ();
    type Error = GaveUp;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), GaveUp> {
        self.element(value)
    }

    fn end(self) -> Result<(), GaveUp> {
        self.finish()
    }
}

impl<S: Sink> ser::SerializeStructVariant for Fields<'_, '_, '_, S> {
    type Ok = ();
    type Error = GaveUp;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), GaveUp> {
        ser::SerializeStruct::serialize_field(self, key, value)
    }

    fn end(self) -> Result<(), GaveUp> {
        ser::SerializeStruct::end(self)
    }
}
