//! The URL as the state of a page: what was asked, and links that carry it on.

use leptos::prelude::use_context;
use leptos_router::location::RequestUrl;
use url::Url;
use url::form_urlencoded;

/// The request's path and its query, decoded once. (The router's own map decodes twice, which spoils a typed `%`.)
#[derive(Clone, Debug, Default)]
pub struct Query {
    path: String,
    whole: String,
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Of the request that is being answered.
    pub fn asked() -> Self {
        use_context::<RequestUrl>()
            .and_then(|url| Url::parse(url.as_ref()).ok())
            .map(|url| Self::of(&url))
            .unwrap_or_default()
    }

    /// Of a request's path and query, for what is no page.
    pub fn of_request(path_and_query: &str) -> Option<Self> {
        Url::parse(&format!("http://coffer{path_and_query}")).ok().map(|url| Self::of(&url))
    }

    fn of(url: &Url) -> Self {
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        Self {
            path: url.path().to_owned(),
            whole: format!("{}{query}", url.path()),
            pairs: url.query_pairs().into_owned().collect(),
        }
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    /// Path and query, as the browser has them.
    pub fn whole(&self) -> &str {
        &self.whole
    }

    /// The last value of this name, trimmed; empty when there is none.
    pub fn get(&self, name: &str) -> &str {
        self.pairs.iter().rev().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    /// As `get`, `None` when empty.
    pub fn some(&self, name: &str) -> Option<String> {
        Some(self.get(name)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(_, value)| !value.is_empty())
    }

    pub fn paging(&self) -> crate::model::Paging {
        crate::model::Paging { after: self.some("after"), before: self.some("before"), limit: None }
    }
}

/// A path (with a query already, or without) and more of it; pairs without a value are left out.
pub fn link<'a>(path: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs.into_iter().filter(|(_, value)| !value.is_empty()));
    let query = query.finish();
    let joint = if path.contains('?') { '&' } else { '?' };
    if query.is_empty() { path.to_owned() } else { format!("{path}{joint}{query}") }
}

/// Only a path of this site may be where sign-in leads: `//host`, `/\host` and `https:` would lead away.
pub fn local_path(next: &str) -> &str {
    let Some(rest) = next.strip_prefix('/') else { return "/" };
    let leads_away = rest.starts_with('/') || next.chars().any(|c| c.is_control() || c == '\\');
    let no_page = next.starts_with("/sign-in") || next.starts_with("/act/");
    if leads_away || no_page { "/" } else { next }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_in_leads_to_local_paths_only() {
        for away in [
            "",
            "https://example.org",
            "//example.org",
            "/\\example.org",
            "/\n/example.org",
            "é",
            "/sign-in?next=/",
            "/act/send",
        ] {
            assert_eq!(local_path(away), "/", "{away:?}");
        }
        assert_eq!(local_path("/accounts/7?after=x#history"), "/accounts/7?after=x#history");
    }

    #[test]
    fn what_a_link_carries_is_what_the_query_reads() {
        let typed = "100% of A&B +1";
        let url = Url::parse("http://coffer")
            .unwrap()
            .join(&link("/transactions", [("label", typed), ("state", "")]))
            .unwrap();
        let query = Query::of(&url);
        assert_eq!((query.get("label"), query.some("state")), (typed, None));
    }
}
