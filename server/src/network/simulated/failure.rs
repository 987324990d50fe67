//! Failures to order: what the simulated network does wrong on a given call, as often as told. They stand in the
//! database, so that an order given in one process fails the calls of another.

use super::verb::{Fault, Rules, Verb};
use crate::db::{DbError, Tx, query};
use crate::network::BackendError;
use async_trait::async_trait;
use std::fmt;
use std::str::FromStr;

/// Calls of `Backend` that ask the network, by name; `decode`, `can_prepare` and `can_replace` ask nobody.
pub const CALLS: [&str; 18] = [
    "connect",
    "node",
    "owns",
    "new_address",
    "totals",
    "unspent",
    "fee_rate",
    "change_address",
    "sign",
    "test_prepared",
    "send_prepared",
    "send_many",
    "sent_since",
    "uptime",
    "transaction",
    "since",
    "lock",
    "unlock",
];
/// Stands for all of them: the whole backend is away.
pub const EVERY_CALL: &str = "every_call";

/// No answer is waited for longer than a real daemon's would be.
const HANG_SECONDS_MAX: u32 = 15;
const LATE_SECONDS_MAX: u32 = 3600;

/// The error of a daemon that is starting: a refusal that any call may meet.
const WARMING_UP: i64 = -28;

/// One way to fail. "Done" says whether the network carries the call out all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Answered with this error code; not done. For a send only the codes of the closed list are certain.
    Refused { code: i64 },
    /// Connection refused; not done.
    Unavailable,
    /// Done, and then the reply is lost.
    LostReply,
    /// Lost on the way; not done. The caller can't tell it from a lost reply.
    NotDelivered,
    /// The caller gives up, and it is done so many seconds later.
    Late { seconds: u32 },
    /// Done, and the reply makes no sense.
    Garbled,
    /// Done, and the reply hangs for so many seconds until the caller's time-out.
    Hang { seconds: u32 },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { code } => write!(f, "refused:{code}"),
            Self::Unavailable => f.write_str("unavailable"),
            Self::LostReply => f.write_str("lost_reply"),
            Self::NotDelivered => f.write_str("not_delivered"),
            Self::Late { seconds } => write!(f, "late:{seconds}"),
            Self::Garbled => f.write_str("garbled"),
            Self::Hang { seconds } => write!(f, "hang:{seconds}"),
        }
    }
}

impl FromStr for Failure {
    type Err = ();

    /// As it is displayed; the number may be left out. `unknown` is the commonest unknown outcome: a lost reply.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (word, number) = text.split_once(':').map_or((text, None), |(word, number)| (word, Some(number)));
        let seconds =
            |max: u32| number.map_or(Ok(5), str::parse).map(|seconds: u32| seconds.min(max)).map_err(|_| ());
        match word {
            "refused" => {
                Ok(Self::Refused { code: number.map_or(Ok(WARMING_UP), str::parse).map_err(|_| ())? })
            }
            "late" => Ok(Self::Late { seconds: seconds(LATE_SECONDS_MAX)? }),
            "hang" => Ok(Self::Hang { seconds: seconds(HANG_SECONDS_MAX)? }),
            _ if number.is_some() => Err(()),
            "unavailable" => Ok(Self::Unavailable),
            "lost_reply" | "unknown" => Ok(Self::LostReply),
            "not_delivered" => Ok(Self::NotDelivered),
            "garbled" => Ok(Self::Garbled),
            _ => Err(()),
        }
    }
}

impl Failure {
    /// Whether the network carries the call out at once although the caller won't hear of it.
    pub(super) fn is_done(self) -> bool {
        matches!(self, Self::LostReply | Self::Garbled | Self::Hang { .. })
    }

    /// What the caller gets to see.
    pub(super) fn error(self) -> BackendError {
        match self {
            Self::Refused { code } => BackendError::Refused { code, message: "a refusal was ordered".into() },
            Self::Unavailable => BackendError::Unavailable("connection refused".into()),
            Self::LostReply | Self::NotDelivered | Self::Late { .. } => {
                BackendError::Unavailable("the connection ended before the reply".into())
            }
            Self::Garbled => BackendError::Unavailable("the reply can't be read".into()),
            Self::Hang { seconds } => BackendError::Unavailable(format!("no reply within {seconds} s")),
        }
    }
}

