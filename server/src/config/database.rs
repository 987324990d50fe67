//! The database's url, as `SQLAlchemy` writes it: three slashes and a relative path, or four and an absolute one.

use super::Secret;
use super::section::Section;
use std::path::PathBuf;

#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    /// As sqlx takes it; may hold a password.
    pub url: Secret,
    /// SQLite only: the file, beside which the runner's lock lies.
    pub file: Option<PathBuf>,
    /// Run migrations at start.
    pub migrate: bool,
    pub transaction_retries: u32,
}

impl DatabaseSettings {
    pub fn sqlite(file: PathBuf) -> Self {
        Self { url: Secret::new(sqlx_url(&file)), file: Some(file), migrate: true, transaction_retries: 3 }
    }
}

pub fn read(section: &Section<'_>) -> DatabaseSettings {
    let url = section.secret("url");
    let mut settings = match url.as_ref().map(|url| parse(url.reveal())) {
        None => DatabaseSettings::sqlite("coffer.sqlite".into()),
        Some(Ok(settings)) => settings,
        Some(Err(message)) => {
            section.fault("url", message);
            DatabaseSettings::sqlite("coffer.sqlite".into())
        }
    };
    settings.migrate = section.flag("migrate").unwrap_or(true);
    let retries = section.whole("transaction_retries", 0..=100);
    settings.transaction_retries = retries.and_then(|retries| u32::try_from(retries).ok()).unwrap_or(3);
    section.finish();
    settings
}

/// The message never repeats the url: it may hold a password.
fn parse(url: &str) -> Result<DatabaseSettings, &'static str> {
    if let Some(rest) = url.strip_prefix("sqlite:") {
        let path =
            rest.strip_prefix("///").ok_or("expected sqlite:///relative/path or sqlite:////absolute/path")?;
        if path.is_empty() || path == ":memory:" {
            return Err("a database in memory is lost when Coffer stops; expected sqlite:///coffer.sqlite");
        }
        return Ok(DatabaseSettings::sqlite(path.into()));
    }
    if url.starts_with("postgresql://") || url.starts_with("postgres://") {
        url.parse::<url::Url>().map_err(|_| "expected postgresql://user:password@host/name")?;
        return Ok(DatabaseSettings {
            url: Secret::new(url),
            file: None,
            migrate: true,
            transaction_retries: 3,
        });
    }
    Err("expected sqlite:///coffer.sqlite or postgresql://user:password@host/name")
}

/// Characters that mean something in a url are escaped, so that any path works.
fn sqlx_url(file: &std::path::Path) -> String {
    let path = file.to_string_lossy().replace('%', "%25").replace('?', "%3F").replace('#', "%23");
    format!("sqlite://{path}")
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn three_slashes_are_relative_and_four_absolute() {
        let url = |text| parse(text).unwrap().url.reveal().to_owned();
        assert_eq!(url("sqlite:///coffer.sqlite"), "sqlite://coffer.sqlite");
        assert_eq!(url("sqlite:////var/lib/a b?.sqlite"), "sqlite:///var/lib/a b%3F.sqlite");
        assert_eq!(url("postgresql://ada:pw@db/coffer"), "postgresql://ada:pw@db/coffer");
    }

    #[test]
    fn other_urls_are_refused_without_repeating_them() {
        for bad in [
            "sqlite://x",
            "sqlite:///",
            "sqlite:///:memory:",
            "mysql://ada:hunter2@db/x",
            "postgresql://[",
            "",
        ] {
            let message = parse(bad).unwrap_err();
            assert!(!message.contains("hunter2"), "{bad}");
        }
    }
}
