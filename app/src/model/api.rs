//! The API as its page shows it: read from the OpenAPI document, so that page and document say the same.

/// All calls by what they are about, the shapes of their answers, and the codes of their refusals.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApiDocument {
    pub about: String,
    pub groups: Vec<ApiGroup>,
    pub shapes: Vec<ApiShape>,
    pub codes: Vec<ApiCode>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ApiGroup {
    pub name: String,
    pub about: String,
    pub calls: Vec<ApiCall>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ApiCall {
    pub method: String,
    pub path: String,
    pub summary: String,
    pub about: String,
    pub scope: String,
    /// Of path, query, header and body, in this order.
    pub fields: Vec<ApiField>,
    pub answers: Vec<ApiAnswer>,
    /// By which it may be refused.
    pub codes: Vec<String>,
    /// A body, where it takes one.
    pub example: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ApiField {
    pub name: String,
    /// `path`, `query`, `header`, `body`; empty in shapes.
    pub place: String,
    /// `string`, `integer or null`, `list of Account` …
    pub kind: String,
    pub required: bool,
    pub about: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ApiAnswer {
    pub status: String,
    pub about: String,
    /// The shape's name; empty where nothing is answered.
    pub shape: String,
}

/// What an answer is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiShape {
    pub name: String,
    pub about: String,
    pub fields: Vec<ApiField>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ApiCode {
    pub code: String,
    pub status: u16,
    pub title: String,
}
