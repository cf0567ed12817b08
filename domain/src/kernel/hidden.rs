/// Whether it is not seen itself, or changes how what follows is seen.
pub(crate) fn is_hidden(c: char) -> bool {
    const BLANK: &[char] = &['\u{ad}', '\u{61c}', '\u{115f}', '\u{1160}', '\u{180e}', '\u{2800}', '\u{3164}', '\u{feff}', '\u{ffa0}'];
    let marks = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}');
    c.is_control() || marks || BLANK.contains(&c) || matches!(c, '\u{e0000}'..='\u{e007f}')
}
