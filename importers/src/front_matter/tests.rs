use super::split;
use crate::yaml::{Node, Value};

fn title(text: &str) -> (Option<String>, &str, u32) {
    let page = split(text).expect("valid");
    (page.header.get("title").and_then(Node::as_text).map(str::to_owned), page.body, page.body_line)
}

#[test]
fn yaml_and_toml_headers_are_read() {
    assert_eq!(title("---\ntitle: A\n---\n# Body\n"), (Some("A".into()), "# Body\n", 4));
    assert_eq!(title("+++\ntitle = \"A\"\nweight = 3\n+++\nBody"), (Some("A".into()), "Body", 5));
    let page = split("+++\nweight = 3\ntags = [\"a\"]\ndraft = true\n+++\n").expect("valid");
    assert_eq!(page.header.get("weight").and_then(Node::as_text), Some("3"));
    assert_eq!(page.header.get("draft").and_then(Node::as_text), Some("true"));
    assert_eq!(page.header.get("tags").expect("tags").items().len(), 1);
}

#[test]
fn carriage_returns_stay_in_the_body_and_out_of_the_header() {
    assert_eq!(title("---\r\ntitle: A\r\n---\r\nBody\r\n"), (Some("A".into()), "Body\r\n", 4));
    assert_eq!(title("+++\r\ntitle = \"A\"\r\n+++\r\nBody\r\n"), (Some("A".into()), "Body\r\n", 4));
}

#[test]
fn a_page_may_have_no_header_or_an_empty_one() {
    assert_eq!(title("# Body\n\n---\n"), (None, "# Body\n\n---\n", 1));
    assert_eq!(title(""), (None, "", 1));
    let page = split("---\n---\nBody").expect("valid");
    assert_eq!((page.header.value, page.body), (Value::Null, "Body"));
}

#[test]
fn faults_name_their_line() {
    let line = |text: &str| split(text).expect_err("refused").line;
    assert_eq!(line("---\ntitle: A\nBody"), 1);
    assert_eq!(line("---\ntitle: A\nweight: [1\n---\nBody"), 4);
    assert_eq!(line("---\ntitle: \"A\n---\nBody"), 2);
    assert_eq!(line("+++\ntitle = \"A\"\nweight =\n+++\nBody"), 3);
}
