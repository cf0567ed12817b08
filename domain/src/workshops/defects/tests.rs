use serde_json::json;

use super::{Category, Check, CompletionRule, Content, Defect, ProvidedFile, Quiz, is_key, of_draft, of_version};
use crate::{
    kernel::{Mebibytes, Minutes, Points, Seconds},
    workshops::content::{Block, EnvironmentNeeds},
};

/// Nothing is wrong with it. Its steps are read, answered and checked.
fn sound() -> Content {
    serde_json::from_value(json!({
        "title": "Docker", "summary": "Containers.", "category": "docker", "difficulty": "beginner", "duration": 30,
        "environment": {},
        "steps": [
            { "key": "read", "title": "Read", "body": [{ "text": "Read this." }], "rule": "read" },
            { "key": "answer", "title": "Answer", "body": [{ "text": "Answer this." }],
              "rule": { "answer": { "question": "Which?", "choices": ["This", "That"], "correct": [0] } } },
            { "key": "check", "title": "Check", "body": [{ "text": "Do this." }],
              "rule": { "check": [{ "name": "runs", "title": "It runs", "script": "true" }] } }
        ]
    }))
    .expect("content")
}

fn paths(defects: &[Defect]) -> Vec<&str> {
    defects.iter().map(|defect| defect.path.as_str()).collect()
}

/// Breaks sound content: a draft of it has exactly this defect.
#[track_caller]
fn breaks_a_draft(path: &str, expected: &str, spoil: impl FnOnce(&mut Content)) {
    let mut content = sound();
    spoil(&mut content);
    assert_eq!(of_draft(&content), [Defect::new(path, expected)]);
    assert!(of_version(&content).iter().any(|defect| defect.path == path), "a version holds to all that a draft holds to");
}

/// Breaks sound content: a draft of it may be kept, a version has exactly these defects.
#[track_caller]
fn breaks_a_version(expected: &[&str], spoil: impl FnOnce(&mut Content)) {
    let mut content = sound();
    spoil(&mut content);
    assert_eq!(of_draft(&content), [], "a draft may be unfinished");
    assert_eq!(paths(&of_version(&content)), expected);
}

fn environment(content: &mut Content) -> &mut EnvironmentNeeds {
    content.environment.as_mut().expect("an environment")
}

fn quiz(content: &mut Content) -> &mut Quiz {
    let CompletionRule::Answer(quiz) = &mut content.steps[1].rule else { panic!("a step that is answered") };
    quiz
}

fn checks(content: &mut Content) -> &mut Vec<Check> {
    let CompletionRule::Check(checks) = &mut content.steps[2].rule else { panic!("a step that is checked") };
    checks
}

#[test]
fn sound_content_may_be_kept_and_published() {
    assert_eq!(of_version(&sound()), []);
}

#[test]
fn texts_in_events_are_bounded_in_characters() {
    breaks_a_draft("title", "at most 200 characters", |content| content.title = "ö".repeat(201));
    breaks_a_draft("summary", "at most 1000 characters", |content| content.summary = "ö".repeat(1001));
    breaks_a_draft("description", "at most 20000 characters", |content| content.description = "ö".repeat(20_001));
    breaks_a_draft("category", "at most 40 characters", |content| content.category = Category::Other("ö".repeat(41)));
    breaks_a_draft("tags[1]", "at most 40 characters", |content| content.tags = vec![String::new(), "ö".repeat(41)]);
    breaks_a_draft("languages[0]", "at most 40 characters", |content| content.languages = vec!["ö".repeat(41)]);
    breaks_a_draft("steps[1].title", "at most 200 characters", |content| content.steps[1].title = "ö".repeat(201));
}

#[test]
fn a_text_may_be_as_long_as_its_bound() {
    let mut content = sound();
    content.title = "ö".repeat(200);
    content.summary = "ö".repeat(1000);
    content.description = "ö".repeat(20_000);
    content.category = Category::Other("ö".repeat(40));
    content.tags = vec!["ö".repeat(40); 20];
    content.languages = vec!["ö".repeat(40); 20];
    content.steps[0].title = "ö".repeat(200);
    content.steps[0].points = Points(10_000);
    content.completion_points = Points(10_000);
    content.duration = Minutes(10_080);
    assert_eq!(of_version(&content), []);
}

#[test]
fn numbers_of_things_are_bounded() {
    breaks_a_draft("tags", "at most 20 tags", |content| content.tags = vec!["a".to_owned(); 21]);
    breaks_a_draft("languages", "at most 20 languages", |content| content.languages = vec!["en".to_owned(); 21]);
    breaks_a_draft("completion_points", "at most 10000 points", |content| content.completion_points = Points(10_001));
    breaks_a_draft("steps[2].points", "at most 10000 points", |content| content.steps[2].points = Points(10_001));
    breaks_a_draft("duration", "at most 10080 minutes", |content| content.duration = Minutes(10_081));
}

fn with_steps(number: usize, title: &str) -> Content {
    let mut content = sound();
    let step = content.steps[0].clone();
    content.steps = (0..number)
        .map(|at| crate::workshops::content::Step { key: format!("step-{at}"), title: title.to_owned(), ..step.clone() })
        .collect();
    content
}

#[test]
fn there_are_at_most_200_steps() {
    assert_eq!(of_draft(&with_steps(200, "Step")), []);
    assert_eq!(of_draft(&with_steps(201, "Step")), [Defect::new("steps", "at most 200 steps")]);
}

#[test]
fn steps_whose_titles_together_would_not_fit_an_event_are_refused() {
    assert_eq!(of_draft(&with_steps(100, &"ö".repeat(200))), []);
    assert_eq!(paths(&of_draft(&with_steps(200, &"ö".repeat(200)))), ["steps"]);
}

