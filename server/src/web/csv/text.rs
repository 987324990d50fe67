//! Comma-separated values as RFC 4180 writes them, safe for spreadsheets: these take a text that begins like a formula
//! for one, and what others typed (a label, a name) would then run on the machine of whoever opens the file.

use app::model::Time;
use std::fmt::Display;

/// One value of a row.
pub enum Cell {
    /// Anything that somebody may have typed.
    Text(String),
    /// Digits that we wrote, perhaps with a minus: a spreadsheet shall count with them.
    Number(String),
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn perhaps(text: Option<impl Display>) -> Self {
        Self::Text(text.map_or_else(String::new, |text| text.to_string()))
    }

    pub fn number(number: impl Display) -> Self {
        Self::Number(number.to_string())
    }

    pub fn perhaps_number(number: Option<impl Display>) -> Self {
        Self::Number(number.map_or_else(String::new, |number| number.to_string()))
    }

    pub fn time(at: Option<Time>) -> Self {
        Self::Text(at.map_or_else(String::new, Time::rfc3339))
    }
}

/// What a formula begins with in one spreadsheet or another.
const FORMULA: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\n'];

/// A row with its end of line.
pub fn line(cells: impl IntoIterator<Item = Cell>) -> String {
    let cells: Vec<String> = cells.into_iter().map(written).collect();
    cells.join(",") + "\r\n"
}

fn written(cell: Cell) -> String {
    let text = match cell {
        Cell::Number(number) => number,
        Cell::Text(text) if text.starts_with(FORMULA) => format!("'{text}"),
        Cell::Text(text) => text,
    };
    if text.contains([',', '"', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_a_formula_is_a_text() {
        for (typed, expected) in [
            ("=1+1", "'=1+1"),
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""),
            ("rent = 5", "rent = 5"),
            ("", ""),
        ] {
            assert_eq!(line([Cell::text(typed)]), format!("{expected}\r\n"), "{typed:?}");
        }
        assert_eq!(line([Cell::number("-0.50000000")]), "-0.50000000\r\n");
    }

    #[test]
    fn commas_quotes_and_line_ends_stay_within_their_cell() {
        let cells = ["a,b", "say \"hi\"", "two\nlines", "Café ₿"];
        assert_eq!(line(cells.map(Cell::text)), "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",Café ₿\r\n");
    }
}
