//! Lists by keyset: a cursor instead of an offset, never a count of all. Most stand newest first; `newer` and
//! `older` of a page are what comes before it and after it, whatever its order.

use crate::db::{DbError, FromRow, Row, Value};
use app::desk::{Answer, AppError};
use app::model::{Page, Paging};

/// Rows of a page when nobody says, and at most: what a person reads, and what a page renders quickly.
const USUAL: i64 = 50;
pub const MOST: i64 = 200;

/// What orders a list, unique in it: an id, or a figure and then the id.
pub trait Key: Copy + Ord {
    const LEAST: Self;
    const MOST: Self;
    fn write(self) -> String;
    fn read(cursor: &str) -> Option<Self>;
    /// To bind to its columns, and from a row that has them alone.
    fn values(self) -> Vec<Value>;
    fn of(row: &Row) -> Result<Self, DbError>;
}

impl Key for i64 {
    const LEAST: Self = Self::MIN;
    const MOST: Self = Self::MAX;

    fn write(self) -> String {
        format!("{self:x}")
    }

    fn read(cursor: &str) -> Option<Self> {
        Self::from_str_radix(cursor, 16).ok()
    }

    fn values(self) -> Vec<Value> {
        vec![self.into()]
    }

    fn of(row: &Row) -> Result<Self, DbError> {
        Ok(<(Self,)>::from_row(row)?.0)
    }
}

impl Key for (i64, i64) {
    const LEAST: Self = (i64::MIN, i64::MIN);
    const MOST: Self = (i64::MAX, i64::MAX);

    fn write(self) -> String {
        format!("{:x}.{:x}", self.0, self.1)
    }

    fn read(cursor: &str) -> Option<Self> {
        let (figure, id) = cursor.split_once('.')?;
        Some((i64::read(figure)?, i64::read(id)?))
    }

    fn values(self) -> Vec<Value> {
        vec![self.0.into(), self.1.into()]
    }

    fn of(row: &Row) -> Result<Self, DbError> {
        Self::from_row(row)
    }
}

/// Where to read, in the list's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window<K> {
    First,
    After(K),
    Before(K),
}

#[derive(Clone, Copy, Debug)]
pub struct Keyset<K = i64> {
    window: Window<K>,
    limit: i64,
    /// The list goes from the least key to the greatest; else, as most, from the newest down.
    rising: bool,
}

impl<K: Key> Keyset<K> {
    pub fn new(paging: &Paging) -> Answer<Self> {
        Self::sorted(paging, false)
    }

    pub fn sorted(paging: &Paging, rising: bool) -> Answer<Self> {
        let read = |cursor: &str| K::read(cursor).ok_or_else(bad_cursor);
        let window = match (&paging.after, &paging.before) {
            (Some(cursor), _) => Window::After(read(cursor)?),
            (None, Some(cursor)) => Window::Before(read(cursor)?),
            (None, None) => Window::First,
        };
        Ok(Self { window, limit: limit(paging), rising })
    }

    /// One more than the page has, to see whether there is a further one.
    pub fn fetch(&self) -> i64 {
        self.limit + 1
    }

    /// The bound of the key: a comparison with `$n`, and its value.
    pub fn bound(&self) -> (&'static str, K) {
        let bound = match self.window {
            Window::First if self.rising => K::LEAST,
            Window::First => K::MOST,
            Window::After(key) | Window::Before(key) => key,
        };
        (if self.upwards() { ">" } else { "<" }, bound)
    }

    pub fn order(&self) -> &'static str {
        if self.upwards() { "ASC" } else { "DESC" }
    }

    /// Whether it is read from the least key on: forwards in a rising list, or backwards in a falling one.
    pub fn upwards(&self) -> bool {
        self.rising != matches!(self.window, Window::Before(_))
    }

    /// `rows` as fetched: in the window's order, perhaps one too many.
    pub fn page<T>(&self, rows: Vec<T>, key: impl Fn(&T) -> K) -> Page<T> {
        self.page_within(rows, None, key)
    }

    /// As `page`, where the rows were looked for up to `edge` only: beyond it there may be more.
    pub fn page_within<T>(&self, mut rows: Vec<T>, edge: Option<K>, key: impl Fn(&T) -> K) -> Page<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        // Where the page has room, what follows begins at the edge and not at its last row.
        let edge = edge.filter(|_| !more).map(Key::write);
        if matches!(self.window, Window::Before(_)) {
            rows.reverse();
        }
        let first = rows.first().map(|row| key(row).write());
        let last = rows.last().map(|row| key(row).write());
        let (newer, older) = match self.window {
            Window::First => (None, edge.or(last.filter(|_| more))),
            // Whoever came by a cursor came from a row beyond it.
            Window::After(key) => (first.or(Some(key.write())), edge.or(last.filter(|_| more))),
            Window::Before(key) => (edge.or(first.filter(|_| more)), last.or(Some(key.write()))),
        };
        Page { items: rows, newer, older }
    }
}

