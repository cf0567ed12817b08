//! A page cut into its text and its clickable actions, by `CommonMark`'s rules and without losing a byte.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// A stretch of a page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Segment<'a> {
    Text(&'a str),
    Fence(Fence<'a>),
}

/// A fenced code block that is an action.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fence<'a> {
    /// From the opening to the closing fence, as in the source.
    pub(crate) raw: &'a str,
    /// The first word after the opening fence.
    pub(crate) language: String,
    /// What stands between the fences, without the marks of lists and quotes around it.
    pub(crate) body: String,
    /// Of the opening fence, in the file.
    pub(crate) line: u32,
}

/// Cuts a page; `first_line` is the line of the file on which it starts. The stretches, put together, are the page.
pub(crate) fn segments(source: &str, first_line: u32) -> Vec<Segment<'_>> {
    let mut segments = Vec::new();
    let (mut end, mut line, mut counted) = (0, first_line, 0);
    let mut open: Option<(Fence<'_>, usize)> = None;
    for (event, range) in Parser::new_ext(source, Options::empty()).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if is_action(language(&info)) => {
                line += newlines(&source[counted..range.start]);
                counted = range.start;
                let fence = Fence { raw: &source[range.clone()], language: language(&info).to_owned(), body: String::new(), line };
                open = Some((fence, range.start));
            }
            Event::Text(text) => {
                if let Some((fence, _)) = &mut open {
                    fence.body.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some((fence, start)) = open.take() {
                    push_text(&mut segments, &source[end..start]);
                    end = start + fence.raw.len();
                    segments.push(Segment::Fence(fence));
                }
            }
            _ => {}
        }
    }
    push_text(&mut segments, &source[end..]);
    segments
}

fn push_text<'a>(segments: &mut Vec<Segment<'a>>, text: &'a str) {
    if !text.is_empty() {
        segments.push(Segment::Text(text));
    }
}

fn newlines(text: &str) -> u32 {
    u32::try_from(text.bytes().filter(|byte| *byte == b'\n').count()).unwrap_or(u32::MAX)
}

/// The first word of what stands after the fence; Hugo's attributes in braces may follow it directly.
fn language(info: &str) -> &str {
    info.split(|c: char| c.is_whitespace() || c == '{').next().unwrap_or_default()
}

/// Whether a fence of this language is clickable: `namespace:verb`, or one of Educates' older words.
pub(crate) fn is_action(language: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    match language.split_once(':') {
        Some((namespace, verb)) => is_word(namespace) && is_word(verb),
        None => match language.strip_prefix("execute") {
            Some(rest) => rest.is_empty() || rest == "-all" || rest.strip_prefix('-').is_some_and(|n| n.parse::<u8>().is_ok()),
            None => matches!(language, "copy" | "copy-and-edit"),
        },
    }
}

impl Fence<'_> {
    /// Whether there is a closing fence; without one, the rest of the page belongs to the block.
    pub(crate) fn is_closed(&self) -> bool {
        let opening: String = self.raw.chars().take_while(|c| matches!(c, '`' | '~')).collect();
        let last = self.raw.trim_end().lines().skip(1).last().unwrap_or_default();
        let closing = last.trim_start_matches([' ', '\t', '>']);
        closing.len() >= opening.len() && opening.starts_with(|first| closing.chars().all(|c| c == first))
    }
}

#[cfg(test)]
mod tests;
