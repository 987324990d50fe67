//! A moment: microseconds since 1970 in UTC, as the database holds it. Read from `Clock`, never from the system here.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(pub i64);

impl Time {
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// Whole seconds from `earlier` to this moment, negative when it lies before.
    pub fn seconds_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0) / 1_000_000
    }
}

#[cfg(feature = "ssr")]
mod text {
    use super::Time;
    use time::macros::format_description;
    use time::{OffsetDateTime, format_description::BorrowedFormatItem};

    impl Time {
        fn utc(self) -> OffsetDateTime {
            OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1000)
                .unwrap_or(OffsetDateTime::UNIX_EPOCH)
        }

        fn write(self, form: &[BorrowedFormatItem<'_>]) -> String {
            self.utc().format(form).unwrap_or_default()
        }

        /// RFC 3339 with microseconds: `2026-11-22T14:20:07.000000Z`.
        pub fn rfc3339(self) -> String {
            self.write(format_description!(
                "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z"
            ))
        }

        /// `2026-11-22 14:20:07`
        pub fn date_and_clock(self) -> String {
            self.write(format_description!("[year]-[month]-[day] [hour]:[minute]:[second]"))
        }

        /// `2026-11-22`
        pub fn date(self) -> String {
            self.write(format_description!("[year]-[month]-[day]"))
        }

        /// `14:20:07`
        pub fn clock(self) -> String {
            self.write(format_description!("[hour]:[minute]:[second]"))
        }

        /// Any offset; to the microsecond.
        pub fn parse_rfc3339(text: &str) -> Option<Self> {
            let form = &time::format_description::well_known::Rfc3339;
            let nanoseconds = OffsetDateTime::parse(text, form).ok()?.unix_timestamp_nanos();
            i64::try_from(nanoseconds.div_euclid(1_000)).ok().map(Self)
        }

        /// Midnight UTC of a day written `2026-11-22`, as date fields give it.
        pub fn parse_date(text: &str) -> Option<Self> {
            let day = time::Date::parse(text.trim(), format_description!("[year]-[month]-[day]")).ok()?;
            let seconds = day.midnight().assume_utc().unix_timestamp();
            Some(Self(seconds.checked_mul(1_000_000)?))
        }
    }
}
