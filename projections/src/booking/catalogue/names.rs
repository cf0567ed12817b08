//! Names by number: each is kept once, and is the same whatever its case and accents.

use hashbrown::HashMap;

use super::super::text::compared;

/// Names of one kind.
#[derive(Default)]
pub(super) struct Names {
    /// By what they are compared by.
    numbers: HashMap<String, u32>,
    written: Vec<Written>,
}

/// A name as it is shown.
struct Written {
    name: String,
    by: Writer,
}

/// The run that a name is written by. Of those that have the same name, the first says how it is shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Writer {
    /// Whether it is not listed: how it writes a name is shown to others only where no run that they may see has the name.
    pub(super) is_hidden: bool,
    /// The run's number.
    pub(super) number: i64,
}

impl Names {
    /// The number of a name, which it gets if it has none.
    pub(super) fn number(&mut self, name: &str, by: Writer) -> u32 {
        let key = compared(name);
        if let Some(number) = self.numbers.get(&key) {
            // The same run may write it otherwise by now.
            if let Some(written) = self.written.get_mut(*number as usize).filter(|written| by <= written.by) {
                written.by = by;
                name.clone_into(&mut written.name);
            }
            return *number;
        }
        let number = u32::try_from(self.written.len()).unwrap_or(u32::MAX);
        self.written.push(Written { name: name.to_owned(), by });
        self.numbers.insert(key, number);
        number
    }

    /// How a name is shown.
    pub(super) fn written(&self, number: usize) -> &str {
        self.written.get(number).map_or("", |written| &written.name)
    }

    pub(super) const fn len(&self) -> usize {
        self.written.len()
    }

    /// The numbers of those names that there are; of one that there is not, a number that nothing has.
    pub(super) fn all(&self, names: &[String]) -> Vec<u32> {
        names.iter().map(|name| self.numbers.get(&compared(name)).copied().unwrap_or(u32::MAX)).collect()
    }

    /// The same of languages, each with those that are kinds of it.
    pub(super) fn languages(&self, tags: &[String]) -> Vec<u32> {
        let is_kind = |name: &str, of: &str| name == of || name.strip_prefix(of).is_some_and(|rest| rest.starts_with('-'));
        let kinds = |tag: &String| {
            let of = compared(tag);
            let kinds = self.numbers.iter().filter(move |(name, _)| is_kind(name, &of));
            kinds.map(|(_, number)| *number).collect::<Vec<_>>()
        };
        tags.iter().flat_map(kinds).collect()
    }
}
