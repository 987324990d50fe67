//! Lists by keyset: newest first, a cursor instead of an offset, never a count of all.

use app::desk::{Answer, AppError};
use app::model::{Page, Paging};

/// Rows of a page when nobody says, and at most: what a person reads, and what a page renders quickly.
const USUAL: i64 = 50;
const MOST: i64 = 200;

/// Where to read, by an id that falls from row to row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    Newest,
    OlderThan(i64),
    NewerThan(i64),
}

#[derive(Clone, Copy, Debug)]
pub struct Keyset {
    pub window: Window,
    limit: i64,
}

impl Keyset {
    pub fn new(paging: &Paging) -> Answer<Self> {
        let window = match (&paging.after, &paging.before) {
            (Some(cursor), _) => Window::OlderThan(read(cursor)?),
            (None, Some(cursor)) => Window::NewerThan(read(cursor)?),
            (None, None) => Window::Newest,
        };
        Ok(Self { window, limit: limit(paging) })
    }

    /// One more than the page has, to see whether there is a further one.
    pub fn fetch(&self) -> i64 {
        self.limit + 1
    }

    /// The bound of the id: a comparison with `$n`, and its value.
    pub fn bound(&self) -> (&'static str, i64) {
        match self.window {
            Window::Newest => ("<", i64::MAX),
            Window::OlderThan(id) => ("<", id),
            Window::NewerThan(id) => (">", id),
        }
    }

    pub fn order(&self) -> &'static str {
        if matches!(self.window, Window::NewerThan(_)) { "ASC" } else { "DESC" }
    }

    /// `rows` as fetched: in the window's order, perhaps one too many.
    pub fn page<T>(&self, mut rows: Vec<T>, id: impl Fn(&T) -> i64) -> Page<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        if matches!(self.window, Window::NewerThan(_)) {
            rows.reverse();
        }
        let first = rows.first().map(|row| write(id(row)));
        let last = rows.last().map(|row| write(id(row)));
        let (newer, older) = match self.window {
            Window::Newest => (None, last.filter(|_| more)),
            // Whoever came by a cursor came from a row beyond it.
            Window::OlderThan(_) => (first, last.filter(|_| more)),
            Window::NewerThan(_) => (first.filter(|_| more), last),
        };
        Page { items: rows, newer, older }
    }
}

pub fn limit(paging: &Paging) -> i64 {
    paging.limit.unwrap_or(USUAL).clamp(1, MOST)
}

/// Opaque to others: an id as base 16.
fn write(id: i64) -> String {
    format!("{id:x}")
}

fn read(cursor: &str) -> Answer<i64> {
    i64::from_str_radix(cursor, 16).map_err(|_| bad_cursor())
}

pub fn bad_cursor() -> AppError {
    AppError::Refused {
        code: "bad_cursor",
        message: "This page's place in the list is damaged. Begin at its start.".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table with ids 1 to 10, read as SQL would.
    fn read_page(paging: &Paging) -> Page<i64> {
        let keyset = Keyset::new(paging).unwrap();
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
        let first = read_page(&Paging { limit, ..Paging::default() });
        assert_eq!((first.items.clone(), first.newer.clone()), (vec![10, 9, 8, 7], None));
        let second = read_page(&Paging { after: first.older.clone(), limit, ..Paging::default() });
        assert_eq!(second.items, [6, 5, 4, 3]);
        let third = read_page(&Paging { after: second.older.clone(), limit, ..Paging::default() });
        assert_eq!((third.items.clone(), third.older.clone()), (vec![2, 1], None));
        let back = read_page(&Paging { before: third.newer, limit, ..Paging::default() });
        assert_eq!(back.items, second.items);
        let start = read_page(&Paging { before: back.newer, limit, ..Paging::default() });
        assert_eq!((start.items, start.newer), (first.items, None));
    }

    #[test]
    fn limits_are_bounded_and_cursors_checked() {
        assert_eq!(limit(&Paging { limit: Some(9_999), ..Paging::default() }), 200);
        assert!(Keyset::new(&Paging { after: Some("'; --".into()), ..Paging::default() }).is_err());
    }
}
