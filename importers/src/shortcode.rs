//! Hugo shortcodes and template variables inside YAML: `url: {{< param host >}}/x` is valid only once they are filled in.

/// Where shortcodes were, in characters that no text uses (they have no meaning in Unicode).
const OPEN: char = '\u{f8f0}';
const CLOSE: char = '\u{f8f1}';

/// A text whose shortcodes are replaced by words.
pub(crate) struct Shielded {
    pub(crate) text: String,
    shortcodes: Vec<String>,
}

/// Replaces every `{{ … }}` that ends on its line; none in a text that has our marks already, which could not be told apart.
pub(crate) fn shield(source: &str) -> Shielded {
    let mut shielded = Shielded { text: String::with_capacity(source.len()), shortcodes: Vec::new() };
    if source.contains(OPEN) {
        source.clone_into(&mut shielded.text);
        return shielded;
    }
    for line in source.split_inclusive('\n') {
        let mut rest = line;
        while let Some((before, (shortcode, after))) =
            rest.split_once("{{").and_then(|(before, after)| Some((before, after.split_once("}}")?)))
        {
            shielded.text.push_str(before);
            shielded.text.push(OPEN);
            shielded.text.push_str(&shielded.shortcodes.len().to_string());
            shielded.text.push(CLOSE);
            shielded.shortcodes.push(format!("{{{{{shortcode}}}}}"));
            rest = after;
        }
        shielded.text.push_str(rest);
    }
    shielded
}

impl Shielded {
    /// Puts the shortcodes back into a part of the text.
    pub(crate) fn restore(&self, text: &str) -> String {
        let mut parts = text.split(OPEN);
        let mut restored = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            if let Some((shortcode, rest)) = self.shortcode_at(part) {
                restored.push_str(shortcode);
                restored.push_str(rest);
            } else {
                restored.push(OPEN);
                restored.push_str(part);
            }
        }
        restored
    }

    /// The shortcode whose number a text begins with, and what follows.
    fn shortcode_at<'a>(&'a self, text: &'a str) -> Option<(&'a str, &'a str)> {
        let (number, rest) = text.split_once(CLOSE)?;
        self.shortcodes.get(number.parse::<usize>().ok()?).map(|shortcode| (shortcode.as_str(), rest))
    }
}

#[cfg(test)]
mod tests;
