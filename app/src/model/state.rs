//! The states of everything, as words and as the one table of transitions. The words are the API's and the
//! database's, unchanged.

use super::Scope;

macro_rules! states {
    ($(#[$doc:meta])* $name:ident { $($(#[$item_doc:meta])* $item:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$item_doc])* $item),* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$item),*];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$item => $word),* }
            }
        }

        impl std::str::FromStr for $name {
            type Err = ();
            fn from_str(word: &str) -> Result<Self, ()> {
                match word { $($word => Ok(Self::$item),)* _ => Err(()) }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

states! {
    /// Of a transaction in the books.
    TransactionState {
        Pending = "pending",
        Broadcasted = "broadcasted",
        Failed = "failed",
        Cancelled = "cancelled",
        Incoming = "incoming",
        Credited = "credited",
        Reversed = "reversed",
        Internal = "internal",
        NetworkFee = "network_fee",
        BalanceImport = "balance_import",
        Adjustment = "adjustment",
    }
}

states! {
    /// What can happen to a transaction.
    TransactionEvent {
        BroadcastCloses = "broadcast closes",
        BroadcastSettles = "broadcast settles",
        Cancelled = "cancelled",
        BroadcastLost = "broadcast lost",
        PendingAgain = "pending again",
        ThresholdReached = "threshold reached",
        FallsToZero = "falls to 0 or below",
        Conflicted = "conflicted or abandoned",
    }
}

impl TransactionState {
    /// PRODUCT's table: the state after `event`, `None` where the event can't happen to this state.
    /// `Pending` is cancelled only while no version of its broadcast has left; the verb checks that.
    pub fn after(self, event: TransactionEvent) -> Option<Self> {
        use TransactionEvent as Event;
        match (self, event) {
            (Self::Pending, Event::BroadcastCloses) | (Self::Broadcasted, Event::BroadcastSettles) => {
                Some(Self::Broadcasted)
            }
            (Self::Pending, Event::Cancelled) => Some(Self::Cancelled),
            (Self::Broadcasted, Event::BroadcastLost) => Some(Self::Failed),
            (Self::Broadcasted, Event::PendingAgain) => Some(Self::Pending),
            (Self::Incoming | Self::Reversed, Event::ThresholdReached) => Some(Self::Credited),
            (Self::Incoming, Event::Conflicted) => Some(Self::Incoming),
            (Self::Credited, Event::FallsToZero) => Some(Self::Reversed),
            _ => None,
        }
    }
}

states! {
    NetworkTransactionType {
        Deposit = "deposit",
        Broadcast = "broadcast",
    }
}

states! {
    /// Deposits: seen to abandoned. Broadcasts: collected to cancelled. `conflicted` and `settled` are of both.
    NetworkTransactionState {
        Seen = "seen",
        Confirmed = "confirmed",
        Settled = "settled",
        Conflicted = "conflicted",
        Abandoned = "abandoned",
        Collected = "collected",
        Prepared = "prepared",
        Open = "open",
        Broken = "broken",
        Closed = "closed",
        Cancelling = "cancelling",
        Cancelled = "cancelled",
    }
}

states! {
    AddressKind {
        Receiving = "receiving",
        External = "external",
    }
}

states! {
    BackendState {
        /// Not asked yet since the start.
        Unknown = "unknown",
        Up = "up",
        Down = "down",
        /// It answers, but nothing is credited, sent or judged by it: wrong chain, initial download, lag.
        Unfit = "unfit",
    }
}

states! {
    JobState {
        Waiting = "waiting",
        Running = "running",
        BackingOff = "backing_off",
    }
}

states! {
    /// What a user may do; each may all that the one before may.
    Role {
        Viewer = "viewer",
        Operator = "operator",
        Admin = "admin",
    }
}

impl Role {
    pub fn may(self, needed: Self) -> bool {
        self as u8 >= needed as u8
    }

    /// Whether this role includes what tokens call by this scope.
    pub fn has(self, scope: Scope) -> bool {
        self.may(scope.role())
    }
}

#[cfg(test)]
mod tests {
    use super::{TransactionEvent, TransactionState};

    /// PRODUCT section 3, cell by cell: one row a state, one column an event, in the order of `ALL`.
    #[test]
    fn transitions_are_the_table_of_the_product() {
        let table = [
            ("pending", ["broadcasted", "-", "cancelled", "-", "-", "-", "-", "-"]),
            ("broadcasted", ["-", "broadcasted", "-", "failed", "pending", "-", "-", "-"]),
            ("failed", ["-"; 8]),
            ("cancelled", ["-"; 8]),
            ("incoming", ["-", "-", "-", "-", "-", "credited", "-", "incoming"]),
            ("credited", ["-", "-", "-", "-", "-", "-", "reversed", "-"]),
            ("reversed", ["-", "-", "-", "-", "-", "credited", "-", "-"]),
            ("internal", ["-"; 8]),
            ("network_fee", ["-"; 8]),
            ("balance_import", ["-"; 8]),
            ("adjustment", ["-"; 8]),
        ];
        assert_eq!(table.len(), TransactionState::ALL.len());
        for (word, cells) in table {
            let state: TransactionState = word.parse().unwrap();
            for (event, cell) in TransactionEvent::ALL.iter().zip(cells) {
                let after = state.after(*event).map_or("-", TransactionState::as_str);
                assert_eq!(after, cell, "{state} after {event}");
            }
        }
    }
}