#[test]
fn a_workshop_needs_a_title_from_the_first_draft() {
    for title in ["", " \n"] {
        breaks_a_draft("title", "a title", |content| content.title = title.to_owned());
    }
}

#[test]
fn a_step_key_is_plain_and_unique() {
    let plain = "1 to 80 lower-case letters, digits and single hyphens between them";
    breaks_a_draft("steps[1].key", plain, |content| content.steps[1].key = "Not plain".to_owned());
    breaks_a_draft("steps[1].key", plain, |content| content.steps[1].key = String::new());
    breaks_a_draft("steps[2].key", "a key that no other step has, not read again", |content| content.steps[2].key = "read".to_owned());
}

#[test]
fn a_key_is_made_of_lower_case_letters_digits_and_single_hyphens() {
    for key in ["a", "0", "a-b-1", &"a".repeat(80)] {
        assert!(is_key(key), "{key}");
    }
    for key in ["", "-", "-a", "a-", "a--b", "A", "a_b", "a b", "a/b", "ä", "..", &"a".repeat(81)] {
        assert!(!is_key(key), "{key}");
    }
}

#[test]
fn what_an_environment_needs_has_bounds_below_and_above() {
    for memory in [31, 16_385] {
        breaks_a_draft("environment.memory", "32 to 16384 MiB", |content| environment(content).memory = Mebibytes(memory));
    }
    for processes in [7, 4097] {
        breaks_a_draft("environment.processes", "8 to 4096 processes", |content| environment(content).processes = processes);
    }
    for cpu in [4, 36_001] {
        breaks_a_draft("environment.cpu", "5 to 36000 seconds", |content| environment(content).cpu = Seconds(cpu));
    }
    for disk in [3, 16_385] {
        breaks_a_draft("environment.disk", "4 to 16384 MiB", |content| environment(content).disk = Mebibytes(disk));
    }
    for lifetime in [4, 1441] {
        breaks_a_draft("environment.lifetime", "5 to 1440 minutes", |content| environment(content).lifetime = Minutes(lifetime));
    }
}

fn file(path: &str) -> ProvidedFile {
    ProvidedFile { path: path.to_owned(), contents: String::new(), executable: false }
}

#[test]
fn a_file_stays_inside_the_home() {
    let expected = "a path inside the home, without . and ..";
    for path in ["", "/etc/passwd", "../up", "a/../../up", "./a", "a//b", "a/", "a\0b", &"a".repeat(256)] {
        breaks_a_draft("environment.files[1].path", expected, |content| environment(content).files = vec![file("fine"), file(path)]);
        breaks_a_version(&["steps[0].files[0].path"], |content| content.steps[0].files = vec![file(path)]);
    }
    let mut content = sound();
    environment(&mut content).files = vec![file("a"), file(".config/b c/d.txt"), file("..a/b.."), file(&"a".repeat(255))];
    assert_eq!(of_version(&content), []);
}

#[test]
fn a_version_needs_a_summary_and_steps_with_titles_and_content() {
    breaks_a_version(&["summary"], |content| content.summary = " ".to_owned());
    breaks_a_version(&["steps"], |content| content.steps.clear());
    breaks_a_version(&["steps[1].title"], |content| content.steps[1].title = " ".to_owned());
    breaks_a_version(&["steps[1].body"], |content| content.steps[1].body.clear());
    breaks_a_version(&["steps[1].body"], |content| content.steps[1].body = vec![Block::Text(" \n".to_owned())]);
}

#[test]
fn a_question_has_2_to_20_choices_of_which_some_are_right() {
    breaks_a_version(&["steps[1].rule.answer.question"], |content| quiz(content).question = " ".to_owned());
    breaks_a_version(&["steps[1].rule.answer.choices"], |content| quiz(content).choices.truncate(1));
    breaks_a_version(&["steps[1].rule.answer.choices"], |content| quiz(content).choices = vec!["x".to_owned(); 21]);
    for correct in [vec![], vec![2], vec![0, 0]] {
        breaks_a_version(&["steps[1].rule.answer.correct"], |content| quiz(content).correct = correct);
    }
}

#[test]
fn a_checked_step_has_1_to_50_checks_with_unique_names_scripts_and_bounded_time() {
    let check = || checks(&mut sound())[0].clone();
    breaks_a_version(&["steps[2].rule.check"], |content| checks(content).clear());
    breaks_a_version(&["steps[2].rule.check"], |content| {
        *checks(content) = (0..51).map(|at| Check { name: at.to_string(), ..check() }).collect();
    });
    breaks_a_version(&["steps[2].rule.check[1].name"], |content| checks(content).push(check()));
    for name in [String::new(), " ".to_owned(), "ö".repeat(201)] {
        breaks_a_version(&["steps[2].rule.check[0].name"], |content| checks(content)[0].name = name);
    }
    for script in [None, Some(" \n".to_owned())] {
        breaks_a_version(&["steps[2].rule.check[0].script"], |content| checks(content)[0].script = script);
    }
    for timeout in [0, 301] {
        breaks_a_version(&["steps[2].rule.check[0].timeout"], |content| checks(content)[0].timeout = Seconds(timeout));
    }
}

#[test]
fn checks_need_an_environment_to_run_in() {
    breaks_a_version(&["environment"], |content| content.environment = None);
}

#[test]
fn every_defect_is_found_at_once() {
    let mut content = sound();
    content.summary.clear();
    content.steps[0].title.clear();
    checks(&mut content)[0].script = None;
    assert_eq!(paths(&of_version(&content)), ["summary", "steps[0].title", "steps[2].rule.check[0].script"]);
}
