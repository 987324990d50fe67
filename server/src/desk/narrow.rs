//! Narrowed lists: pages of a table by conditions that an index serves (ways) and conditions that none serves (rest).
//! A page never reads more than a bounded number of rows: where no index serves, it ends early and the next goes on.

use super::paging::{Key, Keyset};
use crate::db::{DbError, FromRow, Query, Row, Tx, Value, query_owned};
use app::desk::AppError;

/// Rows that one page looks at where no index serves, in each way: some twenty milliseconds on either database.
pub const LOOKED_AT: i64 = 20_000;

/// SQL with one `$` for each of its values, in order.
#[derive(Clone, Debug)]
pub struct Condition {
    sql: String,
    values: Vec<Value>,
}

impl Condition {
    pub fn new(sql: impl Into<String>, values: Vec<Value>) -> Self {
        Self { sql: sql.into(), values }
    }

    pub fn one(sql: &str, value: impl Into<Value>) -> Self {
        Self::new(sql, vec![value.into()])
    }

    /// `column` is this word of ours, which stands in the SQL: for one that is bound, PostgreSQL may keep a plan for any,
    /// and so walk the whole table for a state that no row has.
    pub fn word(column: &str, word: &'static str) -> Self {
        Self::new(format!("{column} = '{word}'"), Vec::new())
    }

    pub fn always() -> Self {
        Self::new("TRUE", Vec::new())
    }

    /// `column` is one of these.
    pub fn among<V: Into<Value>>(column: &str, values: impl IntoIterator<Item = V>) -> Self {
        let values: Vec<Value> = values.into_iter().map(Into::into).collect();
        if values.is_empty() {
            // PostgreSQL knows no empty list.
            return Self::new("FALSE", values);
        }
        Self::new(format!("{column} IN ({})", vec!["$"; values.len()].join(", ")), values)
    }

    pub fn both(one: Self, other: Self) -> Self {
        let values = one.values.into_iter().chain(other.values).collect();
        Self::new(format!("{} AND {}", one.sql, other.sql), values)
    }

    pub fn any(conditions: Vec<Self>) -> Self {
        let sql: Vec<_> = conditions.iter().map(|condition| format!("({})", condition.sql)).collect();
        let values = conditions.into_iter().flat_map(|condition| condition.values).collect();
        Self::new(format!("({})", sql.join(" OR ")), values)
    }
}

/// SQL as it is put together, its values numbered.
#[derive(Default)]
struct Text {
    sql: String,
    values: Vec<Value>,
}

impl Text {
    fn push(&mut self, sql: &str) {
        self.sql += sql;
    }

    /// `sql` has one `$` for each value.
    fn bind(&mut self, sql: &str, values: impl IntoIterator<Item = Value>) {
        let mut values = values.into_iter();
        for (at, piece) in sql.split('$').enumerate() {
            if let Some(value) = (at > 0).then(|| values.next()).flatten() {
                self.values.push(value);
                self.sql += &format!("${}", self.values.len());
            }
            self.sql += piece;
        }
    }

    fn condition(&mut self, condition: &Condition) {
        self.bind(&condition.sql, condition.values.iter().cloned());
    }

    fn query(self) -> Query {
        self.values.into_iter().fold(query_owned(self.sql), Query::bind)
    }
}

/// A list of the rows of `table`, whose alias and id are as in `id` (`t.id`), by the columns of its key.
pub struct Narrowed {
    pub table: &'static str,
    pub id: &'static str,
    pub key: &'static [&'static str],
    /// Each is read by an index of its own in the key's order; a row may fit several.
    pub ways: Vec<Condition>,
    pub rest: Vec<Condition>,
}

/// A row's key read by itself.
struct Edge<K>(K);

impl<K: Key> FromRow for Edge<K> {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        K::of(row).map(Self)
    }
}

impl Narrowed {
    /// The rows of a page as `select` reads them, and how far it was looked, if not to the list's end.
    pub async fn read<K: Key, T: FromRow>(
        &self,
        tx: &mut Tx<'_>,
        select: &str,
        keyset: &Keyset<K>,
    ) -> Result<(Vec<T>, Option<K>), DbError> {
        if self.ways.is_empty() {
            return Ok((Vec::new(), None));
        }
        let edge = if self.rest.is_empty() { None } else { self.edge(tx, keyset).await? };
        let ids = self.ids(tx, keyset, edge).await?;
        if ids.is_empty() {
            return Ok((Vec::new(), edge));
        }
        let mut text = Text::default();
        text.push(&format!("{select} WHERE "));
        text.condition(&Condition::among(self.id, ids));
        text.push(&format!(" ORDER BY {} ", self.order(keyset)));
        text.bind("LIMIT $", [keyset.fetch().into()]);
        Ok((text.query().all(tx).await?, edge))
    }

