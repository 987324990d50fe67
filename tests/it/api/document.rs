//! The document and what really answers: the same calls, the same shapes, and each call refused for want of its scope.

use super::{COIN, EVERY};
use anyhow::{Context, ensure};
use jsonschema::Validator;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::app::{Store, TestApp};
use tests::program::{Program, Reply};

/// Validators of all answers, by method, call and status.
pub struct Schemas(BTreeMap<(String, String, u16), Validator>);

impl Schemas {
    pub async fn of(program: &Program) -> anyhow::Result<Self> {
        let document = program.get("/api/openapi.json").await?.is(200)?;
        let mut all = BTreeMap::new();
        for (path, method, call) in calls(&document) {
            for (status, response) in call["responses"].as_object().context("responses")? {
                let Some(content) = response["content"].as_object() else { continue };
                let schema = &content.values().next().context("a content")?["schema"];
                // References lead into the document's components.
                let mut whole = schema.clone();
                whole["components"] = document["components"].clone();
                let validator = jsonschema::validator_for(&whole)
                    .map_err(|error| anyhow::anyhow!("{method} {path} {status}: {error}"))?;
                all.insert((method.clone(), path.clone(), status.parse()?), validator);
            }
        }
        Ok(Self(all))
    }

    pub fn check(&self, method: &str, call: &str, reply: &Reply) -> anyhow::Result<()> {
        let key = (method.to_owned(), format!("/api/v1{call}"), reply.status);
        let validator =
            self.0.get(&key).with_context(|| format!("the document has no {key:?}: {}", reply.text))?;
        let faults: Vec<String> = validator
            .iter_errors(&reply.body)
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        ensure!(faults.is_empty(), "{}: {faults:?} in {}", reply.what, reply.text);
        Ok(())
    }
}

