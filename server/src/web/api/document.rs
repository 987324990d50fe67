//! The OpenAPI document. Calls, types and examples come from the handlers; what is common to all of them, such as the
//! problems that any call may meet, is added here. Router, guards, page and tests read it.

use crate::answer::{CODES, Problem};
use app::model::Scope;
use axum::http::Method;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

const ABOUT: &str = "Coffer operates cryptocurrency hot wallets. Every call shows a token: `Authorization: Bearer coffer_…`. \
Amounts are decimal strings in the coin, always with the coin's decimals; times are RFC 3339 in UTC; what is absent is null. \
Unknown fields and query parameters are refused. Lists answer `items` and `next`: give it as `after` for what follows. \
A POST takes an `Idempotency-Key`: repeated with it, an order acts once and is answered the same, with the header \
`Idempotency-Replayed: true`. Refusals are `application/problem+json` with a stable `code`. \
`RateLimit` headers tell how often the token may still ask.";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Coffer", version = "1", license(name = "MIT", identifier = "MIT")),
    components(schemas(Problem, crate::answer::FieldProblem)),
    tags(
        (name = "coins", description = "Coins, their backends, addresses and fees"),
        (name = "wallets", description = "Named books of one coin"),
        (name = "accounts", description = "Owners' balances within a wallet"),
        (name = "addresses", description = "Where deposits arrive, and where payments went"),
        (name = "money", description = "Transfers and sends"),
        (name = "transactions", description = "Movements of money in the books"),
        (name = "network", description = "Deposits and broadcasts on the coins' networks"),
        (name = "events", description = "What the application is told, and whether it heard"),
        (name = "operation", description = "Jobs, comparisons, audits"),
        (name = "people", description = "Tokens, users, and what anybody did"),
        (name = "simulated", description = "Controls of the simulated network; other backends have none")
    )
)]
struct Begun;

/// The document before any call.
pub fn begin() -> OpenApi {
    let mut document = Begun::openapi();
    document.info.description = Some(ABOUT.into());
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
    let scheme = scheme.description(Some(
        "A token, as `coffer token create` prints it. Beside each call stands the scope it needs.",
    ));
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("bearer", SecurityScheme::Http(scheme.build()));
    document
}

pub struct Document {
    value: Value,
    scopes: HashMap<(Method, String), Scope>,
}

impl Document {
    pub fn new(document: OpenApi) -> Self {
        let mut value = serde_json::to_value(document).unwrap_or_default();
        let mut scopes = HashMap::new();
        for (path, method, call) in calls(&mut value) {
            if let Some(scope) = scope_of(call)
                && let Ok(method) = method.to_uppercase().parse::<Method>()
            {
                scopes.insert((method, path.clone()), scope);
            }
            complete(&path, &method, call);
        }
        Self { value, scopes }
    }

    pub fn json(&self) -> String {
        self.value.to_string()
    }

    pub fn value(&self) -> &Value {
        &self.value
    }

    /// What the call needs; `None` where there is no such call.
    pub fn scope(&self, method: &Method, path: &str) -> Option<Scope> {
        self.scopes.get(&(method.clone(), path.to_owned())).copied()
    }
}

/// Every call with its path and method.
fn calls(document: &mut Value) -> impl Iterator<Item = (String, String, &mut Map<String, Value>)> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten();
    paths.flat_map(|(path, methods)| {
        let methods = methods.as_object_mut().into_iter().flatten();
        methods.filter_map(move |(method, call)| Some((path.clone(), method.clone(), call.as_object_mut()?)))
    })
}

fn scope_of(call: &Map<String, Value>) -> Option<Scope> {
    call.get("security")?.get(0)?.get("bearer")?.get(0)?.as_str()?.parse().ok()
}

/// Codes that any call may be refused for.
const ANY: &[&str] = &[
    "bad_request",
    "unauthorized",
    "forbidden",
    "rate_limited",
    "internal",
    "database_unavailable",
    "timed_out",
];
/// And those that change something.
const CHANGES: &[&str] = &["too_large", "conflict_unresolved"];
const KEYED: &[&str] = &["idempotency_key_required", "idempotency_mismatch", "in_progress"];

/// Adds the key's header, and a problem for each status by which the call may be refused.
fn complete(path: &str, method: &str, call: &mut Map<String, Value>) {
    let own = call.get("x-codes").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut codes: Vec<String> = own.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    codes.extend(ANY.iter().map(|code| (*code).to_owned()));
    if method != "get" {
        codes.extend(CHANGES.iter().map(|code| (*code).to_owned()));
    }
    if method == "post" {
        codes.extend(KEYED.iter().map(|code| (*code).to_owned()));
        add_key(call);
    }
    if path.contains('{') {
        codes.push("not_found".into());
    }
    let takes_cursor = call.get("parameters").and_then(Value::as_array);
    if takes_cursor.is_some_and(|all| all.iter().any(|parameter| parameter["name"] == "after")) {
        codes.push("bad_cursor".into());
    }
    codes.sort();
    codes.dedup();
    let responses = call.entry("responses").or_insert_with(|| json!({}));
    let Some(responses) = responses.as_object_mut() else { return };
    for (status, codes) in by_status(&codes) {
        let text: Vec<String> = codes.iter().map(|(code, title)| format!("`{code}`: {title}")).collect();
        responses.insert(status.to_string(), problem_response(&text.join(". ")));
    }
    call.insert("x-codes".into(), json!(codes));
}

/// In the order of statuses; a code that the table hasn't is left out, which a test forbids.
fn by_status(codes: &[String]) -> BTreeMap<u16, Vec<(&str, &'static str)>> {
    let mut all: BTreeMap<u16, Vec<(&str, &'static str)>> = BTreeMap::new();
    for code in codes {
        if let Some(known) = CODES.iter().find(|known| known.code == code) {
            all.entry(known.status).or_default().push((code, known.title));
        }
    }
    all
}

fn problem_response(description: &str) -> Value {
    let schema = json!({ "$ref": "#/components/schemas/Problem" });
    json!({ "description": description, "content": { "application/problem+json": { "schema": schema } } })
}

fn add_key(call: &mut Map<String, Value>) {
    let required = call.get("x-key-required").and_then(Value::as_bool).unwrap_or(false);
    let about = if required {
        "New for each order: repeated with it, the order acts once and is answered the same."
    } else {
        "Repeated with it, the order is answered the same."
    };
    let header = json!({
        "name": "Idempotency-Key", "in": "header", "required": required, "description": about,
        "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$" },
        "example": "order-55817",
    });
    let parameters = call.entry("parameters").or_insert_with(|| json!([]));
    if let Some(parameters) = parameters.as_array_mut() {
        parameters.push(header);
    }
}

#[cfg(test)]
mod tests {
    use super::super::document;
    use super::*;

    #[test]
    fn every_call_says_its_scope_and_its_codes() {
        let mut document = document();
        let mut count = 0;
        for (path, method, call) in calls(&mut document.value) {
            count += 1;
            assert!(scope_of(call).is_some(), "{method} {path} says no scope");
            for code in call["x-codes"].as_array().unwrap() {
                let known = CODES.iter().any(|known| code == known.code);
                assert!(known, "{method} {path}: {code} stands in no table");
            }
            assert!(call["summary"].is_string(), "{method} {path} says nothing of itself");
        }
        assert!(count > 50, "{count} calls");
        assert_eq!(document.scope(&Method::POST, "/api/v1/sends"), Some(Scope::Send));
    }
}
