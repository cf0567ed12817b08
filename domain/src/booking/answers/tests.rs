use super::{Answer, Answers, Question, QuestionKind};

fn question(key: &str, kind: QuestionKind, required: bool) -> Question {
    Question { key: key.to_owned(), label: "What?".to_owned(), kind, required }
}

fn choices() -> Vec<String> {
    ["tea", "coffee"].map(str::to_owned).into()
}

fn expected(questions: &[Question], answer: Answer) -> Option<String> {
    let answers = Answers::from([("q".to_owned(), answer)]);
    let mut flaws = Question::flaws_of(questions, &answers);
    assert!(flaws.len() <= 1 && flaws.iter().all(|flaw| flaw.at == "answers.q"), "{flaws:?}");
    flaws.pop().map(|flaw| flaw.expected)
}

#[test]
fn an_answer_is_of_its_questions_kind() {
    let text = || Answer::Text("tea".to_owned());
    let some = || Answer::Choices(vec!["tea".to_owned()]);
    let (number, yes) = (|| Answer::Number(7), || Answer::YesNo(true));
    let kinds = [
        (
            QuestionKind::Text,
            vec![text()],
            vec![number(), yes(), some(), Answer::Text("x".repeat(1001))],
            "a text of 1000 characters at most",
        ),
        (QuestionKind::Number, vec![number()], vec![text(), yes(), some()], "a whole number"),
        (QuestionKind::YesNo, vec![yes()], vec![text(), number(), some()], "true or false"),
        (
            QuestionKind::Choice(choices()),
            vec![text()],
            vec![number(), yes(), some(), Answer::Text("water".to_owned())],
            "one of tea, coffee",
        ),
        (
            QuestionKind::Choices(choices()),
            vec![some(), Answer::Choices(vec![]), Answer::Choices(choices())],
            vec![text(), number(), yes(), Answer::Choices(vec!["water".to_owned()]), Answer::Choices(vec!["tea".to_owned(); 2])],
            "some of tea, coffee, each once",
        ),
    ];
    for (kind, right, wrong, what) in kinds {
        let questions = [question("q", kind, false)];
        for answer in right {
            assert_eq!(expected(&questions, answer.clone()), None, "{answer:?}");
        }
        for answer in wrong {
            assert_eq!(expected(&questions, answer.clone()).as_deref(), Some(what), "{answer:?}");
        }
    }
}

#[test]
fn what_must_be_answered_is_and_with_something() {
    let questions = [question("q", QuestionKind::Text, true)];
    assert_eq!(Question::flaws_of(&questions, &Answers::new())[0].to_string(), "answers.q: expected an answer");
    assert!(expected(&questions, Answer::Text("  ".to_owned())).is_some());
    assert!(expected(&[question("q", QuestionKind::Choices(choices()), true)], Answer::Choices(vec![])).is_some());
    assert!(Question::flaws_of(&[question("q", QuestionKind::Text, false)], &Answers::new()).is_empty());
}

#[test]
fn nothing_is_answered_that_was_not_asked() {
    assert_eq!(expected(&[], Answer::Number(1)).as_deref(), Some("answers to the run's questions alone"));
}

#[test]
fn a_question_has_a_key_a_label_and_something_to_choose_from() {
    let places = |question: &Question| question.flaws("questions[0]").into_iter().map(|flaw| flaw.at).collect::<Vec<_>>();
    assert!(places(&question("q", QuestionKind::Choice(choices()), true)).is_empty());
    let empty =
        Question { key: String::new(), label: " ".to_owned(), kind: QuestionKind::Choices(vec!["one".to_owned()]), required: false };
    assert_eq!(places(&empty), ["questions[0].key", "questions[0].label", "questions[0].choices"]);
}

#[test]
fn all_answers_together_are_no_longer_than_an_event_holds() {
    let questions: Vec<_> = (0..9).map(|n| question(&format!("q{n}"), QuestionKind::Text, false)).collect();
    let long = || Answer::Text("\u{1f980}".repeat(1000));
    let answers = |n: usize| questions[..n].iter().map(|question| (question.key.clone(), long())).collect::<Answers>();
    assert!(Question::flaws_of(&questions, &answers(8)).is_empty());
    let flaws = Question::flaws_of(&questions, &answers(9));
    assert_eq!(flaws[0].to_string(), "answers: expected 32768 bytes of text at most, in all of them together");
}
