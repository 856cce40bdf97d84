//! What a client is made of, as TypeScript gives it.

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

#[cfg(all(feature = "rules", not(feature = "small")))]
use crate::failure::thrown;
use crate::text::Fields;

/// How a text is set.
type SetText = fn(ClientBuilder, String) -> ClientBuilder;

/// A builder with all that is said in JSON; what is not, the core or the host knows.
pub(crate) fn builder(options: &mut Fields) -> Result<ClientBuilder, ConfigurationError> {
    let mut builder = ClientBuilder::default()
        .settings(settings(options)?)
        .log_raw_session_ids(options.is_set("logRawSessionIds"));
    let texts: [(&str, SetText); 8] = [
        ("baseUrl", ClientBuilder::base_url),
        ("apiKey", ClientBuilder::api_key),
        ("bearerToken", ClientBuilder::bearer_token),
        ("tenantId", ClientBuilder::tenant_id),
        ("sessionIdPrefix", ClientBuilder::session_id_prefix),
        ("crmWebhook", ClientBuilder::crm_webhook),
        ("crmWebhookSecret", ClientBuilder::crm_webhook_secret),
        ("snapshotWebhook", ClientBuilder::snapshot_webhook),
    ];
    for (name, set) in texts {
        if let Some(text) = options.optional(name) {
            builder = set(builder, text);
        }
    }
    match (options.optional("clientId"), options.optional("clientSecret")) {
        (None, None) => {}
        // One without the other is the core's to tell of.
        (id, secret) => {
            builder =
                builder.client_credentials(id.unwrap_or_default(), secret.unwrap_or_default());
        }
    }
    for (name, url) in options.texts("tokenUrls")? {
        builder = builder.token_url(family(&name)?, url);
    }
    for (name, scope) in options.texts("scopes")? {
        builder = builder.scope(family(&name)?, scope);
    }
    Ok(builder)
}

/// Says at once what a client could not be made of, on a host that has no environment and where the
/// client's own module is still to be loaded.
///
/// # Errors
/// JSON of the error when the options cannot make a client.
#[cfg(all(feature = "rules", not(feature = "small")))]
#[wasm_bindgen(js_name = checkClient)]
pub fn check_client(options: &str) -> Result<(), JsValue> {
    /// Stands for the source that the client will have.
    struct Promised;

    impl TokenSource for Promised {
        fn token(&self, _: ApiFamily) -> BoxFuture<'static, Result<AccessToken, TokenSourceError>> {
            Box::pin(async { Err(TokenSourceError) })
        }
    }

    let check = || {
        let mut options = Fields::read(options)?;
        let mut builder = builder(&mut options)?;
        if options.is_set("getToken") {
            builder = builder.token_source(Promised);
        }
        builder.check()
    };
    check().map_err(thrown)
}

fn settings(options: &Fields) -> Result<Settings, ConfigurationError> {
    let defaults = Settings::default();
    let retries = options.count("maxRetries")?;
    let places = options.count("maxConcurrent")?;
    Ok(Settings {
        max_retries: retries
            .map_or(defaults.max_retries, |retries| u32::try_from(retries).unwrap_or(u32::MAX)),
        deadline: options.time("deadline")?.unwrap_or(defaults.deadline),
        attempt_timeout: options.time("attemptTimeout")?.unwrap_or(defaults.attempt_timeout),
        token_timeout: options.time("tokenTimeout")?.unwrap_or(defaults.token_timeout),
        token_lifetime: options.time("tokenLifetime")?.unwrap_or(defaults.token_lifetime),
        rate: options.rate("rate")?.unwrap_or(defaults.rate),
        platform_rate: options.rate("platformRate")?.unwrap_or(defaults.platform_rate),
        max_concurrent: places.map_or(defaults.max_concurrent, |places| {
            usize::try_from(places).unwrap_or(usize::MAX)
        }),
        ..defaults
    })
}

fn family(name: &str) -> Result<ApiFamily, ConfigurationError> {
    ApiFamily::of(name).ok_or_else(|| {
        let names: Vec<_> = ApiFamily::ALL.iter().map(|family| family.as_str()).collect();
        ConfigurationError::new(format!(
            "unknown family of routes: expected one of {}",
            names.join(", ")
        ))
    })
}