pub fn limit(paging: &Paging) -> i64 {
    paging.limit.unwrap_or(USUAL).clamp(1, MOST)
}

pub fn bad_cursor() -> AppError {
    AppError::refused("bad_cursor", "This page's place in the list is damaged. Begin at its start.")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table with ids 1 to 10, read as SQL would.
    fn read_page(paging: &Paging, rising: bool) -> Page<i64> {
        let keyset = Keyset::<i64>::sorted(paging, rising).unwrap();
        let (sign, bound) = keyset.bound();
        let mut rows: Vec<i64> =
            (1..=10).filter(|id| if sign == "<" { *id < bound } else { *id > bound }).collect();
        if keyset.order() == "DESC" {
            rows.reverse();
        }
        rows.truncate(usize::try_from(keyset.fetch()).unwrap());
        keyset.page(rows, |id| *id)
    }

    #[test]
    fn older_and_newer_lead_through_the_list_and_back() {
        let limit = Some(4);
        let first = read_page(&Paging { limit, ..Paging::default() }, false);
        assert_eq!((first.items.clone(), first.newer.clone()), (vec![10, 9, 8, 7], None));
        let second = read_page(&Paging { after: first.older.clone(), limit, ..Paging::default() }, false);
        assert_eq!(second.items, [6, 5, 4, 3]);
        let third = read_page(&Paging { after: second.older.clone(), limit, ..Paging::default() }, false);
        assert_eq!((third.items.clone(), third.older.clone()), (vec![2, 1], None));
        let back = read_page(&Paging { before: third.newer, limit, ..Paging::default() }, false);
        assert_eq!(back.items, second.items);
        let start = read_page(&Paging { before: back.newer, limit, ..Paging::default() }, false);
        assert_eq!((start.items, start.newer), (first.items, None));
    }

    #[test]
    fn a_rising_list_pages_as_a_falling_one_does() {
        let limit = Some(4);
        let first = read_page(&Paging { limit, ..Paging::default() }, true);
        assert_eq!((first.items.clone(), first.newer.clone()), (vec![1, 2, 3, 4], None));
        let third = read_page(&Paging { after: Some(8.write()), limit, ..Paging::default() }, true);
        assert_eq!((third.items.clone(), third.older.clone()), (vec![9, 10], None));
        let back = read_page(&Paging { before: third.newer, limit, ..Paging::default() }, true);
        assert_eq!(back.items, [5, 6, 7, 8]);
        assert_eq!(read_page(&Paging { before: back.newer, limit, ..Paging::default() }, true), first);
    }

    #[test]
    fn a_search_that_ends_early_goes_on_at_its_edge() {
        let keyset = Keyset::<i64>::new(&Paging { limit: Some(4), ..Paging::default() }).unwrap();
        let page = keyset.page_within(vec![9, 7], Some(5), |id| *id);
        assert_eq!((page.newer, page.older), (None, Some(5.write())));
        let full = keyset.page_within(vec![10, 9, 8, 7, 6], Some(5), |id| *id);
        assert_eq!((full.items.len(), full.older), (4, Some(7.write())));
        let nothing = Paging { after: Some(5.write()), limit: Some(4), ..Paging::default() };
        let page = Keyset::<i64>::new(&nothing).unwrap().page_within(Vec::<i64>::new(), None, |id| *id);
        assert_eq!((page.newer, page.older), (Some(5.write()), None));
    }

    #[test]
    fn limits_are_bounded_and_cursors_checked() {
        assert_eq!(limit(&Paging { limit: Some(9_999), ..Paging::default() }), 200);
        assert!(Keyset::<i64>::new(&Paging { after: Some("'; --".into()), ..Paging::default() }).is_err());
    }
}
