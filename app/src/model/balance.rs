//! What an account held over time, and what is on its way to it or from it.

use super::{Amount, Time};

/// How far back a chart looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Span {
    Day,
    Week,
    #[default]
    Month,
    Quarter,
    Year,
}

impl Span {
    pub const ALL: [Self; 5] = [Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year];

    /// As it stands in a URL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Quarter => "90d",
            Self::Year => "1y",
        }
    }

    /// As a person says it, after "the last".
    pub fn said(self) -> &'static str {
        match self {
            Self::Day => "24 hours",
            Self::Week => "7 days",
            Self::Month => "30 days",
            Self::Quarter => "90 days",
            Self::Year => "year",
        }
    }

    /// The month where the URL names none, or none of these.
    pub fn of(text: &str) -> Self {
        Self::ALL.into_iter().find(|span| span.as_str() == text).unwrap_or_default()
    }

    pub fn seconds(self) -> i64 {
        let days = match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 90,
            Self::Year => 365,
        };
        days * 86_400
    }
}

/// From here on the account held this, until the next point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BalancePoint {
    pub at: Time,
    pub balance: Amount,
}

/// Never empty: the first point stands at `from`, the last at `to`.
#[derive(Clone, Debug, PartialEq)]
pub struct BalanceOverTime {
    pub span: Span,
    pub from: Time,
    pub to: Time,
    pub points: Vec<BalancePoint>,
    /// Every change is a point; else there were too many, and the points are readings at equal distances.
    pub complete: bool,
}

/// What an account's figures of unconfirmed and held money are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub deposits: i64,
    /// The fewest and the most confirmations among these deposits.
    pub confirmations: (i64, i64),
    /// The coin's.
    pub confirmation_count: i64,
    /// Sends that are debited and not broadcasted yet.
    pub sends: i64,
}

impl Waiting {
    /// "1 deposit, 1 of 3 confirmations".
    pub fn deposits_said(self) -> String {
        let (fewest, most) = self.confirmations;
        let known = if fewest == most { fewest.to_string() } else { format!("{fewest} to {most}") };
        match self.deposits {
            0 => "no deposit under way".into(),
            1 => format!("1 deposit, {known} of {} confirmations", self.confirmation_count),
            n => format!("{n} deposits, {known} of {} confirmations", self.confirmation_count),
        }
    }

    pub fn sends_said(self) -> String {
        match self.sends {
            0 => "no send waits".into(),
            1 => "1 send, debited, not broadcasted yet".into(),
            n => format!("{n} sends, debited, not broadcasted yet"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_read_as_it_is_written() {
        for span in Span::ALL {
            assert_eq!(Span::of(span.as_str()), span);
        }
        assert_eq!(Span::of("forever"), Span::Month);
    }

    #[test]
    fn deposits_on_their_way_say_how_far_they_are() {
        let waiting =
            |deposits, confirmations| Waiting { deposits, confirmations, confirmation_count: 3, sends: 0 };
        assert_eq!(waiting(0, (0, 0)).deposits_said(), "no deposit under way");
        assert_eq!(waiting(1, (1, 1)).deposits_said(), "1 deposit, 1 of 3 confirmations");
        assert_eq!(waiting(4, (0, 2)).deposits_said(), "4 deposits, 0 to 2 of 3 confirmations");
    }
}
