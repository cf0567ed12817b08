//! Names by number: each is kept once, and is the same whatever its case and accents.

use hashbrown::HashMap;

use super::super::text::folded;

/// Names of one kind.
#[derive(Default)]
pub(super) struct Names {
    numbers: HashMap<String, u32>,
    /// As each was first written.
    written: Vec<String>,
}

impl Names {
    /// The number of a name, which it gets if it has none.
    pub(super) fn number(&mut self, name: &str) -> u32 {
        let key = folded(name);
        if let Some(number) = self.numbers.get(&key) {
            return *number;
        }
        let number = u32::try_from(self.written.len()).unwrap_or(u32::MAX);
        self.written.push(name.to_owned());
        self.numbers.insert(key, number);
        number
    }

    /// How a name was first written.
    pub(super) fn written(&self, number: usize) -> &str {
        self.written.get(number).map_or("", String::as_str)
    }

    pub(super) fn len(&self) -> usize {
        self.written.len()
    }

    /// The numbers of those names that there are; of one that there is not, a number that nothing has.
    pub(super) fn all(&self, names: &[String]) -> Vec<u32> {
        names.iter().map(|name| self.numbers.get(&folded(name)).copied().unwrap_or(u32::MAX)).collect()
    }

    /// The same of languages, each with those that are kinds of it.
    pub(super) fn languages(&self, tags: &[String]) -> Vec<u32> {
        let is_kind = |name: &str, of: &str| name == of || name.strip_prefix(of).is_some_and(|rest| rest.starts_with(' '));
        let kinds = |tag: &String| {
            let of = folded(tag);
            let kinds = self.numbers.iter().filter(move |(name, _)| is_kind(name, &of));
            kinds.map(|(_, number)| *number).collect::<Vec<_>>()
        };
        tags.iter().flat_map(kinds).collect()
    }
}
