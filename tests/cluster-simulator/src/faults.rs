//! Faults on demand.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use serde::{Deserialize, Serialize};

/// What goes wrong, and with which requests. What is not given meets all.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// As RBAC names it: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`.
    #[serde(default)]
    pub verb: Option<String>,
    /// Such as `pods`, `pods/exec`, or the path of what is no object: `/version`.
    #[serde(default)]
    pub resource: Option<String>,
    /// A pattern, where `*` is anything.
    #[serde(default)]
    pub namespace: Option<String>,
    /// A pattern, where `*` is anything; a creation has the name that its body gives.
    #[serde(default)]
    pub name: Option<String>,
    /// Which of these requests.
    #[serde(default)]
    pub when: When,
    /// What happens.
    pub effect: Effect,
}

impl Fault {
    /// For every request.
    #[must_use]
    pub fn new(effect: Effect) -> Self {
        Self { verb: None, resource: None, namespace: None, name: None, when: When::Always, effect }
    }

    /// Only for this verb on this resource.
    #[must_use]
    pub fn on(mut self, verb: &str, resource: &str) -> Self {
        self.verb = Some(verb.to_owned());
        self.resource = Some(resource.to_owned());
        self
    }

    /// Only for names that match the pattern.
    #[must_use]
    pub fn named(mut self, pattern: &str) -> Self {
        self.name = Some(pattern.to_owned());
        self
    }

    /// Only in namespaces that match the pattern.
    #[must_use]
    pub fn inside(mut self, pattern: &str) -> Self {
        self.namespace = Some(pattern.to_owned());
        self
    }

    /// Only for some of these requests.
    #[must_use]
    pub fn when(mut self, when: When) -> Self {
        self.when = when;
        self
    }
}

/// Which of the requests that a fault describes it meets.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// All.
    #[default]
    Always,
    /// So many at the beginning.
    First(u64),
    /// This one, counted from 1.
    Nth(u64),
    /// By chance, from 0 to 1, decided by the seed.
    Probability(f64),
}

/// What happens to a request.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// 409, without an effect.
    Conflict,
    /// 429 with `Retry-After` in seconds, without an effect.
    TooManyRequests {
        /// Seconds.
        retry_after: u32,
    },
    /// 500, without an effect.
    InternalError,
    /// 503, without an effect.
    Unavailable,
    /// 504, without an effect.
    Timeout,
    /// Any other refusal.
    Status {
        /// The code of HTTP.
        code: u16,
        /// The reason, such as `Forbidden`.
        reason: String,
    },
    /// The connection is closed before anything has happened.
    LoseRequest,
    /// It takes effect, and the connection is closed instead of an answer.
    LoseReply,
    /// Nothing happens, and nothing is answered, ever; the connection stays open. A watch begins, and stays silent.
    HalfOpen,
    /// It takes effect, and nothing is answered, ever; the connection stays open.
    HalfOpenReply,
    /// The watch ends without a word after so many events.
    DropWatch {
        /// Events that still come.
        after: u64,
    },
    /// It waits before it begins.
    Slow {
        /// Milliseconds.
        milliseconds: u64,
    },
    /// 200 with a page of HTML.
    Html,
    /// 302.
    Redirect {
        /// Where to.
        location: String,
    },
    /// 200 with JSON that goes on and on.
    Huge {
        /// Bytes.
        bytes: u64,
    },
    /// 200 with JSON that ends in the middle.
    Truncated,
}

/// A request, as faults see it.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Subject {
    pub(crate) verb: String,
    pub(crate) resource: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

#[derive(Debug)]
struct Injected {
    fault: Fault,
    met: u64,
    struck: u64,
}

#[derive(Debug)]
pub(crate) struct Faults {
    seed: u64,
    next: u64,
    all: BTreeMap<u64, Injected>,
    /// How often each request was made, where chance decides.
    seen: BTreeMap<(u64, Subject), u64>,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, next: 1, all: BTreeMap::new(), seen: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, fault: Fault) -> u64 {
        let id = self.next;
        self.next += 1;
        self.all.insert(id, Injected { fault, met: 0, struck: 0 });
        id
    }

    pub(crate) fn remove(&mut self, id: u64) {
        self.all.remove(&id);
    }

    pub(crate) fn clear(&mut self) {
        self.all.clear();
        self.seen.clear();
    }

    pub(crate) fn struck(&self) -> BTreeMap<u64, u64> {
        self.all.iter().map(|(id, injected)| (*id, injected.struck)).collect()
    }

    /// What is to happen to a request.
    pub(crate) fn strike(&mut self, subject: &Subject) -> Option<Effect> {
        for (id, injected) in &mut self.all {
            if !meets(&injected.fault, subject) {
                continue;
            }
            injected.met += 1;
            let strikes = match injected.fault.when {
                When::Always => true,
                When::First(most) => injected.met <= most,
                When::Nth(which) => injected.met == which,
                When::Probability(share) => {
                    let times = self.seen.entry((*id, subject.clone())).or_default();
                    *times += 1;
                    chance(&(self.seed, *id, subject, *times)) < share
                }
            };
            if strikes {
                injected.struck += 1;
                return Some(injected.fault.effect.clone());
            }
        }
        None
    }
}

fn meets(fault: &Fault, subject: &Subject) -> bool {
    let fits = |pattern: &Option<String>, text: &str| pattern.as_ref().is_none_or(|pattern| glob(pattern, text));
    fits(&fault.verb, &subject.verb)
        && fits(&fault.resource, &subject.resource)
        && fits(&fault.namespace, &subject.namespace)
        && fits(&fault.name, &subject.name)
}

/// Whether a text is what a pattern says, where `*` is anything.
fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, rest)) => {
            let Some(text) = text.strip_prefix(head) else { return false };
            (0..=text.len()).filter(|at| text.is_char_boundary(*at)).any(|at| glob(rest, &text[at..]))
        }
    }
}

/// Evenly between 0 and 1, always the same for the same.
fn chance(of: &impl Hash) -> f64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    f64::from(u32::try_from(hasher.finish() >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX)
}