fn calls(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let each = |(path, methods): (&String, &'_ Value)| (path.clone(), methods.as_object().cloned());
    let all: Vec<(String, Vec<String>)> = paths
        .map(each)
        .map(|(path, methods)| (path, methods.into_iter().flatten().map(|(method, _)| method).collect()))
        .collect();
    all.into_iter()
        .flat_map(|(path, methods)| methods.into_iter().map(move |method| (path.clone(), method)))
        .map(|(path, method)| {
            let call = &document["paths"][&path][&method];
            (path, method, call)
        })
        .collect()
}

fn scope(call: &Value) -> &str {
    call["security"][0]["bearer"][0].as_str().unwrap_or_default()
}

/// A path that may be asked for: nothing there has to exist.
fn filled(path: &str) -> String {
    path.replace("{coin}", "ltc").replace("{name}", "scan").replace("{id}", "999999")
}

async fn scopes(store: Store) -> anyhow::Result<()> {
    let mut app = TestApp::prepare(store, COIN).await?;
    app.start("web", None).await?;
    let mut programs = Vec::new();
    for scope in EVERY {
        programs.push((scope, app.program(scope, &[scope]).await?));
    }
    let document = programs[0].1.get("/api/openapi.json").await?.is(200)?;
    ensure!(
        document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")),
        "{}",
        document["openapi"]
    );
    let calls = calls(&document);
    ensure!(calls.len() > 50, "{}", calls.len());
    for (path, method, call) in &calls {
        for (has, program) in &programs {
            let request = program.request(&method.to_uppercase(), &filled(path))?;
            // Well formed, and meaning nothing.
            let request = if method == "get" { request } else { request.json(&json!({})) };
            let reply = program.call(request).await?;
            if *has == scope(call) || *has == "admin" {
                ensure!(![401, 403, 405].contains(&reply.status), "{has} may not {method} {path}: {reply:?}");
            } else {
                let refused = reply.refused(403, "forbidden")?;
                ensure!(refused["scope"] == scope(call), "{refused}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn each_call_is_there_and_needs_the_scope_that_the_document_says_on_sqlite() -> anyhow::Result<()> {
    scopes(Store::Sqlite).await
}

#[tokio::test]
async fn each_call_is_there_and_needs_the_scope_that_the_document_says_on_postgres() -> anyhow::Result<()> {
    scopes(Store::Postgres).await
}

/// The contract's own list, so that no call goes away unnoticed.
const CONTRACT: &[(&str, &str, &str)] = &[
    ("get", "/coins", "read"),
    ("get", "/coins/{coin}", "read"),
    ("post", "/coins/{coin}/validate-address", "read"),
    ("get", "/coins/{coin}/fee-estimate", "read"),
    ("post", "/coins/{coin}/scan", "vet"),
    ("get", "/wallets", "read"),
    ("post", "/wallets", "receive"),
    ("get", "/wallets/{id}", "read"),
    ("post", "/wallets/{id}/pause", "vet"),
    ("post", "/wallets/{id}/resume", "vet"),
    ("post", "/wallets/{id}/broadcast", "vet"),
    ("get", "/wallets/{id}/accounts", "read"),
    ("post", "/wallets/{id}/accounts", "receive"),
    ("get", "/accounts", "read"),
    ("get", "/accounts/{id}", "read"),
    ("get", "/accounts/{id}/addresses", "read"),
    ("post", "/accounts/{id}/addresses", "receive"),
    ("post", "/accounts/{id}/addresses/import", "receive"),
    ("get", "/addresses", "read"),
    ("get", "/addresses/{id}", "read"),
    ("post", "/addresses/{id}/archive", "receive"),
    ("post", "/transfers", "send"),
    ("post", "/transfers/batch", "send"),
    ("post", "/sends", "send"),
    ("get", "/transactions", "read"),
    ("get", "/transactions/{id}", "read"),
    ("post", "/transactions/{id}/cancel", "send"),
    ("post", "/transactions/{id}/processed", "receive"),
    ("get", "/network-transactions", "read"),
    ("get", "/network-transactions/{id}", "read"),
    ("get", "/broadcasts", "read"),
    ("get", "/broadcasts/{id}", "read"),
    ("post", "/broadcasts/{id}/close", "vet"),
    ("post", "/broadcasts/{id}/reopen", "vet"),
    ("post", "/broadcasts/{id}/cancel", "vet"),
    ("post", "/coins/{coin}/reconcile", "vet"),
    ("post", "/coins/{coin}/adjustments", "admin"),
    ("get", "/jobs", "read"),
    ("post", "/jobs/{name}/run", "vet"),
    ("post", "/audit", "vet"),
    ("get", "/audit-log", "admin"),
    ("get", "/tokens", "admin"),
    ("post", "/tokens", "admin"),
    ("delete", "/tokens/{id}", "admin"),
    ("get", "/users", "admin"),
    ("post", "/users", "admin"),
    ("patch", "/users/{id}", "admin"),
    ("delete", "/users/{id}", "admin"),
    ("post", "/coins/{coin}/simulated/pay", "vet"),
    ("post", "/coins/{coin}/simulated/mine", "vet"),
    ("post", "/coins/{coin}/simulated/reorg", "vet"),
    ("post", "/coins/{coin}/simulated/fail", "vet"),
];

#[tokio::test]
async fn the_document_has_every_call_of_the_contract_and_the_page_shows_it() -> anyhow::Result<()> {
    let mut app = TestApp::prepare(Store::Sqlite, COIN).await?;
    app.start("web", None).await?;
    // Both are for everybody.
    let browser = app.browser()?;
    let document: Value = serde_json::from_str(&browser.get("/api/openapi.json").await?.html)?;
    let page = browser.get("/api").await?;
    ensure!(page.status.is_success() && page.path == "/api", "{} {}", page.status, page.path);
    for (method, path, needed) in CONTRACT {
        let call = &document["paths"][format!("/api/v1{path}")][method];
        ensure!(scope(call) == *needed, "{method} {path} needs {}", scope(call));
        let shown = format!("{} /api/v1{path}", method.to_uppercase());
        ensure!(page.text().contains(&shown), "the page doesn't show {shown}");
    }
    for code in ["not_enough_account_balance", "idempotency_mismatch", "rate_limited"] {
        ensure!(page.html.contains(&format!("id=\"{code}\"")), "the page doesn't explain {code}");
    }
    Ok(())
}
