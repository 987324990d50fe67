//! Reading YAML so that every fault is found at once: each accessor notes the key as known and, where the value is
//! wrong, a fault with its path and line, and goes on with the default. Values of secrets never get into a fault.

use super::{Origin, Secret, line, word};
use app::model::{Amount, Coin};
use serde_yaml::{Mapping, Value};
use std::cell::RefCell;
use std::fmt;
use std::ops::RangeInclusive;

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub path: String,
    pub line: Option<usize>,
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

/// Where `${NAME}` comes from, so that tests need no environment.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The text being read, and what is wrong with it so far.
pub struct Reader<'a> {
    text: &'a str,
    environment: Environment<'a>,
    faults: RefCell<Vec<Fault>>,
    origin: RefCell<Origin>,
}

impl<'a> Reader<'a> {
    pub fn new(text: &'a str, environment: Environment<'a>) -> Self {
        Self { text, environment, faults: RefCell::default(), origin: RefCell::default() }
    }

    pub fn fault(&self, path: &[String], message: impl Into<String>) {
        let line = line::of(self.text, path);
        self.faults.borrow_mut().push(Fault { path: path.join("."), line, message: message.into() });
    }

    /// Which keys the file has, and which it could have.
    pub fn origin(&self) -> Origin {
        self.origin.borrow().clone()
    }

    /// In the order of the file.
    pub fn into_faults(self) -> Vec<Fault> {
        let mut faults = self.faults.into_inner();
        faults.sort_by_key(|fault| fault.line.unwrap_or(0));
        faults
    }

    /// Replaces `${NAME}`; `$${` is a literal `${`.
    fn expand(&self, path: &[String], text: &str) -> Option<String> {
        let mut expanded = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            if rest[..at].ends_with('$') {
                expanded.push_str(&rest[..at - 1]);
                expanded.push_str("${");
                rest = &rest[at + 2..];
                continue;
            }
            expanded.push_str(&rest[..at]);
            let Some((name, tail)) = rest[at + 2..].split_once('}') else {
                self.fault(path, "a \"${\" has no closing brace");
                return None;
            };
            if let Some(value) = (self.environment)(name) {
                expanded.push_str(&value);
            } else {
                self.fault(path, format!("the environment has no variable {name}"));
                return None;
            }
            rest = tail;
        }
        expanded.push_str(rest);
        Some(expanded)
    }
}

/// One mapping of the file; a missing one reads as empty, so that all defaults apply.
pub struct Section<'a> {
    pub reader: &'a Reader<'a>,
    pub path: Vec<String>,
    map: Option<&'a Mapping>,
    known: RefCell<Vec<String>>,
}

impl<'a> Section<'a> {
    pub fn new(reader: &'a Reader<'a>, path: Vec<String>, value: Option<&'a Value>) -> Self {
        let map = match value {
            Some(Value::Mapping(map)) => Some(map),
            None | Some(Value::Null) => None,
            Some(other) => {
                reader.fault(&path, format!("expected keys with values, found {}", kind(other)));
                None
            }
        };
        Self { reader, path, map, known: RefCell::default() }
    }

    pub fn is_empty(&self) -> bool {
        self.map.is_none_or(Mapping::is_empty)
    }

    pub fn at(&self, key: &str) -> Vec<String> {
        let mut path = self.path.clone();
        path.push(key.to_owned());
        path
    }

    pub fn fault(&self, key: &str, message: impl Into<String>) {
        self.reader.fault(&self.at(key), message);
    }

