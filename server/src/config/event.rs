//! Who is told of events: one handler a name, by its class.

use super::section::Section;
use crate::event::{HttpSettings, ScriptSettings, SigningKey, destination_fault};
use app::model::HandlerClass;
use std::time::Duration;
use url::Url;

/// More than anyone runs; each has a queue and a loop of its own.
const HANDLERS_MAX: usize = 32;
/// A listener that takes longer does its work before it answers, and should do it afterwards.
const TIMEOUT_MAX_SECONDS: i64 = 60;

/// One handler as configured.
#[derive(Clone, Debug)]
pub struct HandlerSettings {
    pub name: String,
    pub kind: HandlerKind,
}

#[derive(Clone, Debug)]
pub enum HandlerKind {
    Http(HttpSettings),
    Script(ScriptSettings),
    /// The name of a function that this process has registered.
    InProcess {
        callback: String,
    },
}

impl HandlerKind {
    pub fn class(&self) -> HandlerClass {
        match self {
            Self::Http(_) => HandlerClass::Http,
            Self::Script(_) => HandlerClass::Script,
            Self::InProcess { .. } => HandlerClass::InProcess,
        }
    }
}

pub fn read_all(events: &Section<'_>) -> Vec<HandlerSettings> {
    let entries = events.entries();
    if entries.len() > HANDLERS_MAX {
        events.reader.fault(&events.path, format!("at most {HANDLERS_MAX} handlers are told of events"));
    }
    let read_one = |(name, value): (String, _)| {
        let section = Section::new(events.reader, events.at(&name), Some(value));
        if name.trim() != name || name.is_empty() || name.chars().count() > 255 {
            events.fault(&name, "a handler's name has 1 to 255 characters and no blanks around it");
        }
        let kind = read_kind(&section);
        Some(HandlerSettings { name, kind: kind? })
    };
    entries.into_iter().filter_map(read_one).collect()
}

fn read_kind(section: &Section<'_>) -> Option<HandlerKind> {
    let classes: Vec<_> = HandlerClass::ALL.iter().map(|class| (class.as_str(), *class)).collect();
    let Some(class) = section.word("class", &classes) else {
        if section.value("class").is_none() {
            section.fault("class", "a handler needs a class: http, script or in_process");
        }
        return None;
    };
    let kind = match class {
        HandlerClass::Http => read_http(section).map(HandlerKind::Http),
        HandlerClass::Script => read_script(section).map(HandlerKind::Script),
        HandlerClass::InProcess => {
            needed(section, "callback", "the name of a registered function, such as log")
                .map(|callback| HandlerKind::InProcess { callback })
        }
    };
    section.finish();
    kind
}

fn read_http(section: &Section<'_>) -> Option<HttpSettings> {
    let allow_private = section.flag("allow_private").unwrap_or(false);
    let timeout = timeout(section, 15);
    let secret = section.secret("secret");
    if let Some(Err(problem)) = secret.as_ref().map(|secret| SigningKey::parse(secret.reveal())) {
        section.fault("secret", format!("this secret can't sign: {problem}"));
    }
    let url = section.secret("url");
    if url.is_none() && section.value("url").is_none() && section.value("url_file").is_none() {
        section.fault("url", "where are events posted to, such as http://127.0.0.1:10000");
    }
    let Ok(url) = Url::parse(url?.reveal()) else {
        section.fault("url", "expected a url such as http://127.0.0.1:10000");
        return None;
    };
    if let Some(problem) = destination_fault(&url, allow_private) {
        section.fault("url", problem);
    }
    Some(HttpSettings { url, secret, allow_private, timeout })
}

fn read_script(section: &Section<'_>) -> Option<ScriptSettings> {
    let log_output = section.flag("log_output").unwrap_or(false);
    let timeout = timeout(section, 30);
    let script = needed(section, "script", "the shell command that is run for each event")?;
    Some(ScriptSettings { script, log_output, timeout })
}

fn needed(section: &Section<'_>, key: &str, expected: &str) -> Option<String> {
    let text = section.text(key).filter(|text| !text.trim().is_empty());
    if text.is_none() {
        section.fault(key, format!("expected {expected}"));
    }
    text
}

fn timeout(section: &Section<'_>, usual: u64) -> Duration {
    let seconds = section.whole("timeout", 1..=TIMEOUT_MAX_SECONDS);
    Duration::from_secs(seconds.and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(usual))
}
