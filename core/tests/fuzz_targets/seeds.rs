//! The seeds of the fuzz targets: the cases of the corpus in the form that a target reads, and a few texts for targets
//! about which the corpus has no cases.

use serde_json::{Value, json};

use crate::expand::{expand, text_of};
use crate::index::Index;

/// The maximum length of a seed, in bytes. Longer cases are about limits, and slow mutations down.
const MAX_BYTES: usize = 2_000;

/// Returns the seeds of a target.
pub(crate) fn of(target: &str) -> Vec<Vec<u8>> {
    let texts = |texts: &[&str]| -> Vec<Vec<u8>> {
        texts.iter().map(|text| text.as_bytes().to_vec()).collect()
    };
    let mut seeds = match target {
        "json_text" | "measure" => cases(&["check", "measure", "serialize_context"], text_of),
        "page_scanner" => pages(),
        "variables_pages" => cases(&["parse_variables"], |case| {
            let pages = case["pages"].as_array().unwrap();
            pages.iter().map(|page| page.as_str().unwrap()).collect::<Vec<_>>().join("\0").into()
        }),
        "coerce" => {
            cases(&["coerce"], |case| expand(&case["input"]).as_str().unwrap_or("1").into())
        }
        "api_answers" => api_answers(),
        "token_answers" => [
            json!({"access_token": "token-1", "token_type": "Bearer", "expires_in": 3_600}),
            json!({"access_token": "token-1", "expires_in": "3600"}),
            json!({"access_token": "two words", "expires_in": -1.5}),
            json!({"error": "invalid_client"}),
        ]
        .iter()
        .flat_map(|body| [200, 400, 503].map(|status| answer(status, None, &body.to_string())))
        .collect(),
        "base_url" => {
            let mut urls = cases(&["variables_url", "inject_context_request"], |case| {
                case["input"]["base_url"].as_str().unwrap_or_default().into()
            });
            urls.extend(texts(&[
                "https://api.example.com/new/v2.0",
                "http://[::1]:8080/tenant/api/v1/",
                "HTTPS://user:pass@host",
                "https://host/a?b#c",
            ]));
            urls
        }
        "ids" => {
            let mut ids = cases(&["variables_url", "hash_session_id"], |case| {
                let input = &case["input"];
                input["session_id"].as_str().or(input.as_str()).unwrap_or_default().into()
            });
            ids.extend(texts(&["session/1", "..", "a%2F", "ü€😀", "6f1e-44", " "]));
            ids
        }
        "times" => {
            let mut times = cases(&["injection_payload"], |case| {
                let time = &case["input"]["variables"][0]["expires_at"];
                time.as_str().unwrap_or("2030-01-31T12:00:00Z").into()
            });
            times.extend(texts(&[
                "2024-02-29t23:59:59.123456789+14:00",
                "1969-12-31T23:59:60-00:00",
                "0000-01-01T00:00:00Z",
                "9999-12-31T23:59:59.999999-23:59",
            ]));
            times
        }
        "retry_after" => texts(&[
            "120",
            "1.5",
            ".25",
            "1e3",
            "99999999999999999999",
            "Fri, 31 Dec 1999 23:59:59 GMT",
            "Friday, 31-Dec-99 23:59:59 GMT",
            "Fri Dec 31 23:59:59 1999",
        ]),
        "entity_tags" => texts(&[
            "\"v1\"",
            "W/\"v1\"",
            "\"\"",
            "*",
            "v1",
            "\"a\", \"b\"",
            "\"\u{e9}\"",
            "\"a b\"",
        ]),
        "journal_files" => {
            let item = "7 abababababababababababababababab";
            let other = "8 00000000000000000000000000000000";
            let header = "cognigy-context journal 1";
            [
                format!("{header}\n{item}\n{other}\n"),
                format!("{header}\n{item}\n{item}\n8 0000"),
                format!("{header}\n{item}\ndamaged\n{other}\n"),
                "cognigy-context jour".to_owned(),
                "cognigy-context journal 2\n".to_owned(),
                format!("{item}\n"),
                "{\"a\":1}".to_owned(),
                "a,b\n1,2".to_owned(),
                String::new(),
            ]
            .map(String::into_bytes)
            .to_vec()
        }
        "journal_lines" => texts(&[
            "7 abababababababababababababababab",
            "18446744073709551615 00000000000000000000000000000000",
            "0 ffffffffffffffffffffffffffffffff\n1 ffffffffffffffffffffffffffffffff",
            "a-key-of-24-bytes-follows",
        ]),
        "schema" => cases(&["schema_apply"], |case| {
            format!("{}\0{}", expand(&case["schema"]), expand(&case["input"])).into()
        }),
        "state_update" => cases(&["state_update", "split_state_update"], |case| {
            let input = expand(&case["input"]);
            let member = |name: &str| input.get(name).map(Value::to_string).unwrap_or_default();
            let step = input["next_step"].as_str().unwrap_or_default();
            prefixed(60, &format!("{}\0{}\0{step}", member("session"), member("user")))
        }),
        "merge" => cases(&["deep_merge"], |case| {
            let input = expand(&case["input"]);
            format!("{}\0{}", input["base"], input["update"]).into()
        }),
        "context_manager" => cases(&["context_manager"], steps),
        "overflow" => {
            let mut seeds = cases(&["check"], |case| {
                let existing = case
                    .get("existing")
                    .map_or_else(|| "{}".to_owned(), |value| expand(value).to_string());
                prefixed(40, &format!("{existing}\0{}", String::from_utf8_lossy(&text_of(case))))
            });
            seeds.push(prefixed(
                30,
                "{\"a\":\"existing\",\"b\":1}\0{\"b\":\"longer than before\",\"c\":2}",
            ));
            seeds
        }
        "webhook_event" => cases(&["webhook_event"], text_of),
        "policy" => cases(&["check", "policy"], |case| {
            let policy =
                case.get("policy").map_or_else(|| "\"platform\"".to_owned(), Value::to_string);
            format!("{policy}\0{}", String::from_utf8_lossy(&text_of(case))).into()
        }),
        "injection_payload" => cases(&["injection_payload"], |case| {
            let mut text = String::new();
            for variable in expand(&case["input"]["variables"]).as_array().unwrap() {
                let field = |name: &str| variable[name].as_str().unwrap_or_default();
                let scope = variable["scope"].as_str().unwrap_or("session");
                text += &format!(
                    "{}\0{scope}\0{}\0{}\0",
                    field("key"),
                    field("expires_at"),
                    variable["value"]
                );
            }
            (text + "atomic_put").into()
        }),
        other => panic!("the target {other} has no seeds"),
    };
    seeds.retain(|seed| seed.len() <= MAX_BYTES);
    seeds.sort_unstable();
    seeds.dedup();
    seeds
}

