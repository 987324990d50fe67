//! A program that uses the JSON API with its token, as curl would. Answers are kept whole, refusals too.

use crate::app::TestApp;
use anyhow::{Context, ensure};
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

const LIMIT: Duration = Duration::from_mins(1);

/// Clones share their connections.
#[derive(Clone)]
pub struct Program {
    client: reqwest::Client,
    /// `http://127.0.0.1:PORT`
    base: String,
    pub token: Arc<str>,
}

/// An answer as it came.
#[derive(Debug)]
pub struct Reply {
    pub what: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    /// Null where there is no JSON.
    pub body: Value,
}

impl TestApp {
    /// A token of this name with these scopes, made by the command line.
    pub async fn program(&self, name: &str, scopes: &[&str]) -> anyhow::Result<Program> {
        self.program_with(name, scopes, &[]).await
    }

    pub async fn program_with(&self, name: &str, scopes: &[&str], more: &[&str]) -> anyhow::Result<Program> {
        let mut arguments = vec!["token", "create", "--name", name];
        for scope in scopes {
            arguments.extend(["--scope", scope]);
        }
        arguments.extend(more);
        let token = self.must(&arguments, "").await?.trim().to_owned();
        self.remember(&token);
        Program::new(self.port, &token)
    }
}

impl Program {
    pub fn new(port: u16, token: &str) -> anyhow::Result<Self> {
        // Another part of the process may have installed it first: either is the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().timeout(LIMIT).build()?;
        Ok(Self { client, base: format!("http://127.0.0.1:{port}"), token: token.into() })
    }

    /// `path` below `/api/v1`, unless it begins with `/api`.
    pub fn request(&self, method: &str, path: &str) -> anyhow::Result<RequestBuilder> {
        let whole = if path.starts_with("/api") { path.to_owned() } else { format!("/api/v1{path}") };
        let request = self.client.request(method.parse::<Method>()?, format!("{}{whole}", self.base));
        Ok(request.bearer_auth(&self.token))
    }

    pub async fn call(&self, request: RequestBuilder) -> anyhow::Result<Reply> {
        let answer = request.send().await?;
        let what = format!("{} {}", answer.status(), answer.url());
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Reply { what, status, headers, text, body })
    }

    pub async fn get(&self, path: &str) -> anyhow::Result<Reply> {
        self.call(self.request("GET", path)?).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Reply> {
        self.call(self.request("POST", path)?.json(body)).await
    }

    pub async fn post_once(&self, path: &str, key: &str, body: &Value) -> anyhow::Result<Reply> {
        self.call(self.request("POST", path)?.header("Idempotency-Key", key).json(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> anyhow::Result<Reply> {
        self.call(self.request("PATCH", path)?.json(body)).await
    }

    pub async fn delete(&self, path: &str) -> anyhow::Result<Reply> {
        self.call(self.request("DELETE", path)?).await
    }
}

impl Reply {
    /// The body, and it has this status.
    pub fn is(self, status: u16) -> anyhow::Result<Value> {
        ensure!(self.status == status, "{}, expected {status}: {}", self.what, self.text);
        Ok(self.body)
    }

    /// The problem, and it bears this code.
    pub fn refused(self, status: u16, code: &str) -> anyhow::Result<Value> {
        let kind = self.headers.get("content-type").and_then(|kind| kind.to_str().ok());
        ensure!(kind == Some("application/problem+json"), "{}: {kind:?} {}", self.what, self.text);
        ensure!(self.body["code"] == code, "{}, expected {code}: {}", self.what, self.text);
        for field in ["type", "title", "detail"] {
            ensure!(self.body[field].is_string(), "{}: no {field} in {}", self.what, self.text);
        }
        ensure!(self.body["status"] == status, "{}: {}", self.what, self.text);
        self.is(status)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// An id of an answer.
pub fn id(answer: &Value) -> anyhow::Result<i64> {
    answer["id"].as_i64().with_context(|| format!("no id in {answer}"))
}