    /// `None` for absent and for null.
    pub fn value(&self, key: &str) -> Option<&'a Value> {
        self.known.borrow_mut().push(key.to_owned());
        let value = self.map.and_then(|map| map.get(key)).filter(|value| !value.is_null());
        self.reader.origin.borrow_mut().asked(self.at(key).join("."), value.is_some());
        value
    }

    pub fn section(&self, key: &str) -> Section<'a> {
        let value = self.value(key);
        Section::new(self.reader, self.at(key), value)
    }

    /// A text further down, looked at before its turn; nothing is noted and nothing judged.
    pub fn peek(&self, section: &str, key: &str) -> Option<&'a str> {
        self.map?.get(section)?.as_mapping()?.get(key)?.as_str()
    }

    /// Every entry, for maps whose keys are names.
    pub fn entries(&self) -> Vec<(String, &'a Value)> {
        let Some(map) = self.map else { return Vec::new() };
        let mut entries = Vec::new();
        for (key, value) in map {
            match key {
                Value::String(name) => {
                    self.known.borrow_mut().push(name.clone());
                    entries.push((name.clone(), value));
                }
                other => {
                    self.reader.fault(&self.path, format!("expected a name as key, found {}", kind(other)));
                }
            }
        }
        entries
    }

    /// Text with the environment filled in.
    pub fn text(&self, key: &str) -> Option<String> {
        match self.value(key)? {
            Value::String(text) => self.reader.expand(&self.at(key), text),
            other => {
                self.fault(key, format!("expected text, found {}", kind(other)));
                None
            }
        }
    }

    /// A secret: from `key`, or from the file that `key_file` names (its last line break is left out).
    pub fn secret(&self, key: &str) -> Option<Secret> {
        let file_key = format!("{key}_file");
        let (inline, file) = (self.text(key), self.text(&file_key));
        match (inline, file) {
            (Some(_), Some(_)) => {
                self.fault(&file_key, format!("give either {key} or {file_key}, not both"));
                None
            }
            (Some(text), None) => Some(Secret::new(text)),
            (None, Some(file)) => match std::fs::read_to_string(&file) {
                Ok(text) => Some(Secret::new(text.trim_end_matches(['\r', '\n']))),
                Err(error) => {
                    self.fault(&file_key, format!("the file can't be read: {error}"));
                    None
                }
            },
            (None, None) => None,
        }
    }

    pub fn flag(&self, key: &str) -> Option<bool> {
        match self.value(key)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) if text.contains("${") => {
                let expanded = self.reader.expand(&self.at(key), text)?;
                expanded.parse().map_err(|_| self.fault(key, "expected true or false")).ok()
            }
            other => {
                self.fault(key, format!("expected true or false, found {}", kind(other)));
                None
            }
        }
    }

    /// A whole number within `range`.
    pub fn whole(&self, key: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let expected = || format!("expected a whole number from {} to {}", range.start(), range.end());
        let number = match self.value(key)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) if text.contains("${") => {
                self.reader.expand(&self.at(key), text)?.parse().ok()
            }
            other => {
                self.fault(key, format!("{}, found {}", expected(), kind(other)));
                return None;
            }
        };
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            self.fault(key, expected());
        }
        number
    }

    /// One of several words.
    pub fn word<T: Copy>(&self, key: &str, words: &[(&'static str, T)]) -> Option<T> {
        let typed = self.text(key)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == typed) {
            return Some(*value);
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let mut message = format!("expected {}", one_of(&names));
        if let Some(near) = word::nearest(&typed, names.iter().copied()) {
            message += &format!("; did you mean \"{near}\"?");
        }
        self.fault(key, message);
        None
    }

    /// Minor units, written as text: `"0.00100000"`. Unquoted, YAML would have made a float of it.
    pub fn amount(&self, key: &str, coin: Coin) -> Option<i64> {
        let text = match self.value(key)? {
            Value::String(text) => self.reader.expand(&self.at(key), text)?,
            Value::Number(number) if number.is_i64() => number.to_string(),
            other => {
                self.fault(
                    key,
                    format!("expected an amount in quotes, such as \"0.00100000\", found {}", kind(other)),
                );
                return None;
            }
        };
        match Amount::parse_or_zero(coin, &text) {
            Ok(amount) => Some(amount.units),
            Err(error) => {
                self.fault(key, format!("expected an amount: {error}"));
                None
            }
        }
    }

    pub fn parsed<T>(&self, key: &str, expected: &str) -> Option<T>
    where
        T: std::str::FromStr,
    {
        let text = self.text(key)?;
        text.parse().map_err(|_| self.fault(key, format!("expected {expected}"))).ok()
    }

    /// Whether `key` stands there with YAML's null as its value.
    pub fn names_null(&self, key: &str) -> bool {
        self.known.borrow_mut().push(key.to_owned());
        self.map.and_then(|map| map.get(key)).is_some_and(Value::is_null)
    }

    /// Every key that nobody asked for is a fault. Call it last.
    pub fn finish(&self) {
        let Some(map) = self.map else { return };
        let known = self.known.borrow();
        for key in map.keys() {
            let Some(name) = key.as_str() else {
                self.reader.fault(&self.path, format!("expected a name as key, found {}", kind(key)));
                continue;
            };
            if known.iter().any(|known| known == name) {
                continue;
            }
            let mut message = "there is no such key".to_owned();
            match word::nearest(name, known.iter().map(String::as_str)) {
                Some(near) => message += &format!("; did you mean \"{near}\"?"),
                None if known.is_empty() => {}
                None => {
                    let mut names: Vec<&str> =
                        known.iter().map(String::as_str).filter(|key| !key.ends_with("_file")).collect();
                    names.sort_unstable();
                    names.dedup();
                    message += &format!("; expected {}", one_of(&names));
                }
            }
            self.reader.fault(&self.at(name), message);
        }
    }
}

pub fn one_of(names: &[&str]) -> String {
    match names {
        [] => "nothing".into(),
        [one] => (*one).into(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// What was found, without saying it: it may be a secret in the wrong place.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(number) if number.is_f64() => "a number with a point",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Sequence(_) => "a list",
        Value::Mapping(_) => "keys with values",
        Value::Tagged(_) => "a tagged value",
    }
}
