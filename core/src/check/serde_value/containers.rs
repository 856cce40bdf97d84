//! The arrays and objects of a serialised value.

use serde::ser::{self, Serialize};

use super::variant_scope::VariantScope;
use super::{SerializeFailed, VisitorSerializer, Walk};
use crate::check::json_text;
use crate::check::keys::ObjectKeys;
use crate::check::map_key_serializer::{KeyIsNotText, MapKeySerializer};
use crate::check::visitor::ValueVisitor;

impl<'s, 'w, 'p, S: ValueVisitor> VisitorSerializer<'s, 'w, 'p, S> {
    /// Begins an array, inside the object of `variant` if there is one.
    pub(super) fn begin_items(self, variant: Option<&'static str>) -> Items<'s, 'w, 'p, S> {
        let mut scope = VariantScope::open(self, variant);
        let is_visited =
            scope.is_visited() && scope.within(|walk, at| walk.visitor.begin_array(at));
        Items { scope, is_visited, index: 0 }
    }

    /// Begins an object, inside the object of `variant` if there is one.
    pub(super) fn begin_members(self, variant: Option<&'static str>) -> Members<'s, 'w, 'p, S> {
        let mut scope = VariantScope::open(self, variant);
        let is_visited =
            scope.is_visited() && scope.within(|walk, at| walk.visitor.begin_object(at));
        let object = scope.walk.keys.begin();
        Members { scope, is_visited, key: Key::None, object }
    }
}

/// An open array.
pub(super) struct Items<'s, 'w, 'p, S> {
    scope: VariantScope<'s, 'w, 'p, S>,
    /// `false` when the visitor skips the array.
    is_visited: bool,
    /// The index of the next item.
    index: usize,
}

impl<S: ValueVisitor> Items<'_, '_, '_, S> {
    pub(super) fn visit_element<T: Serialize + ?Sized>(
        &mut self,
        value: &T,
    ) -> Result<(), SerializeFailed> {
        if !self.is_visited {
            return Ok(());
        }
        let index = self.index;
        self.index += 1;
        self.scope.within(|walk, at| {
            walk.visitor.item();
            value.serialize(VisitorSerializer { walk, at: &at.index(index) })
        })
    }

    pub(super) fn finish(mut self) -> Result<(), SerializeFailed> {
        if self.is_visited {
            self.scope.walk.visitor.end_array();
        }
        self.scope.close();
        Ok(())
    }
}

/// An open object.
pub(super) struct Members<'s, 'w, 'p, S> {
    scope: VariantScope<'s, 'w, 'p, S>,
    /// `false` when the visitor skips the object.
    is_visited: bool,
    key: Key,
    object: ObjectKeys,
}

/// The key of the next value, where key and value are serialised separately.
enum Key {
    /// No key was serialised, so the value is skipped.
    None,
    Text(String),
    NotText,
}

impl<S: ValueVisitor> Members<'_, '_, '_, S> {
    fn set_key<T: Serialize + ?Sized>(&mut self, key: &T) {
        self.key = match key.serialize(MapKeySerializer(str::to_owned)) {
            Ok(text) => Key::Text(text),
            Err(KeyIsNotText) => Key::NotText,
        };
    }

    fn visit_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerializeFailed> {
        match std::mem::replace(&mut self.key, Key::None) {
            Key::None => Ok(()),
            Key::Text(key) => self.visit_member(&key, value),
            Key::NotText => {
                self.report_non_string_key();
                Ok(())
            }
        }
    }

    fn report_non_string_key(&mut self) {
        if self.is_visited {
            self.scope.within(|walk, at| walk.visitor.non_string_key(at));
        }
    }

    #[inline]
    fn visit_member<T: Serialize + ?Sized>(
        &mut self,
        key: &str,
        value: &T,
    ) -> Result<(), SerializeFailed> {
        if !self.is_visited {
            return Ok(());
        }
        let object = &mut self.object;
        self.scope.within(|walk, at| {
            let member = at.key(key);
            if walk.visitor.unmeasured_key(key, &member) {
                value.serialize(VisitorSerializer { walk, at: &member })?;
                walk.visitor.end_member(&member);
                walk.keys.push(object, key);
            }
            Ok(())
        })
    }

    pub(super) fn finish(mut self) -> Result<(), SerializeFailed> {
        if self.is_visited {
            let object = &self.object;
            self.scope.within(|walk, at| {
                let Walk { visitor, keys } = walk;
                keys.end(object, |_, key| visitor.duplicate_key(&at.key(key)));
                visitor.end_object();
            });
        }
        self.scope.close();
        Ok(())
    }
}

