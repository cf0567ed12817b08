//! Counts what is in a document without parsing it. Written as a loop, so that no input makes it recurse.

/// What is in a document, well-formed or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Measure {
    pub(super) tokens: usize,
    pub(super) aliases: usize,
    pub(super) directives: usize,
    /// Brackets of all kinds open at once.
    pub(super) nesting: usize,
}

/// Splits the source as the lexical grammar says (October 2021, section 2.1) and counts.
pub(super) fn measure(source: &str) -> Measure {
    let mut measure = Measure::default();
    let (mut open, mut parentheses) = (0usize, 0usize);
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            ' ' | '\t' | '\r' | '\n' | ',' | '\u{feff}' => {
                rest = &rest[first.len_utf8()..];
                continue;
            }
            '#' => {
                rest = &rest[rest.find(['\n', '\r']).unwrap_or(rest.len())..];
                continue;
            }
            '"' => string(rest),
            '.' if rest.starts_with("...") => 3,
            '-' | '0'..='9' => rest.find(|c| !is_numeric(c)).unwrap_or(rest.len()),
            first if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            first => first.len_utf8(),
        };
        measure.tokens += 1;
        match first {
            '@' => measure.directives += 1,
            // Outside of parentheses nothing else has a colon.
            ':' if parentheses == 0 => measure.aliases += 1,
            '(' | '[' | '{' => {
                open += 1;
                parentheses += usize::from(first == '(');
                measure.nesting = measure.nesting.max(open);
            }
            ')' | ']' | '}' => {
                open = open.saturating_sub(1);
                parentheses = parentheses.saturating_sub(usize::from(first == ')'));
            }
            _ => {}
        }
        rest = &rest[length..];
    }
    measure
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// A number's fraction and exponent are no tokens of their own.
fn is_numeric(c: char) -> bool {
    is_word(c) || matches!(c, '.' | '-' | '+')
}

/// How long the string is that `source` begins with; one that does not end takes all.
fn string(source: &str) -> usize {
    if let Some(block) = source.strip_prefix(r#"""""#) {
        let mut from = 0;
        while let Some(at) = block[from..].find(r#"""""#) {
            if !block[..from + at].ends_with('\\') {
                return from + at + 6;
            }
            from += at + 3;
        }
        return source.len();
    }
    let mut escaped = false;
    for (at, c) in source.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            '\n' | '\r' => return at,
            _ => escaped = c == '\\' && !escaped,
        }
    }
    source.len()
}

#[cfg(test)]
mod tests;
