//! The options of a client from TypeScript.

use cognigy_context::ConfigurationError;
use cognigy_context::api::ApiFamily;
use cognigy_context::client::{ClientBuilder, Settings};
#[cfg(all(feature = "rules", not(feature = "small")))]
use cognigy_context::{
    api::AccessToken,
    client::{BoxFuture, TokenSource, TokenSourceError},
};
#[cfg(all(feature = "rules", not(feature = "small")))]
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::args::Args;
#[cfg(all(feature = "rules", not(feature = "small")))]
use crate::errors::to_js_error;

/// A builder method that sets a string.
type SetString = fn(ClientBuilder, String) -> ClientBuilder;

/// Creates a builder with the caller's options. The environment or the core supplies missing options.
///
/// # Errors
/// [`ConfigurationError`] for an invalid option, or an unknown API family.
pub(crate) fn builder(options: &mut Args) -> Result<ClientBuilder, ConfigurationError> {
    let mut builder = ClientBuilder::default()
        .settings(settings(options)?)
        .log_raw_session_ids(options.is_set("logRawSessionIds"));
    let strings: [(&str, SetString); 8] = [
        ("baseUrl", ClientBuilder::base_url),
        ("apiKey", ClientBuilder::api_key),
        ("bearerToken", ClientBuilder::bearer_token),
        ("tenantId", ClientBuilder::tenant_id),
        ("sessionIdPrefix", ClientBuilder::session_id_prefix),
        ("crmWebhook", ClientBuilder::crm_webhook),
        ("crmWebhookSecret", ClientBuilder::crm_webhook_secret),
        ("snapshotWebhook", ClientBuilder::snapshot_webhook),
    ];
    for (name, set) in strings {
        if let Some(text) = options.optional(name) {
            builder = set(builder, text);
        }
    }
    match (options.optional("clientId"), options.optional("clientSecret")) {
        (None, None) => {}
        // If one of the two is missing, the core reports the missing one.
        (id, secret) => {
            builder =
                builder.client_credentials(id.unwrap_or_default(), secret.unwrap_or_default());
        }
    }
    for (name, url) in options.string_pairs("tokenUrls")? {
        builder = builder.token_url(family(&name)?, url);
    }
    for (name, scope) in options.string_pairs("scopes")? {
        builder = builder.scope(family(&name)?, scope);
    }
    Ok(builder)
}

/// Validates the options of a client before its module is loaded. Does not read environment variables,
/// because hosts that have them load the module at once.
///
/// # Errors
/// JSON of the error for invalid options.
#[cfg(all(feature = "rules", not(feature = "small")))]
#[wasm_bindgen(js_name = checkClient)]
pub fn check_client(options: &str) -> Result<(), JsValue> {
    /// A placeholder for the callback, which this check does not call.
    struct PlaceholderTokenSource;

    impl TokenSource for PlaceholderTokenSource {
        fn token(&self, _: ApiFamily) -> BoxFuture<'static, Result<AccessToken, TokenSourceError>> {
            Box::pin(async { Err(TokenSourceError) })
        }
    }

    let check = || {
        let mut options = Args::parse(options)?;
        let mut builder = builder(&mut options)?;
        if options.is_set("getToken") {
            builder = builder.token_source(PlaceholderTokenSource);
        }
        builder.check()
    };
    check().map_err(to_js_error)
}

fn settings(options: &Args) -> Result<Settings, ConfigurationError> {
    let defaults = Settings::default();
    let retries = options.count("maxRetries")?;
    let concurrency = options.count("maxConcurrent")?;
    Ok(Settings {
        max_retries: retries
            .map_or(defaults.max_retries, |retries| u32::try_from(retries).unwrap_or(u32::MAX)),
        deadline: options.duration("deadline")?.unwrap_or(defaults.deadline),
        attempt_timeout: options.duration("attemptTimeout")?.unwrap_or(defaults.attempt_timeout),
        token_timeout: options.duration("tokenTimeout")?.unwrap_or(defaults.token_timeout),
        token_lifetime: options.duration("tokenLifetime")?.unwrap_or(defaults.token_lifetime),
        rate: options.rate("rate")?.unwrap_or(defaults.rate),
        platform_rate: options.rate("platformRate")?.unwrap_or(defaults.platform_rate),
        max_concurrent: concurrency.map_or(defaults.max_concurrent, |requests| {
            usize::try_from(requests).unwrap_or(usize::MAX)
        }),
        ..defaults
    })
}

fn family(name: &str) -> Result<ApiFamily, ConfigurationError> {
    ApiFamily::of(name).ok_or_else(|| {
        let names: Vec<_> = ApiFamily::ALL.iter().map(|family| family.as_str()).collect();
        ConfigurationError::new(format!("unknown API family; use one of {}", names.join(", ")))
    })
}