/// A struct: an object, or JSON text that `serde_json` passes as a struct with a private name.
pub(super) enum Fields<'s, 'w, 'p, S> {
    Members(Members<'s, 'w, 'p, S>),
    Json { serializer: VisitorSerializer<'s, 'w, 'p, S> },
}

impl<S: ValueVisitor> ser::SerializeSeq for Items<'_, '_, '_, S> {
    type Ok = ();
    type Error = SerializeFailed;

    fn serialize_element<T: Serialize + ?Sized>(
        &mut self,
        value: &T,
    ) -> Result<(), SerializeFailed> {
        self.visit_element(value)
    }

    fn end(self) -> Result<(), SerializeFailed> {
        self.finish()
    }
}

impl<S: ValueVisitor> ser::SerializeTuple for Items<'_, '_, '_, S> {
    type Ok = ();
    type Error = SerializeFailed;

    fn serialize_element<T: Serialize + ?Sized>(
        &mut self,
        value: &T,
    ) -> Result<(), SerializeFailed> {
        self.visit_element(value)
    }

    fn end(self) -> Result<(), SerializeFailed> {
        self.finish()
    }
}

impl<S: ValueVisitor> ser::SerializeTupleStruct for Items<'_, '_, '_, S> {
    type Ok = ();
    type Error = SerializeFailed;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerializeFailed> {
        self.visit_element(value)
    }

    fn end(self) -> Result<(), SerializeFailed> {
        self.finish()
    }
}

impl<S: ValueVisitor> ser::SerializeMap for Members<'_, '_, '_, S> {
    type Ok = ();
    type Error = SerializeFailed;

    /// Borrows the key while it visits the value, so that a key needs no `String` of its own.
    fn serialize_entry<K, V>(&mut self, key: &K, value: &V) -> Result<(), SerializeFailed>
    where
        K: Serialize + ?Sized,
        V: Serialize + ?Sized,
    {
        match key.serialize(MapKeySerializer(|key: &str| self.visit_member(key, value))) {
            Ok(result) => result,
            Err(KeyIsNotText) => {
                self.report_non_string_key();
                Ok(())
            }
        }
    }

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), SerializeFailed> {
        self.set_key(key);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerializeFailed> {
        self.visit_value(value)
    }

    fn end(self) -> Result<(), SerializeFailed> {
        self.finish()
    }
}

impl<S: ValueVisitor> ser::SerializeStruct for Fields<'_, '_, '_, S> {
    type Ok = ();
    type Error = SerializeFailed;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), SerializeFailed> {
        match self {
            Self::Members(members) => members.visit_member(key, value),
            Self::Json { serializer } => {
                let result = value.serialize(MapKeySerializer(|text: &str| {
                    json_text::visit_part(text, serializer.walk.visitor, serializer.at)
                }));
                if result.is_ok_and(|is_json| is_json) { Ok(()) } else { Err(SerializeFailed) }
            }
        }
    }

    fn end(self) -> Result<(), SerializeFailed> {
        match self {
            Self::Members(members) => members.finish(),
            Self::Json { .. } => Ok(()),
        }
    }
}

impl<S: ValueVisitor> ser::SerializeTupleVariant for Items<'_, '_, '_, S> {
    type Ok = ();
    type Error = SerializeFailed;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerializeFailed> {
        self.visit_element(value)
    }

    fn end(self) -> Result<(), SerializeFailed> {
        self.finish()
    }
}

impl<S: ValueVisitor> ser::SerializeStructVariant for Fields<'_, '_, '_, S> {
    type Ok = ();
    type Error = SerializeFailed;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), SerializeFailed> {
        ser::SerializeStruct::serialize_field(self, key, value)
    }

    fn end(self) -> Result<(), SerializeFailed> {
        ser::SerializeStruct::end(self)
    }
}
