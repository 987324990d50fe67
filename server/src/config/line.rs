//! Finds the line of a key in YAML text. The parser keeps no places, so this looks for the words again: each key of
//! the path within the block of the one before. Good enough for an error message, and never used for more.

/// Line number, from 1, where the last key of `path` stands, or of the longest part of it that is found.
pub fn of(text: &str, path: &[String]) -> Option<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found: Option<(usize, usize)> = None;
    for key in path {
        let (first, column) = found.map_or((0, 0), |(line, column)| (line, column));
        let Some(next) = find(&lines, key, first, column, found.is_some()) else { break };
        found = Some(next);
    }
    found.map(|(line, _)| line + 1)
}

/// Line and column behind the key: on the parent's line (flow style) or deeper below it.
fn find(lines: &[&str], key: &str, first: usize, column: usize, has_parent: bool) -> Option<(usize, usize)> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let parent = lines.get(first).map_or(0, |line| indent(line));
    for (number, line) in lines.iter().enumerate().skip(first) {
        let from = if number == first { column } else { 0 };
        let blank = line.trim().is_empty() || line.trim_start().starts_with('#');
        if blank {
            continue;
        }
        if has_parent && number > first && indent(line) <= parent {
            return None;
        }
        if let Some(at) = key_in(line, key, from) {
            return Some((number, at));
        }
    }
    None
}

/// Where `key:` stands as a key in this line, not inside a longer word.
fn key_in(line: &str, key: &str, from: usize) -> Option<usize> {
    let mut start = from;
    while let Some(at) = line.get(start..)?.find(key).map(|at| at + start) {
        let end = at + key.len();
        let before = line[..at].trim_end_matches(['"', '\'']).chars().next_back();
        let after = line[end..].trim_start_matches(['"', '\'']).trim_start();
        if before.is_none_or(|c| c.is_whitespace() || c == '{' || c == ',') && after.starts_with(':') {
            return Some(end);
        }
        start = end;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::of;

    const TEXT: &str = "# url: no key\nweb:\n  bind: 1\n\ncoins:\n  btc:\n    backend: { class: bitcoind, url: x }\n  ltc:\n    \"url\": y\n";

    #[test]
    fn keys_are_found_within_their_blocks() {
        let line = |path: &str| of(TEXT, &path.split('.').map(String::from).collect::<Vec<_>>());
        assert_eq!(line("web.bind"), Some(3));
        assert_eq!(line("coins.btc.backend.url"), Some(7));
        assert_eq!(line("coins.ltc.url"), Some(9));
        assert_eq!(line("coins.btc.missing"), Some(6));
        assert_eq!(line("nothing"), None);
    }
}