/// A failure that waits for its call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderedFailure {
    pub call: String,
    pub how: Failure,
    pub times_left: i64,
}

impl fmt::Display for OrderedFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call, how, times_left } = self;
        write!(f, "{call}: {how}, {times_left} more")
    }
}

pub(super) async fn ordered(tx: &mut Tx<'_>, coin: &str) -> Result<Vec<OrderedFailure>, DbError> {
    let rows: Vec<(String, String, i64)> =
        query("SELECT call, how, times_left FROM simulated_failure WHERE coin = $1 ORDER BY id")
            .bind(coin)
            .all(tx)
            .await?;
    let parse = |how: &str| how.parse().map_err(|()| DbError::Failed(format!("\"{how}\" is no failure")));
    rows.into_iter()
        .map(|(call, how, times_left)| Ok(OrderedFailure { call, how: parse(&how)?, times_left }))
        .collect()
}

/// Orders a failure; `times` 0 takes back what was ordered for this call.
pub(super) struct Order {
    pub call: String,
    pub how: Failure,
    pub times: u32,
}

#[async_trait]
impl Verb for Order {
    const NAME: &'static str = "simulated_fail";
    type Output = ();

    async fn apply(&self, tx: &mut Tx<'_>, rules: &Rules) -> Result<(), Fault> {
        if self.call != EVERY_CALL && !CALLS.contains(&self.call.as_str()) {
            let calls = CALLS.join(", ");
            return Err(Fault::refused(-8, format!("\"{}\" is no call: {EVERY_CALL}, {calls}", self.call)));
        }
        if self.times == 0 {
            let sql = "DELETE FROM simulated_failure WHERE coin = $1 AND call = $2";
            query(sql).bind(&rules.coin).bind(&self.call).run(tx).await?;
            return Ok(());
        }
        query("INSERT INTO simulated_failure (coin, call, how, times_left) VALUES ($1, $2, $3, $4)")
            .bind(&rules.coin)
            .bind(&self.call)
            .bind(self.how.to_string())
            .bind(i64::from(self.times))
            .run_one(tx)
            .await?;
        Ok(())
    }
}

/// Uses up one ordered failure of a call, the oldest first.
pub(super) struct Take {
    pub call: &'static str,
}

#[async_trait]
impl Verb for Take {
    const NAME: &'static str = "simulated_take_failure";
    type Output = Option<Failure>;

    async fn apply(&self, tx: &mut Tx<'_>, rules: &Rules) -> Result<Option<Failure>, Fault> {
        let Some((id, how, times_left)) =
            query("SELECT id, how, times_left FROM simulated_failure WHERE coin = $1 AND call IN ($2, $3) ORDER BY id LIMIT 1")
                .bind(&rules.coin)
                .bind(self.call)
                .bind(EVERY_CALL)
                .optional::<(i64, String, i64)>(tx)
                .await?
        else {
            return Ok(None);
        };
        let sql = if times_left > 1 {
            "UPDATE simulated_failure SET times_left = times_left - 1 WHERE id = $1"
        } else {
            "DELETE FROM simulated_failure WHERE id = $1"
        };
        query(sql).bind(id).run_one(tx).await?;
        Ok(how.parse().ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_read_as_they_are_written() {
        let all = [
            Failure::Refused { code: -25 },
            Failure::Unavailable,
            Failure::LostReply,
            Failure::NotDelivered,
            Failure::Late { seconds: 7 },
            Failure::Garbled,
            Failure::Hang { seconds: 3 },
        ];
        for failure in all {
            assert_eq!(failure.to_string().parse(), Ok(failure));
        }
        assert_eq!("unknown".parse(), Ok(Failure::LostReply));
        assert_eq!("hang:9999".parse(), Ok(Failure::Hang { seconds: HANG_SECONDS_MAX }));
        for bad in ["", "late:", "late:-1", "garbled:1", "refused:x", "explode"] {
            assert_eq!(bad.parse::<Failure>(), Err(()), "{bad}");
        }
    }
}
