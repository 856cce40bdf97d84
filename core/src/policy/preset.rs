//! The five presets: their names, rules and limits.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{NameRule, Policy, PolicyError, Unit};
use crate::display_text::Suggestion;
use crate::issue::Severity;

/// A named policy for one API family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Variables injected into a session (`sessions_v2`).
    Injection,
    /// A context document (`sessions_v1`).
    Context,
    /// An update of a dialog's state (`runtime_v2`).
    State,
    /// The context of a session in the platform API (`/new/v2.0`), with its default limits.
    Platform,
    /// The context of a session on the platform's App environment, where it may be larger.
    PlatformApp,
}

impl Preset {
    /// All presets.
    pub const ALL: &'static [Self] =
        &[Self::Injection, Self::Context, Self::State, Self::Platform, Self::PlatformApp];

    /// Returns the name, for example `platform_app`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Injection => "injection",
            Self::Context => "context",
            Self::State => "state",
            Self::Platform => "platform",
            Self::PlatformApp => "platform_app",
        }
    }

    /// Returns the policy of this preset.
    #[must_use]
    pub const fn policy(self) -> &'static Policy {
        match self {
            Self::Injection => &INJECTION,
            Self::Context => &CONTEXT,
            Self::State => &STATE,
            Self::Platform => &PLATFORM,
            Self::PlatformApp => &PLATFORM_APP,
        }
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Preset {
    type Err = PolicyError;

    /// Parses the name of a preset. Any other text is a [`PolicyError::UnknownPreset`].
    fn from_str(name: &str) -> Result<Self, PolicyError> {
        Self::ALL.iter().find(|preset| preset.as_str() == name).copied().ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|preset| preset.as_str()).collect();
            PolicyError::UnknownPreset(Suggestion::new(name, &names))
        })
    }
}

impl Policy {
    /// Returns the policy of the preset `injection`.
    #[must_use]
    pub const fn injection() -> &'static Self {
        Preset::Injection.policy()
    }

    /// Returns the policy of the preset `context`.
    #[must_use]
    pub const fn context() -> &'static Self {
        Preset::Context.policy()
    }

    /// Returns the policy of the preset `state`.
    #[must_use]
    pub const fn state() -> &'static Self {
        Preset::State.policy()
    }

    /// Returns the policy of the preset `platform`, the default.
    #[must_use]
    pub const fn platform() -> &'static Self {
        Preset::Platform.policy()
    }

    /// Returns the policy of the preset `platform_app`.
    #[must_use]
    pub const fn platform_app() -> &'static Self {
        Preset::PlatformApp.policy()
    }
}

impl Policy {
    /// Returns the policy of `measure`: only the rules that all policies have in common.
    pub(crate) const fn no_limits() -> &'static Self {
        &NO_LIMITS
    }
}

static NO_LIMITS: Policy = Policy {
    // No rule depends on the preset.
    preset: Preset::Injection,
    names: NameRule::Any,
    reserved_prefixes: NO_PREFIXES,
    max_name_length: None,
    allow_null: true,
    strip_internal: false,
    max_value_bytes: None,
    max_payload_bytes: None,
    max_context_bytes: None,
    context_unit: Unit::Json,
    max_depth: None,
    warn_from: None,
    unsafe_integers: Severity::Warning,
};

const NO_PREFIXES: Cow<'static, [Cow<'static, str>]> = Cow::Borrowed(&[]);

static INJECTION: Policy = Policy {
    preset: Preset::Injection,
    names: NameRule::Injection,
    reserved_prefixes: NO_PREFIXES,
    max_name_length: Some(128),
    allow_null: true,
    strip_internal: false,
    max_value_bytes: None,
    // The injection API accepts a variables array of up to 256 KiB.
    max_payload_bytes: Some(256 << 10),
    max_context_bytes: None,
    context_unit: Unit::Json,
    max_depth: None,
    warn_from: None,
    unsafe_integers: Severity::Warning,
};

static CONTEXT: Policy = Policy {
    preset: Preset::Context,
    names: NameRule::Any,
    reserved_prefixes: NO_PREFIXES,
    max_name_length: None,
    allow_null: true,
    strip_internal: true,
    max_value_bytes: None,
    max_payload_bytes: None,
    // The limit that integrators use: the documents API's 100 kB minus space for the other fields of a document.
    max_context_bytes: Some(95_000),
    context_unit: Unit::Json,
    max_depth: None,
    warn_from: Some(0.8),
    unsafe_integers: Severity::Warning,
};

static STATE: Policy = Policy {
    preset: Preset::State,
    names: NameRule::Identifier,
    reserved_prefixes: Cow::Borrowed(&[
        Cow::Borrowed("_cognigy"),
        Cow::Borrowed("_session"),
        Cow::Borrowed("_user"),
        Cow::Borrowed("cognigy_"),
    ]),
    max_name_length: None,
    allow_null: false,
    strip_internal: false,
    // The dialog-state API accepts 1 MiB per variable and 512 KiB per update.
    max_value_bytes: Some(1 << 20),
    max_payload_bytes: Some(512 << 10),
    max_context_bytes: None,
    context_unit: Unit::Json,
    max_depth: Some(3),
    warn_from: None,
    unsafe_integers: Severity::Warning,
};

static PLATFORM: Policy = platform(Preset::Platform, 64_000);
static PLATFORM_APP: Policy = platform(Preset::PlatformApp, 1_500_000);

/// Returns the policy of the platform with a context limit of `max_context_bytes`.
///
/// The documented limit of a JSON body is 60 kB. The platform's setting `MAX_MEMORY_OBJECT_SIZE` is the limit of a
/// context: 64,000 by default, 1.5 million on the App environment. So the limit of the body can apply first.
const fn platform(preset: Preset, max_context_bytes: u64) -> Policy {
    Policy {
        preset,
        names: NameRule::Platform,
        reserved_prefixes: NO_PREFIXES,
        max_name_length: None,
        allow_null: true,
        strip_internal: false,
        max_value_bytes: None,
        max_payload_bytes: Some(60_000),
        max_context_bytes: Some(max_context_bytes),
        context_unit: Unit::Platform,
        max_depth: None,
        warn_from: None,
        unsafe_integers: Severity::Error,
    }
}