/// Returns what `seed_of` returns for each case of the operations.
fn cases(operations: &[&str], seed_of: impl Fn(&Value) -> Vec<u8>) -> Vec<Vec<u8>> {
    let cases = Index::read().cases().map(|case| case.json).collect::<Vec<Value>>();
    let has_operation =
        |case: &&Value| operations.iter().any(|operation| case["operation"] == **operation);
    cases.iter().filter(has_operation).map(seed_of).collect()
}

/// Returns a text after two bytes with a number.
fn prefixed(number: u16, text: &str) -> Vec<u8> {
    [&number.to_le_bytes(), text.as_bytes()].concat()
}

/// Returns each page of the corpus.
fn pages() -> Vec<Vec<u8>> {
    let pages = cases(&["parse_variables"], |case| case["pages"].to_string().into());
    let pages =
        pages.iter().flat_map(|pages| serde_json::from_slice::<Vec<String>>(pages).unwrap());
    pages.map(String::into_bytes).collect()
}

/// Returns a response as the targets read it: the status, then the header and a zero byte if there is a header, then
/// the body.
fn answer(status: u16, header: Option<&str>, body: &str) -> Vec<u8> {
    let header = header.map(|header| format!("{header}\0")).unwrap_or_default();
    prefixed(status, &format!("{header}{body}"))
}

/// Returns a response with each documented form of a body, and the problem documents of failed requests.
fn api_answers() -> Vec<Vec<u8>> {
    let mut answers: Vec<_> = pages()
        .iter()
        .map(|page| answer(200, Some("\"v1\""), &String::from_utf8_lossy(page)))
        .collect();
    for body in [
        json!({"variables": {"a": 1}, "sessionId": "s"}),
        json!({"state": "default", "user": {"b": [1, 2]}}),
        json!({"a": {"error": "Cannot add value to context for key a: exceeded maximum context size."}}),
        json!({"access_token": "token-1", "expires_in": 60}),
        Value::Null,
    ] {
        answers.push(answer(200, Some("W/\"weak\""), &body.to_string()));
    }
    let problem =
        json!({"type": "about:blank", "code": 1_003, "traceId": "trace-1", "detail": "text"});
    for status in [204, 301, 400, 401, 403, 404, 409, 412, 413, 422, 429, 500, 503] {
        answers.push(answer(status, Some("120"), &problem.to_string()));
    }
    answers.push(answer(429, Some("Fri, 31 Dec 1999 23:59:59 GMT"), r#"{"code":"rate_limited"}"#));
    answers
}

/// Returns the steps of a case of the context manager.
fn steps(case: &Value) -> Vec<u8> {
    let options = &case["input"]["options"];
    let limit = options["max_size_bytes"].as_u64().unwrap_or(60_000).min(u16::MAX.into()) as u16;
    let ttl = options["ttl_seconds"].as_u64().unwrap_or(60).min(63) as u8;
    let is_lru = u8::from(options["lru"] == true) << 6;
    let has_schema = u8::from(options.get("schema").is_some()) << 7;
    let steps = case["input"]["steps"].as_array().unwrap().iter().map(|step| {
        if let Some(seconds) = step["wait"].as_u64() {
            format!("w{}", "+".repeat(seconds.min(100) as usize))
        } else if step["reset"].is_string() {
            "r".to_owned()
        } else if step["inspect"].is_string() {
            "s".to_owned()
        } else {
            expand(&step["update"]).to_string()
        }
    });
    let steps = steps.collect::<Vec<_>>().join("\0");
    [&limit.to_le_bytes(), [ttl | is_lru | has_schema].as_slice(), steps.as_bytes()].concat()
}
