//! Selectors of lists: by labels and by fields.

use serde_json::{Map, Value};

use crate::failure::{Answer, Failure};

/// What a list is narrowed to. Empty selects all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selectors {
    labels: Vec<Requirement>,
    fields: Vec<(String, bool, String)>,
}

#[derive(Clone, Debug)]
struct Requirement {
    key: String,
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    Missing,
}

impl Selectors {
    /// From the text forms of a query, such as `app=web,tier in (a, b),!old` and `status.phase!=Running`.
    pub(crate) fn parse(labels: &str, fields: &str) -> Answer<Self> {
        let labels = terms(labels).into_iter().map(|term| requirement(&term)).collect::<Answer<_>>()?;
        let fields = terms(fields).into_iter().map(|term| field(&term)).collect::<Answer<_>>()?;
        Ok(Self { labels, fields })
    }

    /// A selector as objects hold it: `matchLabels` and `matchExpressions`.
    pub(crate) fn of_object(selector: &Value) -> Self {
        let equal = selector["matchLabels"].as_object().into_iter().flatten();
        let mut labels: Vec<Requirement> =
            equal.map(|(key, value)| Requirement { key: key.clone(), test: Test::In(vec![text(value)]) }).collect();
        for expression in selector["matchExpressions"].as_array().into_iter().flatten() {
            let values = expression["values"].as_array().into_iter().flatten().map(text).collect();
            let test = match expression["operator"].as_str() {
                Some("In") => Test::In(values),
                Some("NotIn") => Test::NotIn(values),
                Some("DoesNotExist") => Test::Missing,
                _ => Test::Exists,
            };
            labels.push(Requirement { key: text(&expression["key"]), test });
        }
        Self { labels, fields: Vec::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    pub(crate) fn match_object(&self, object: &Value) -> bool {
        let none = Map::new();
        let labels = object["metadata"]["labels"].as_object().unwrap_or(&none);
        let labelled = self.labels.iter().all(|requirement| requirement.holds(labels));
        labelled && self.fields.iter().all(|(path, equal, value)| (at(object, path) == *value) == *equal)
    }
}

impl Requirement {
    fn holds(&self, labels: &Map<String, Value>) -> bool {
        let value = labels.get(&self.key).map(text);
        match &self.test {
            Test::In(values) => value.is_some_and(|value| values.contains(&value)),
            Test::NotIn(values) => value.is_none_or(|value| !values.contains(&value)),
            Test::Exists => value.is_some(),
            Test::Missing => value.is_none(),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The text at a dotted path, empty if there is none.
fn at(object: &Value, path: &str) -> String {
    let found = path.split('.').try_fold(object, |value, name| value.get(name));
    found.filter(|value| !value.is_null()).map(text).unwrap_or_default()
}

/// Splits at commas outside of parentheses.
fn terms(selector: &str) -> Vec<String> {
    let (mut found, mut depth) = (vec![String::new()], 0);
    for c in selector.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                found.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = found.last_mut() {
            last.push(c);
        }
    }
    found.into_iter().map(|term| term.trim().to_owned()).filter(|term| !term.is_empty()).collect()
}

fn requirement(term: &str) -> Answer<Requirement> {
    let new = |key: &str, test| Ok(Requirement { key: key.trim().to_owned(), test });
    let one = |value: &str| vec![value.trim().trim_start_matches('=').to_owned()];
    if let Some(key) = term.strip_prefix('!') {
        return new(key, Test::Missing);
    }
    if let Some((head, list)) = term.strip_suffix(')').and_then(|term| term.split_once('(')) {
        let values = list.split(',').map(|value| value.trim().to_owned()).collect();
        return match head.split_whitespace().collect::<Vec<_>>()[..] {
            [key, "in"] => new(key, Test::In(values)),
            [key, "notin"] => new(key, Test::NotIn(values)),
            _ => Err(Failure::bad_request(format!("unable to parse requirement: {term}"))),
        };
    }
    if let Some((key, value)) = term.split_once("!=") {
        return new(key, Test::NotIn(one(value)));
    }
    match term.split_once('=') {
        Some((key, value)) => new(key, Test::In(one(value))),
        None if term.contains(char::is_whitespace) => Err(Failure::bad_request(format!("unable to parse requirement: {term}"))),
        None => new(term, Test::Exists),
    }
}

fn field(term: &str) -> Answer<(String, bool, String)> {
    if let Some((path, value)) = term.split_once("!=") {
        return Ok((path.to_owned(), false, value.to_owned()));
    }
    let Some((path, value)) = term.split_once('=') else {
        return Err(Failure::bad_request(format!("invalid field selector: {term}")));
    };
    Ok((path.to_owned(), true, value.trim_start_matches('=').to_owned()))
}
