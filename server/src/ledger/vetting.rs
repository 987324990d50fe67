//! What may be ordered about a broadcast, and why not: the one place of the guards, for the verbs and for the pages
//! that offer them.

use super::LedgerError;
use crate::db::{Tx, query_owned};
use crate::record;
use app::model::{Act, NetworkTransactionId, NetworkTransactionState as State, Time, Verdict};

/// Evidence older than this is gathered again before anybody acts on it: about five passes of the job.
const EVIDENCE_SECONDS: i64 = 300;

/// What the guards go by.
#[derive(Clone, Debug)]
pub struct Facts {
    pub state: State,
    /// Signed versions; none for one-shots.
    pub versions: i64,
    pub attempts: i64,
    /// Of the last attempt.
    pub deadline: Option<Time>,
    pub confirmations: Option<i64>,
    pub verdict: Option<Verdict>,
    pub gathered_at: Option<Time>,
    /// A higher fee was ordered and its version isn't made yet.
    pub bump_waits: bool,
    /// Transactions that it still carries.
    pub carried: i64,
}

/// Whether a higher fee was ordered for broadcast `n` and its version isn't made yet, as SQL.
pub(super) const BUMP_WAITS: &str =
    "EXISTS (SELECT 1 FROM decision d WHERE d.broadcast = n.id AND d.act = 'bump' AND d.decided_at >
         (SELECT MAX(v.created_at) FROM broadcast_version v WHERE v.broadcast = n.id)) AS bump_waits";

record!(Facts {
    state,
    versions,
    attempts,
    deadline,
    confirmations,
    verdict,
    gathered_at,
    bump_waits,
    carried
});

impl Facts {
    pub async fn load(tx: &mut Tx<'_>, broadcast: NetworkTransactionId) -> Result<Self, LedgerError> {
        query_owned(format!(
            "SELECT n.state, n.confirmations, e.verdict, e.gathered_at,
                 (SELECT COUNT(*) FROM broadcast_version v WHERE v.broadcast = n.id) AS versions,
                 (SELECT COUNT(*) FROM attempt a WHERE a.broadcast = n.id) AS attempts,
                 (SELECT MAX(a.deadline) FROM attempt a WHERE a.broadcast = n.id) AS deadline,
                 (SELECT COUNT(*) FROM \"transaction\" t WHERE t.network_transaction = n.id
                     AND t.state IN ('pending', 'broadcasted')) AS carried,
                 {BUMP_WAITS}
             FROM network_transaction n LEFT JOIN evidence e ON e.id =
                 (SELECT MAX(id) FROM evidence WHERE broadcast = n.id)
             WHERE n.id = $1 AND n.type = 'broadcast'"
        ))
        .bind(broadcast)
        .optional(tx)
        .await?
        .ok_or(LedgerError::UnknownBroadcast(broadcast))
    }

    pub fn one_shot(&self) -> bool {
        self.versions == 0
    }

    /// `can_replace`: the network takes a version that pays more for one that waits.
    pub fn may(
        &self,
        act: Act,
        can_replace: bool,
        max_confirmation_count: i64,
        now: Time,
    ) -> Result<(), LedgerError> {
        match act {
            Act::Close => self.must_be_broken(),
            Act::Reopen => self.must_be_broken().and_then(|()| self.must_not_be_found(now)),
            Act::Cancel => self.may_cancel(can_replace, now),
            Act::Bump => self.may_bump(can_replace),
            Act::Fail | Act::Renew => self.must_be_lost(max_confirmation_count),
        }
    }

    fn wrong_state(&self) -> LedgerError {
        LedgerError::wrong_state(self.state.as_str())
    }

    fn must_be_broken(&self) -> Result<(), LedgerError> {
        if self.state == State::Broken { Ok(()) } else { Err(self.wrong_state()) }
    }

    /// It would be paid twice if the network had it after all.
    fn must_not_be_found(&self, now: Time) -> Result<(), LedgerError> {
        let forbid = |why: &str| Err(LedgerError::EvidenceForbids(why.into()));
        let (Some(verdict), Some(gathered_at)) = (self.verdict, self.gathered_at) else {
            return forbid("No evidence has been gathered yet.");
        };
        match verdict {
            Verdict::Found => forbid("The evidence says found: it was sent. Close it."),
            Verdict::CantTell => forbid("The evidence can't tell yet whether it was sent."),
            Verdict::NotFound if self.deadline.is_some_and(|deadline| gathered_at <= deadline) => {
                forbid("The evidence is older than the attempt's deadline. Gather it again.")
            }
            Verdict::NotFound if now.seconds_since(gathered_at) > EVIDENCE_SECONDS => {
                forbid("The evidence is more than 5 minutes old. Gather it again.")
            }
            Verdict::NotFound => Ok(()),
        }
    }

    fn may_cancel(&self, can_replace: bool, now: Time) -> Result<(), LedgerError> {
        match self.state {
            State::Collected | State::Prepared if self.attempts == 0 => Ok(()),
            State::Collected | State::Broken if self.one_shot() => self.must_not_be_found(now),
            State::Open | State::Closed => self.must_be_replaceable(can_replace),
            _ => Err(self.wrong_state()),
        }
    }

    fn may_bump(&self, can_replace: bool) -> Result<(), LedgerError> {
        if !matches!(self.state, State::Open | State::Closed) || self.bump_waits {
            return Err(self.wrong_state());
        }
        self.must_be_replaceable(can_replace)
    }

    fn must_be_replaceable(&self, can_replace: bool) -> Result<(), LedgerError> {
        if self.one_shot() {
            return Err(LedgerError::EvidenceForbids(
                "It was sent in one call: its inputs are the daemon's, so no other version of it can be made.".into(),
            ));
        }
        if self.confirmations.unwrap_or(0) != 0 {
            return Err(LedgerError::EvidenceForbids("It is confirmed.".into()));
        }
        if can_replace { Ok(()) } else { Err(LedgerError::CantReplace) }
    }

    /// For good: what spent its anchor is as deep as we follow.
    fn must_be_lost(&self, max_confirmation_count: i64) -> Result<(), LedgerError> {
        if self.state != State::Conflicted || self.carried == 0 {
            return Err(self.wrong_state());
        }
        let depth = self.confirmations.map_or(0, i64::wrapping_neg);
        if depth >= max_confirmation_count {
            return Ok(());
        }
        Err(LedgerError::EvidenceForbids(format!(
            "What spent its inputs has {depth} of {max_confirmation_count} confirmations: it may still come back."
        )))
    }
}