    /// Of as many rows as a page needs from each way. By themselves: in one statement with all that `select` joins,
    /// PostgreSQL takes longer to plan it than to run it.
    async fn ids<K: Key>(
        &self,
        tx: &mut Tx<'_>,
        keyset: &Keyset<K>,
        edge: Option<K>,
    ) -> Result<Vec<i64>, DbError> {
        let mut text = Text::default();
        for (at, way) in self.ways.iter().enumerate() {
            text.push(if at == 0 { "" } else { " UNION " });
            text.push(&format!("SELECT x.id FROM (SELECT {} FROM {} WHERE ", self.id, self.table));
            self.begin(&mut text, way, keyset);
            if let Some(edge) = edge {
                let sign = if keyset.upwards() { "<=" } else { ">=" };
                text.push(" AND ");
                text.bind(&self.compare(sign), edge.values());
            }
            for condition in &self.rest {
                text.push(" AND ");
                text.condition(condition);
            }
            text.push(&format!(" ORDER BY {} ", self.order(keyset)));
            text.bind("LIMIT $) AS x", [keyset.fetch().into()]);
        }
        Ok(text.query().all::<(i64,)>(tx).await?.into_iter().map(|(id,)| id).collect())
    }

    /// The nearest of the last rows that each way looks at: up to there every way is whole.
    async fn edge<K: Key>(&self, tx: &mut Tx<'_>, keyset: &Keyset<K>) -> Result<Option<K>, DbError> {
        let mut nearest: Option<K> = None;
        for way in &self.ways {
            let mut text = Text::default();
            text.push(&format!("SELECT {} FROM {} WHERE ", self.key.join(", "), self.table));
            self.begin(&mut text, way, keyset);
            text.push(&format!(" ORDER BY {} ", self.order(keyset)));
            text.bind("LIMIT 1 OFFSET $", [LOOKED_AT.into()]);
            let found = text.query().optional::<Edge<K>>(tx).await?.map(|edge| edge.0);
            nearest = match (nearest, found) {
                (Some(one), Some(other)) if keyset.upwards() => Some(one.min(other)),
                (Some(one), Some(other)) => Some(one.max(other)),
                (one, other) => one.or(other),
            };
        }
        Ok(nearest)
    }

    fn begin<K: Key>(&self, text: &mut Text, way: &Condition, keyset: &Keyset<K>) {
        let (sign, bound) = keyset.bound();
        text.condition(way);
        text.push(" AND ");
        text.bind(&self.compare(sign), bound.values());
    }

    fn compare(&self, sign: &str) -> String {
        match self.key {
            [one] => format!("{one} {sign} $"),
            several => format!("({}) {sign} ({})", several.join(", "), vec!["$"; several.len()].join(", ")),
        }
    }

    fn order<K: Key>(&self, keyset: &Keyset<K>) -> String {
        let order = keyset.order();
        self.key.iter().map(|column| format!("{column} {order}")).collect::<Vec<_>>().join(", ")
    }
}

/// What was typed, if it says anything.
pub fn filled(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

/// For `LIKE … ESCAPE '\'` on a column in small letters. Both databases make only the letters of ASCII small.
pub fn containing(text: &str) -> String {
    let plain = text.to_ascii_lowercase().replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
    format!("%{plain}%")
}

/// From where to where texts begin with this one, as bytes compare.
pub fn beginning(text: &str) -> [Value; 2] {
    [text.into(), format!("{text}{}", char::MAX).into()]
}

/// An address as typed, and in small letters where it is all capitals, as QR codes carry bech32.
pub fn spelled(address: &str) -> String {
    let capitals = !address.bytes().any(|byte| byte.is_ascii_lowercase());
    let bech32 = capitals && address.len() > 8 && address.contains('1');
    if bech32 { address.to_ascii_lowercase() } else { address.to_owned() }
}

/// More rows than a filter looks up: the person narrows it.
pub fn too_many(field: &'static str, limit: usize, what: &str) -> AppError {
    AppError::invalid(field, format!("More than {limit} {what}. Write more of it."))
}
