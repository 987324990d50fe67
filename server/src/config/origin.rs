//! Where settings come from: the file, and which of its keys were there. What isn't there has its default.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Clone, Debug, Default)]
pub struct Origin {
    file: Option<PathBuf>,
    /// Every key that was looked for, by its path, and whether the file has it.
    keys: BTreeMap<String, bool>,
}

impl Origin {
    pub(super) fn asked(&mut self, path: String, there: bool) {
        *self.keys.entry(path).or_default() |= there;
    }

    pub(super) fn of_file(self, file: PathBuf) -> Self {
        Self { file: Some(file), ..self }
    }

    /// `None` where no file was read.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Whether the file says it, itself or by a file of its own (`url_file`).
    pub fn is_set(&self, path: &str) -> bool {
        let there = |path: &str| self.keys.get(path).copied().unwrap_or(false);
        there(path) || there(&format!("{path}_file"))
    }

    /// Every key that could have been there, but for whole sections, and `url_file` beside `url`.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let is_section = |path: &str| {
            let beneath = format!("{path}.");
            self.keys.keys().any(|other| other.starts_with(&beneath))
        };
        let is_other_spelling =
            |path: &str| path.strip_suffix("_file").is_some_and(|short| self.keys.contains_key(short));
        self.keys.keys().map(String::as_str).filter(move |path| !is_section(path) && !is_other_spelling(path))
    }
}
