//! A browser without JavaScript: cookies, links, forms with their hidden fields, redirects. What a page says is read
//! from its elements, as a person reads it.

use anyhow::{Context, ensure};
use reqwest::StatusCode;
use reqwest::cookie::{CookieStore, Jar};
use reqwest::header::ORIGIN;
use scraper::{ElementRef, Html, Selector};
use std::sync::Arc;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(30);

pub struct Browser {
    client: reqwest::Client,
    jar: Arc<Jar>,
    /// `http://127.0.0.1:PORT`
    pub base: String,
}

/// A page as it came, and where from.
pub struct Page {
    pub status: StatusCode,
    /// Path and query.
    pub path: String,
    pub html: String,
}

/// A form as the page has it: fields with their values, to be filled in.
pub struct Form {
    pub action: String,
    pub post: bool,
    pub fields: Vec<(String, String)>,
}

impl Browser {
    pub fn new(base: impl Into<String>) -> anyhow::Result<Self> {
        // Another part of the process may have installed it first: either is the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let jar = Arc::new(Jar::default());
        let client =
            reqwest::Client::builder().no_proxy().cookie_provider(jar.clone()).timeout(LIMIT).build()?;
        Ok(Self { client, jar, base: base.into() })
    }

    /// As it sends them.
    pub fn cookies(&self) -> anyhow::Result<String> {
        let cookies = self.jar.cookies(&self.base.parse()?).context("it has no cookies")?;
        Ok(cookies.to_str()?.to_owned())
    }

    pub async fn sign_in(&self, name: &str, password: &str) -> anyhow::Result<Page> {
        let form = self.get("/sign-in").await?.form("/act/sign_in")?;
        let page = self.submit(form.fill("name", name).fill("password", password)).await?;
        ensure!(!page.path.starts_with("/sign-in"), "signing in led back to {}", page.path);
        Ok(page)
    }

    pub async fn get(&self, path: &str) -> anyhow::Result<Page> {
        let answer = self.client.get(format!("{}{path}", self.base)).send().await?;
        Page::read(answer).await
    }

    /// What would come with this path.
    pub async fn head(&self, path: &str) -> anyhow::Result<reqwest::header::HeaderMap> {
        Ok(self.client.head(format!("{}{path}", self.base)).send().await?.headers().clone())
    }

    /// Sends a form as a browser would and follows where it leads.
    pub async fn submit(&self, form: Form) -> anyhow::Result<Page> {
        let url = format!("{}{}", self.base, form.action);
        let request = if form.post {
            self.client.post(url).header(ORIGIN, &self.base).form(&form.fields)
        } else {
            self.client.get(reqwest::Url::parse_with_params(&url, &form.fields)?)
        };
        Page::read(request.send().await?).await
    }
}

impl Page {
    async fn read(answer: reqwest::Response) -> anyhow::Result<Self> {
        let status = answer.status();
        let url = answer.url();
        let path =
            url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let html = answer.text().await?;
        ensure!(
            status.as_u16() < 500,
            "{path} answered {status}: {}",
            text_of(Html::parse_document(&html).root_element())
        );
        Ok(Self { status, path, html })
    }

    /// The id in a path such as `/accounts/7`.
    pub fn id(&self) -> anyhow::Result<i64> {
        let path = self.path.split(['?', '#']).next().unwrap_or_default();
        let last = path.rsplit('/').find_map(|part| part.parse().ok());
        last.with_context(|| format!("no id in {}", self.path))
    }

    /// All that `main` says, blanks joined.
    pub fn text(&self) -> String {
        let html = Html::parse_document(&self.html);
        html.select(&selector("main")).next().map(text_of).unwrap_or_default()
    }

    /// Texts of the elements that match a CSS selector.
    pub fn all(&self, css: &str) -> Vec<String> {
        Html::parse_document(&self.html).select(&selector(css)).map(text_of).collect()
    }

    /// Where the links that match a CSS selector lead.
    pub fn hrefs(&self, css: &str) -> Vec<String> {
        let html = Html::parse_document(&self.html);
        html.select(&selector(css)).filter_map(|element| element.attr("href")).map(str::to_owned).collect()
    }

    /// An attribute of the first match.
    pub fn attribute(&self, css: &str, name: &str) -> Option<String> {
        let html = Html::parse_document(&self.html);
        html.select(&selector(css)).find_map(|element| element.attr(name).map(str::to_owned))
    }

    /// The first form whose action begins with `action`.
    pub fn form(&self, action: &str) -> anyhow::Result<Form> {
        self.find_form(action, |_| true).with_context(|| format!("{} has no form for {action}", self.path))
    }

    /// As `form`; of several the one in which `name` is `value`.
    pub fn form_where(&self, action: &str, name: &str, value: &str) -> anyhow::Result<Form> {
        let wanted = |form: &Form| form.fields.iter().any(|field| field.0 == name && field.1 == value);
        let what = || format!("{} has no form for {action} with {name} {value}: {}", self.path, self.text());
        self.find_form(action, wanted).with_context(what)
    }

    fn find_form(&self, action: &str, wanted: impl Fn(&Form) -> bool) -> Option<Form> {
        let html = Html::parse_document(&self.html);
        let read = |form: ElementRef<'_>| Form {
            action: form.attr("action").unwrap_or_default().to_owned(),
            post: form.attr("method").is_some_and(|method| method.eq_ignore_ascii_case("post")),
            fields: form.select(&selector("input, select, textarea")).filter_map(field).collect(),
        };
        html.select(&selector("form")).map(read).find(|form| form.action.starts_with(action) && wanted(form))
    }
}

impl Form {
    /// Ticks a box.
    #[must_use]
    pub fn tick(mut self, name: &str) -> Self {
        self.fields.push((name.into(), "1".into()));
        self
    }

    /// Sets a field, which the form must have.
    #[must_use]
    pub fn fill(mut self, name: &str, value: &str) -> Self {
        match self.fields.iter_mut().find(|(field, _)| field == name) {
            Some((_, old)) => value.clone_into(old),
            None => panic!("the form {} has no field {name}, only {:?}", self.action, self.fields),
        }
        self
    }

    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(field, _)| field == name)
    }
}

/// Name and value as a browser would send them; unchecked boxes are not sent.
fn field(element: ElementRef<'_>) -> Option<(String, String)> {
    let name = element.attr("name")?.to_owned();
    if matches!(element.attr("type"), Some("checkbox" | "radio")) && element.attr("checked").is_none() {
        return None;
    }
    let value = match element.value().name() {
        "select" => {
            let chosen = element.select(&selector("option[selected]")).next();
            let option = chosen.or_else(|| element.select(&selector("option")).next())?;
            option.attr("value").map_or_else(|| text_of(option), str::to_owned)
        }
        "textarea" => text_of(element),
        _ => element.attr("value").unwrap_or_default().to_owned(),
    };
    Some((name, value))
}

fn selector(css: &str) -> Selector {
    Selector::parse(css).expect("tests write selectors that parse")
}

fn text_of(element: ElementRef<'_>) -> String {
    let text: String = element.text().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
