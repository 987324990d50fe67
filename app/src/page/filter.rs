//! What a list's URL asks for: one function a list, for its page and for its CSV. A word that is no state, id or day
//! is a fault, for a filter that is ignored would lie.

use super::Query;
use crate::model::{
    AddressFilter, BroadcastFilter, FieldError, NetworkTransactionFilter, Sort, Time, TransactionFilter,
};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::str::FromStr;

pub type Asked<T> = (T, Vec<FieldError>);

/// Reads words and collects what is wrong with them.
struct Reader<'a> {
    query: &'a Query,
    faults: Vec<FieldError>,
}

impl<'a> Reader<'a> {
    fn new(query: &'a Query) -> Self {
        Self { query, faults: Vec::new() }
    }

    fn fault(&mut self, field: &'static str, message: &str) {
        self.faults.push(FieldError { field, message: message.into() });
    }

    fn word<T: FromStr>(&mut self, name: &'static str, message: &str) -> Option<T> {
        let read = self.query.some(name)?.parse().ok();
        if read.is_none() {
            self.fault(name, message);
        }
        read
    }

    /// The moment at which the day of this field begins, or the one after it.
    fn day(&mut self, name: &'static str, zone: &TimeZone, days_later: i8) -> Option<Time> {
        let begins = begin_of_day(&self.query.some(name)?, zone, days_later);
        if begins.is_none() {
            self.fault(name, "A day is written as 2026-11-22.");
        }
        begins
    }

    /// Of lists that are sorted by time alone.
    fn oldest_first(&mut self) -> bool {
        match self.word("sort", "There is no such order.") {
            None | Some(Sort::Newest) => false,
            Some(Sort::Oldest) => true,
            Some(Sort::Largest | Sort::Smallest) => {
                self.fault("sort", "This list is sorted by time: newest or oldest.");
                false
            }
        }
    }

    fn zone(&mut self) -> TimeZone {
        let Some(name) = self.query.some("zone") else { return TimeZone::UTC };
        TimeZone::get(&name).unwrap_or_else(|_| {
            self.fault("zone", "There is no such time zone.");
            TimeZone::UTC
        })
    }
}

/// A day begins where its zone says, which is not always at midnight, and lasts 23 to 25 hours.
fn begin_of_day(day: &str, zone: &TimeZone, days_later: i8) -> Option<Time> {
    let day: Date = day.trim().parse().ok()?;
    let day = day.checked_add(jiff::Span::new().days(days_later)).ok()?;
    Some(Time(day.to_zoned(zone.clone()).ok()?.timestamp().as_microsecond()))
}

pub fn transactions(query: &Query) -> Asked<TransactionFilter> {
    let mut read = Reader::new(query);
    let zone = read.zone();
    let filter = TransactionFilter {
        state: read.word("state", "There is no such state."),
        kind: read.word("type", "There is no such type."),
        coin: query.some("coin"),
        wallet: read.word("wallet", "A wallet is chosen by its id."),
        account: None,
        account_name: query.some("account"),
        label: query.some("label"),
        address: query.some("address"),
        address_id: None,
        txid: query.some("txid"),
        min_amount: query.some("min_amount"),
        max_amount: query.some("max_amount"),
        from: read.day("from", &zone, 0),
        // The last day is meant whole.
        to: read.day("to", &zone, 1),
        sort: read.word("sort", "There is no such order.").unwrap_or(Sort::Newest),
    };
    (filter, read.faults)
}

pub fn addresses(query: &Query) -> Asked<AddressFilter> {
    let mut read = Reader::new(query);
    let archived = match query.get("archived") {
        "" => Some(false),
        "1" => Some(true),
        "all" => None,
        _ => {
            read.fault("archived", "Addresses are in use, archived, or all.");
            None
        }
    };
    let oldest_first = read.oldest_first();
    let filter = AddressFilter {
        account: None,
        coin: query.some("coin"),
        wallet: read.word("wallet", "A wallet is chosen by its id."),
        account_name: query.some("account"),
        address: query.some("address"),
        label: query.some("label"),
        kind: read.word("kind", "An address is receiving or external."),
        archived,
        oldest_first,
    };
    (filter, read.faults)
}

pub fn network_transactions(query: &Query) -> Asked<NetworkTransactionFilter> {
    let mut read = Reader::new(query);
    let filter = NetworkTransactionFilter {
        kind: read.word("type", "There is no such type."),
        state: read.word("state", "There is no such state."),
        coin: query.some("coin"),
        txid: query.some("txid"),
        oldest_first: read.oldest_first(),
    };
    (filter, read.faults)
}

pub fn broadcasts(query: &Query) -> Asked<BroadcastFilter> {
    let mut read = Reader::new(query);
    let filter = BroadcastFilter {
        state: read.word("state", "There is no such state."),
        coin: query.some("coin"),
        wallet: read.word("wallet", "A wallet is chosen by its id."),
        oldest_first: read.oldest_first(),
    };
    (filter, read.faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(query: &str) -> (String, String) {
        let query = Query::of_request(&format!("/transactions?{query}")).unwrap();
        let (filter, faults) = transactions(&query);
        assert_eq!(faults, []);
        (filter.from.unwrap().rfc3339(), filter.to.unwrap().rfc3339())
    }

    #[test]
    fn a_day_is_the_days_of_its_zone_also_when_clocks_change() {
        let day = |day: &str, zone: &str| span(&format!("from={day}&to={day}&zone={zone}"));
        let is = |from: &str, to: &str| (format!("{from}:00:00.000000Z"), format!("{to}:00:00.000000Z"));
        assert_eq!(day("2026-11-22", ""), is("2026-11-22T00", "2026-11-23T00"));
        // 23 hours, when summer begins; 25, when it ends.
        assert_eq!(day("2026-09-27", "Pacific/Auckland"), is("2026-09-26T12", "2026-09-27T11"));
        assert_eq!(day("2026-04-05", "Pacific/Auckland"), is("2026-04-04T11", "2026-04-05T12"));
        assert_eq!(day("2026-03-08", "America/New_York"), is("2026-03-08T05", "2026-03-09T04"));
        assert_eq!(day("2026-11-01", "America/New_York"), is("2026-11-01T04", "2026-11-02T05"));
        // There was no midnight that night.
        assert_eq!(day("2018-11-04", "America/Sao_Paulo"), is("2018-11-04T03", "2018-11-05T02"));
    }

    #[test]
    fn what_is_no_word_of_a_filter_is_a_fault() {
        let query =
            Query::of_request("/transactions?state=lost&wallet=x&from=22.11.&zone=Moon%2FBase&sort=best")
                .unwrap();
        let fields: Vec<_> = transactions(&query).1.iter().map(|fault| fault.field).collect();
        assert_eq!(fields, ["zone", "state", "wallet", "from", "sort"]);
    }
}
