//! A profile of the platform API, and a change of one.

use crate::fields::Fields;
use crate::problem::Problem;
use serde_json::{Map, Value, json};

/// A contact's profile.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    contact_ids: Vec<String>,
    /// The data about the contact.
    profile: Map<String, Value>,
    is_active: bool,
}

/// The fields of a request body that change a profile. `None` leaves a field unchanged.
pub(crate) struct ProfileChange {
    contact_ids: Option<Vec<String>>,
    profile: Option<Map<String, Value>>,
    is_active: Option<bool>,
}

impl ProfileChange {
    /// Reads the fields that a request body has.
    pub(crate) fn read(body: Map<String, Value>) -> Result<Self, Problem> {
        let mut fields = Fields::of(body);
        let change = Self {
            contact_ids: fields.optional_strings("contactIds"),
            profile: fields.optional_object("profile"),
            is_active: fields.optional_boolean("active"),
        };
        fields.finish()?;
        Ok(change)
    }

    /// Merges the top-level keys of `profile` and replaces the other fields.
    pub(crate) fn apply(self, profile: &mut Profile) {
        if let Some(contact_ids) = self.contact_ids {
            profile.contact_ids = contact_ids;
        }
        profile.profile.extend(self.profile.unwrap_or_default());
        profile.is_active = self.is_active.unwrap_or(profile.is_active);
    }
}

impl Profile {
    /// Creates an active profile without data.
    pub(crate) fn new() -> Self {
        Self { contact_ids: Vec::new(), profile: Map::new(), is_active: true }
    }

    /// Returns whether two profiles have a contact id in common.
    pub(crate) fn shares_contact_id(&self, other: &Self) -> bool {
        self.contact_ids.iter().any(|id| other.contact_ids.contains(id))
    }

    /// Returns the profile as a response contains it.
    pub(crate) fn to_json(&self, id: &str) -> Value {
        json!({
            "_id": id,
            "contactIds": self.contact_ids,
            "profile": self.profile,
            "active": self.is_active,
        })
    }
}
