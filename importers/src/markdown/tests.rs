use proptest::prelude::*;

use super::{Fence, Segment, is_action, segments};

fn fences(source: &str) -> Vec<Fence<'_>> {
    let fence = |segment| if let Segment::Fence(fence) = segment { Some(fence) } else { None };
    segments(source, 1).into_iter().filter_map(fence).collect()
}

fn joined(source: &str) -> String {
    let raw = |segment: &Segment<'_>| match segment {
        Segment::Text(text) => (*text).to_owned(),
        Segment::Fence(fence) => fence.raw.to_owned(),
    };
    segments(source, 1).iter().map(raw).collect()
}

#[test]
fn a_page_is_cut_at_its_actions() {
    let source = "Run:\n\n```execute\nls\n```\n\nand ```inline``` code.\n";
    let expected = [
        Segment::Text("Run:\n\n"),
        Segment::Fence(Fence { raw: "```execute\nls\n```", language: "execute".into(), body: "ls\n".into(), line: 3 }),
        Segment::Text("\n\nand ```inline``` code.\n"),
    ];
    assert_eq!(segments(source, 1), expected);
}

#[test]
fn examples_inside_of_other_fences_are_text() {
    assert!(fences("~~~markdown\n```execute\nls\n```\n~~~\n").is_empty());
    assert!(fences("````markdown\n```execute\nls\n```\n````\n").is_empty());
    assert!(fences("    ```execute\n    ls\n    ```\n").is_empty());
    assert!(fences("<!--\n```execute\nls\n```\n-->\n").is_empty());
    assert!(fences("```bash\nls\n```\n\n```yaml\na: b\n```\n").is_empty());
}

#[test]
fn tildes_and_longer_fences_can_be_actions_themselves() {
    let found = fences("~~~terminal:execute\ncommand: ls\n~~~\n\n````execute\n```\n````\n");
    assert_eq!(found.iter().map(|fence| fence.body.as_str()).collect::<Vec<_>>(), ["command: ls\n", "```\n"]);
}

#[test]
fn actions_in_lists_and_quotes_lose_their_marks_but_not_their_lines() {
    let source =
        "1. First:\n\n   ```execute\n   ls\n     -l\n   ```\n\n> quoted\n>\n> ```execute\n> pwd\n> ```\n\n- > ```copy\n  > x\n  > ```\n";
    let found = fences(source);
    let bodies: Vec<_> = found.iter().map(|fence| (fence.body.as_str(), fence.line)).collect();
    assert_eq!(bodies, [("ls\n  -l\n", 3), ("pwd\n", 10), ("x\n", 14)]);
    assert_eq!(joined(source), source);
}

#[test]
fn carriage_returns_stay_in_the_text() {
    let source = "a\r\n\r\n```execute\r\nls\r\npwd\r\n```\r\n\r\nb\r\n";
    let found = fences(source);
    assert_eq!((found[0].body.as_str(), found[0].line), ("ls\npwd\n", 3));
    assert!(found[0].is_closed());
    assert_eq!(joined(source), source);
}

#[test]
fn words_after_the_language_and_attributes_do_not_matter() {
    assert_eq!(fences("```execute now\nls\n```\n")[0].language, "execute");
    assert_eq!(fences("```terminal:execute{lines=1}\ncommand: ls\n```\n")[0].language, "terminal:execute");
}

#[test]
fn a_fence_without_an_end_is_noticed() {
    assert!(!fences("```execute\nls\n")[0].is_closed());
    assert!(!fences("```execute\n")[0].is_closed());
    assert!(!fences("````execute\nls\n```\n")[0].is_closed());
    assert!(fences("```execute\n```\n")[0].is_closed());
    assert!(fences("> ```execute\n> ls\n> `````\n")[0].is_closed());
}

#[test]
fn languages_with_a_namespace_and_the_older_words_are_actions() {
    for action in ["execute", "execute-1", "execute-all", "copy", "copy-and-edit", "terminal:execute", "my_own:thing-2"] {
        assert!(is_action(action), "{action}");
    }
    for other in ["", "bash", "executed", "execute-", "execute-x", "copycat", ":a", "a:", "a:b:c", "a b:c", "http://x"] {
        assert!(!is_action(other), "{other}");
    }
}

/// Pages made of what is difficult about pages.
fn page() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec![
        "```",
        "````",
        "~~~",
        "```execute",
        "~~~copy",
        "```a:b",
        "```bash",
        "> ",
        "> ```execute",
        "- ",
        "  ```execute",
        "1. x",
        "    ",
        "",
        "text",
        "---",
        "<div>",
        "<!--",
        "-->",
        "\t```copy",
        "ü\u{301}",
        "> - ```x:y",
        ">   ```",
        "\\```execute",
        "`",
        "[a]: b",
        "| a |",
    ]);
    prop::collection::vec((line, prop::sample::select(vec!["\n", "\r\n", "\r", "\n\n"])), 0..24)
        .prop_map(|lines| lines.into_iter().flat_map(|(line, end)| [line, end]).collect())
}

proptest! {
    #[test]
    fn the_stretches_of_a_page_are_the_page(source in page()) {
        prop_assert_eq!(joined(&source), source);
    }

    #[test]
    fn the_stretches_of_any_text_are_the_text(source in "\\PC*|[`~>\\-: a\n\t]{0,80}") {
        prop_assert_eq!(joined(&source), source);
    }

    #[test]
    fn every_action_stands_on_its_line(source in page()) {
        for fence in fences(&source) {
            let line = source.split('\n').nth(fence.line as usize - 1).expect("a line of the page");
            prop_assert!(line.contains(fence.raw.lines().next().expect("a fence")));
        }
    }
}
