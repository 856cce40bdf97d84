//! Arrays and objects of a serialised value, item by item and member by member.

use serde::ser::{self, Serialize};

use super::place::Place;
use super::{GaveUp, VisitorSerializer, Walk};
use crate::check::json_text;
use crate::check::keys::Run;
use crate::check::sink::ValueVisitor;
use crate::check::text_only::{NotText, TextOnly};

impl<'s, 'w, 'p, S: ValueVisitor> VisitorSerializer<'s, 'w, 'p, S> {
    pub(super) fn items(self, variant: Option<&'static str>) -> Items<'s, 'w, 'p, S> {
        let mut place = Place::open(self, variant);
        let wanted = place.is_told() && place.within(|walk, at| walk.sink.begin_array(at));
        Items { place, wanted, index: 0 }
    }

    pub(super) fn members(self, variant: Option<&'static str>) -> Members<'s, 'w, 'p, S> {
        let mut place = Place::open(self, variant);
        let wanted = place.is_told() && place.within(|walk, at| walk.sink.begin_object(at));
        let run = place.walk.keys.begin();
        Members { place, wanted, key: Key::None, run }
    }
}

/// An array that is open.
pub(super) struct Items<'s, 'w, 'p, S> {
    place: Place<'s, 'w, 'p, S>,
    wanted: bool,
    index: usize,
}

impl<S: ValueVisitor> Items<'_, '_, '_, S> {
    pub(super) fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), GaveUp> {
        if !self.wanted {
            return Ok(());
        }
        let index = self.index;
        self.index += 1;
        self.place.within(|walk, at| {
            walk.sink.item();
            value.serialize(VisitorSerializer { walk, at: &at.index(index) })
        })
    }

    pub(super) fn finish(mut self) -> Result<(), GaveUp> {
        if self.wanted {
            self.place.walk.sink.end_array();
        }
        self.place.close();
        Ok(())
    }
}

/// An object that is open.
pub(super) struct Members<'s, 'w, 'p, S> {
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

impl<S: ValueVisitor> Members<'_, '_, '_, S> {
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
                value.serialize(VisitorSerializer { walk, at: &member })?;
                walk.sink.end_member(&member);
                walk.keys.push(run, key);
            }
            Ok(())
        })
    }

    pub(super) fn finish(mut self) -> Result<(), GaveUp> {
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
pub(super) enum Fields<'s, 'w, 'p, S> {
    Members(Members<'s, 'w, 'p, S>),
    Json { outer: VisitorSerializer<'s, 'w, 'p, S> },
}

impl<S: ValueVisitor> ser::SerializeSeq for Items<'_, '_, '_, S> {
    type Ok = ();
    type Error = GaveUp;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), GaveUp> {
        self.element(value)
    }

    fn end(self) -> Result<(), GaveUp> {
        self.finish()
    }
}

impl<S: ValueVisitor> ser::SerializeTuple for Items<'_, '_, '_, S> {
    type Ok = ();
    type Error = GaveUp;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), GaveUp> {
        self.element(value)
    }

    fn end(self) -> Result<(), GaveUp> {
        self.finish()
    }
}

impl<S: ValueVisitor> ser::SerializeTupleStruct for Items<'_, '_, '_, S> {
    type Ok = ();
    type Error = GaveUp;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), GaveUp> {
        self.element(value)
    }

    fn end(self) -> Result<(), GaveUp> {
        self.finish()
    }
}

impl<S: ValueVisitor> ser::SerializeMap for Members<'_, '_, '_, S> {
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

impl<S: ValueVisitor> ser::SerializeStruct for Fields<'_, '_, '_, S> {
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
                    json_text::visit_part(text, outer.walk.sink, outer.at)
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

impl<S: ValueVisitor> ser::SerializeTupleVariant for Items<'_, '_, '_, S> {
    type Ok = ();
    type Error = GaveUp;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), GaveUp> {
        self.element(value)
    }

    fn end(self) -> Result<(), GaveUp> {
        self.finish()
    }
}

impl<S: ValueVisitor> ser::SerializeStructVariant for Fields<'_, '_, '_, S> {
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
