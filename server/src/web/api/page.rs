//! The document as the page `/api` shows it: calls by their tags, fields with their kinds, one example a body.

use super::Document;
use crate::answer::CODES;
use app::model::{ApiAnswer, ApiCall, ApiCode, ApiDocument, ApiField, ApiGroup, ApiShape};
use serde_json::{Map, Value};

pub fn of(document: &Document) -> ApiDocument {
    let whole = document.value();
    let groups = whole["tags"].as_array().into_iter().flatten().map(|tag| ApiGroup {
        name: text(&tag["name"]),
        about: text(&tag["description"]),
        calls: calls(whole, &text(&tag["name"])),
    });
    let codes = CODES.iter().map(|code| ApiCode {
        code: code.code.into(),
        status: code.status,
        title: code.title.into(),
    });
    ApiDocument {
        about: text(&whole["info"]["description"]),
        groups: groups.collect(),
        shapes: shapes(whole),
        codes: codes.collect(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().trim().replace('\n', " ")
}

fn calls(whole: &Value, tag: &str) -> Vec<ApiCall> {
    let mut found = Vec::new();
    for (path, methods) in whole["paths"].as_object().into_iter().flatten() {
        for (method, call) in methods.as_object().into_iter().flatten() {
            if call["tags"][0] == *tag {
                found.push(one(whole, path, method, call));
            }
        }
    }
    found
}

fn one(whole: &Value, path: &str, method: &str, call: &Value) -> ApiCall {
    let mut fields: Vec<ApiField> = call["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|parameter| ApiField {
            name: text(&parameter["name"]),
            place: text(&parameter["in"]),
            kind: kind(&parameter["schema"]),
            required: parameter["required"] == true,
            about: text(&parameter["description"]),
        })
        .collect();
    let body = &call["requestBody"]["content"]["application/json"]["schema"];
    let body = resolved(whole, body);
    fields.extend(fields_of(body, "body"));
    let example =
        body.is_object().then(|| serde_json::to_string_pretty(&example(whole, body)).ok()).flatten();
    let answers = call["responses"].as_object().into_iter().flatten();
    let answers = answers.filter(|(status, _)| status.starts_with('2')).map(|(status, answer)| ApiAnswer {
        status: status.clone(),
        about: text(&answer["description"]),
        shape: kind(&answer["content"]["application/json"]["schema"]),
    });
    ApiCall {
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&call["summary"]),
        about: text(&call["description"]),
        scope: text(&call["security"][0]["bearer"][0]),
        fields,
        answers: answers.collect(),
        codes: call["x-codes"].as_array().into_iter().flatten().map(text).collect(),
        example,
    }
}

fn resolved<'a>(whole: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => whole.pointer(reference.trim_start_matches('#')).unwrap_or(schema),
        None => schema,
    }
}

fn fields_of(schema: &Value, place: &str) -> Vec<ApiField> {
    let required = |name: &str| {
        schema["required"].as_array().is_some_and(|names| names.iter().any(|required| required == name))
    };
    let properties = schema["properties"].as_object().into_iter().flatten();
    let field = |(name, field): (&String, &Value)| ApiField {
        name: name.clone(),
        place: place.to_owned(),
        kind: kind(field),
        required: required(name),
        about: text(&field["description"]),
    };
    properties.map(field).collect()
}

/// A schema in a few words.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return name.replace("List_", "list of ");
    }
    if let Some(several) = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array()) {
        return several.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    match &schema["type"] {
        Value::String(word) if word == "array" => format!("list of {}", kind(&schema["items"])),
        Value::String(word) => word.clone(),
        Value::Array(words) => words.iter().map(text).collect::<Vec<_>>().join(" or "),
        _ => String::new(),
    }
}

fn example(whole: &Value, schema: &Value) -> Value {
    let schema = resolved(whole, schema);
    if let Some(given) = schema.get("example") {
        return given.clone();
    }
    if let Some(properties) = schema["properties"].as_object() {
        let each = properties.iter().map(|(name, field)| (name.clone(), example(whole, field)));
        return Value::Object(each.collect::<Map<_, _>>());
    }
    match &schema["type"] {
        Value::String(word) if word == "array" => Value::Array(vec![example(whole, &schema["items"])]),
        Value::String(word) if word == "boolean" => Value::Bool(false),
        Value::String(word) if word == "string" => Value::String("…".into()),
        _ => Value::Null,
    }
}

/// Of answers: bodies stand beside their calls.
fn shapes(whole: &Value) -> Vec<ApiShape> {
    let all = whole["components"]["schemas"].as_object().into_iter().flatten();
    let answered = all.filter(|(name, schema)| {
        schema["properties"].is_object()
            && schema["additionalProperties"] != false
            && !name.starts_with("List_")
    });
    let shape = |(name, schema): (&String, &Value)| ApiShape {
        name: name.clone(),
        about: text(&schema["description"]),
        fields: fields_of(schema, ""),
    };
    answered.map(shape).collect()
}
