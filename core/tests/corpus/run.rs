//! Runs one case.

use cognigy_context::api::platform::InjectContext;
use cognigy_context::api::{Authorization, BaseUrl, Secret};
use cognigy_context::{
    CheckOptions, ConfigurationError, ExistingContext, Issue, Policy, Report, Sizes,
    ValidationError, measure, measure_json,
};
use serde_json::{Map, Value, json};

use crate::expand::{Host, expand, text_of};
use crate::index::Case;
use crate::workflows;

pub(crate) type Outcome = Result<(), String>;

/// Runs a case. Inputs are JSON text if `by_text`, otherwise values of `serde`.
pub(crate) fn run(case: &Case, by_text: bool) -> Outcome {
    let json = &case.json;
    match json["operation"].as_str().unwrap() {
        "check" => run_check(json, by_text),
        "measure" => run_measure(json, by_text),
        "policy" => run_policy(json),
        "inject_context_request" => run_inject_context_request(json),
        other => workflows::run(other, json, by_text),
    }
}

fn policy_of(spec: &Value) -> std::borrow::Cow<'static, Policy> {
    let platform = Value::from("platform");
    Policy::from_spec(if spec.is_null() { &platform } else { spec }).unwrap()
}

fn run_check(case: &Value, by_text: bool) -> Outcome {
    let policy = policy_of(&case["policy"]);
    let existing = match case.get("existing").map(expand) {
        None => None,
        Some(value) if by_text => Some(ExistingContext::of_json(value.to_string())),
        Some(value) => Some(ExistingContext::of(&Host(&value))),
    };
    let report = match existing.transpose() {
        Err(error) => error.into_report(),
        Ok(existing) => {
            let mut check = CheckOptions::new(&policy);
            if let Some(existing) = &existing {
                check = check.existing(existing);
            }
            if by_text {
                check.json(text_of(case))
            } else {
                check.value(&Host(&expand(&case["input"])))
            }
        }
    };
    compare_issues(case, &report)?;
    let expected_ok = expected_issues(case).iter().all(|issue| issue["severity"] == "warning");
    compare("ok", &json!(expected_ok), &json!(report.ok()))?;
    compare_sizes(case, &report.sizes)
}

fn run_measure(case: &Value, by_text: bool) -> Outcome {
    let outcome =
        if by_text { measure_json(text_of(case)) } else { measure(&Host(&expand(&case["input"]))) };
    match (case["expect"].get("issues"), outcome) {
        (None, Ok(sizes)) => compare_sizes(case, &sizes),
        (Some(_), Err(error)) => compare_issues(case, error.report()),
        (None, Err(error)) => Err(error.to_string()),
        (Some(_), Ok(_)) => Err("expected an error".to_owned()),
    }
}

fn run_policy(case: &Value) -> Outcome {
    match (case["expect"].get("policy"), Policy::from_spec(&case["input"])) {
        (None, Err(_)) => Ok(()),
        (Some(Value::Object(fields)), Ok(policy)) => {
            let policy = serde_json::to_value(policy).unwrap();
            let got: Map<_, _> =
                fields.keys().map(|field| (field.clone(), policy[field].clone())).collect();
            compare("policy", &Value::Object(fields.clone()), &Value::Object(got))
        }
        (_, outcome) => Err(format!("unexpected {outcome:?}")),
    }
}

/// The reason why a request cannot be built: the data or the configuration is invalid.
enum RequestError {
    Data(ValidationError),
    Configuration,
}

fn configuration_error(_: ConfigurationError) -> RequestError {
    RequestError::Configuration
}

fn run_inject_context_request(case: &Value) -> Outcome {
    let input = &case["input"];
    let text = |field: &str| input[field].as_str().unwrap_or_default();
    let build = || -> Result<Value, RequestError> {
        let base: BaseUrl = text("base_url").parse().map_err(configuration_error)?;
        let policy = policy_of(&input["policy"]);
        let existing = input.get("existing").map(|value| ExistingContext::of(&expand(value)));
        let existing = existing.transpose().map_err(RequestError::Data)?;
        let prepared = InjectContext::new(text("session_id"), text("user_id"))
            .policy(&policy)
            .existing(existing.as_ref())
            .context(&Host(&expand(&input["context"])))
            .map_err(RequestError::Data)?;
        let key =
            input["api_key"].as_str().map(Secret::new).transpose().map_err(configuration_error)?;
        Ok(serde_json::to_value(prepared.request(&base, key.map(Authorization::api_key).as_ref()))
            .unwrap())
    };
    let expect = &case["expect"];
    match build() {
        Ok(request) => compare("request", &expect["request"], &request),
        Err(RequestError::Data(error)) if expect.get("issues").is_some() => {
            compare_issues(case, error.report())
        }
        Err(RequestError::Configuration) => {
            compare("error", &expect["error"], &json!("configuration"))
        }
        Err(RequestError::Data(error)) => Err(error.to_string()),
    }
}

pub(crate) fn expected_issues(case: &Value) -> Vec<Value> {
    case["expect"]["issues"].as_array().cloned().unwrap_or_default()
}

pub(crate) fn compare_issues(case: &Value, report: &Report) -> Outcome {
    compare_issue_list(case, &report.issues)
}

pub(crate) fn compare_issue_list(case: &Value, issues: &[Issue]) -> Outcome {
    let expected = expected_issues(case);
    let found = issues.iter().enumerate().map(|(index, issue)| facts(issue, expected.get(index)));
    let found: Value = found.collect();
    compare("issues", &expected.into(), &found)
}

/// Returns an issue in the form of a case. Message and hint are included only if the expected issue states them.
fn facts(issue: &Issue, expected: Option<&Value>) -> Value {
    let is_stated = |field| expected.is_some_and(|expected| expected.get(field).is_some());
    let mut facts = json!({
        "code": issue.code.as_str(), "severity": issue.severity.as_str(), "path": issue.path,
    });
    if is_stated("message") {
        facts["message"] = issue.message.as_ref().into();
    }
    if is_stated("hint") {
        facts["hint"] = issue.hint.as_deref().into();
    }
    if let Some(limit) = issue.limit {
        facts["limit"] = limit.into();
    }
    if let Some(actual) = issue.actual {
        facts["actual"] = actual.into();
    }
    facts
}

pub(crate) fn compare_sizes(case: &Value, sizes: &Sizes) -> Outcome {
    match case["expect"].get("sizes") {
        None => Ok(()),
        Some(expected) => compare("sizes", expected, &serde_json::to_value(sizes).unwrap()),
    }
}

pub(crate) fn compare(what: &str, expected: &Value, got: &Value) -> Outcome {
    if expected == got { Ok(()) } else { Err(difference(what, expected, got)) }
}

pub(crate) fn difference(what: &str, expected: &Value, got: &Value) -> String {
    let brief = |value: &Value| value.to_string().chars().take(600).collect::<String>();
    format!("{what}: expected {}, got {}", brief(expected), brief(got))
}
