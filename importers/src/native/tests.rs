use domain::kernel::{Mebibytes, Minutes, Points, Seconds};
use domain::workshops::cluster_needs::{Amounts, Budget, Isolation, KubernetesNeeds, PodSecurity};
use domain::workshops::content::{Category, CompletionRule, Content, Difficulty, StepOrder, Visibility};

use crate::bundle::Bundle;
use crate::import;
use crate::imported::{Format, Imported};

const DEFINITION: &str = "format: 1
slug: sample
title: A sample
summary: What it is about.
category: knitting
difficulty: advanced
duration: 1h
tags: [wool]
visibility: unlisted
order: free
completion_points: 7
environment:
  memory: 1Gi
  lifetime: 30m
  programs: [bash]
  files: [yarn.txt]
";
const READ: &str = "---\ntitle: Read\npoints: 3\nrule: read\n---\nText\n";
const ANSWER: &str = "---\ntitle: Answer\nrule: answer\nquiz:\n  question: Which?\n  choices: [a, b]\n  correct: [b]\n---\nText\n";
const CHECK: &str = "---\ntitle: Check\nrule: check\nchecks:\n- name: done\n  title: Is it done?\n  args: [x]\n  timeout: 5s\nfiles:\n- path: bin/run\n  from: run.sh\n  executable: true\n---\n```examiner:execute-test\nname: done\n```\n";

fn imported(files: &[(&str, &str)]) -> Imported {
    let mut bundle = Bundle::new("folder");
    for (path, text) in files {
        bundle.insert(path, text.as_bytes().to_vec());
    }
    import(&bundle)
}

/// The sample, with some of its files replaced.
fn sample(replaced: &[(&str, &str)]) -> Imported {
    let mut files = vec![
        ("workshop.yaml", DEFINITION),
        ("files/yarn.txt", "red\n"),
        ("files/run.sh", "true\n"),
        ("checks/done.sh", "test -e \"$1\"\r\n"),
        ("checks/done.solution.sh", "touch x\n"),
        ("steps/01-read.md", READ),
        ("steps/02-answer.md", ANSWER),
        ("steps/03-check.md", CHECK),
    ];
    files.retain(|(path, _)| !replaced.iter().any(|(replaced, _)| replaced == path));
    files.extend(replaced.iter().filter(|(_, text)| !text.is_empty()));
    imported(&files)
}

fn reported(imported: &Imported) -> Vec<String> {
    imported.diagnostics.iter().map(ToString::to_string).collect()
}

fn content(imported: &Imported) -> &Content {
    imported.content.as_ref().expect("a readable definition")
}

#[test]
fn a_workshop_is_read_in_full() {
    let imported = sample(&[]);
    assert_eq!(reported(&imported), Vec::<String>::new());
    assert_eq!((imported.slug.as_str(), imported.format), ("sample", Format::Nalabo));
    let content = content(&imported);
    assert_eq!((&content.category, content.difficulty), (&Category::Other("knitting".into()), Difficulty::Advanced));
    assert_eq!((content.duration, content.completion_points), (Minutes(60), Points(7)));
    assert_eq!(
        (content.visibility, content.order, content.languages.as_slice()),
        (Visibility::Unlisted, StepOrder::Free, ["en".to_owned()].as_slice())
    );
    let needs = content.environment.as_ref().expect("an environment");
    assert_eq!((needs.memory, needs.lifetime, needs.processes), (Mebibytes(1024), Minutes(30), 64));
    assert_eq!((needs.files[0].path.as_str(), needs.files[0].contents.as_str()), ("yarn.txt", "red\n"));
    let keys: Vec<_> = content.steps.iter().map(|step| (step.key.as_str(), step.points.0)).collect();
    assert_eq!(keys, [("read", 3), ("answer", 0), ("check", 0)]);
    let CompletionRule::Answer(quiz) = &content.steps[1].rule else { panic!("a quiz") };
    assert_eq!(quiz.correct, [1]);
}

#[test]
fn a_check_has_its_script_and_its_solution() {
    let imported = sample(&[]);
    let step = &content(&imported).steps[2];
    let CompletionRule::Check(checks) = &step.rule else { panic!("checks") };
    assert_eq!(checks[0].script.as_deref(), Some("test -e \"$1\"\n"));
    assert_eq!(checks[0].solution.as_deref(), Some("touch x\n"));
    assert_eq!((checks[0].timeout, checks[0].arguments.as_slice()), (Seconds(5), ["x".to_owned()].as_slice()));
    assert_eq!((step.files[0].path.as_str(), step.files[0].executable), ("bin/run", true));
}

#[test]
fn unknown_fields_are_refused_at_every_level() {
    let definition = DEFINITION.replace("summary:", "sumary:").replace("  memory:", "  memori:");
    let step = CHECK.replace("points", "point").replace("  timeout:", "  timeot:").replace("  from:", "  form:");
    let imported = sample(&[("workshop.yaml", &definition), ("steps/03-check.md", &step)]);
    let unknown: Vec<_> = reported(&imported).into_iter().filter(|line| line.contains("unknown field")).collect();
    assert_eq!(
        unknown,
        [
            "error: workshop.yaml:4: unknown field `sumary`; did you mean `summary`?",
            "error: workshop.yaml:13: unknown field `memori`; did you mean `memory`?",
            "error: steps/03-check.md:8: unknown field `timeot`; did you mean `timeout`?",
            "error: steps/03-check.md:11: unknown field `form`; did you mean `from`?",
        ]
    );
}

#[test]
fn another_version_of_the_format_is_not_guessed_at() {
    let imported = sample(&[("workshop.yaml", "format: 2\nslug: x\n")]);
    assert!(imported.content.is_none());
    assert_eq!(imported.pages.len(), 3);
    assert_eq!(reported(&imported), ["error: workshop.yaml:1: `format`: expected 1, the only version so far"]);
}

#[test]
fn a_missing_or_broken_definition_is_an_error() {
    assert_eq!(reported(&imported(&[])), ["error: workshop.yaml: expected the definition of the workshop here"]);
    let broken = sample(&[("workshop.yaml", "format: 1\ntitle: [\n")]);
    assert!(broken.content.is_none());
    assert!(reported(&broken)[0].starts_with("error: workshop.yaml:3: not valid YAML"), "{:?}", broken.diagnostics);
}

#[test]
fn steps_with_the_same_key_are_refused() {
    let imported = sample(&[("steps/04-read.md", READ)]);
    assert_eq!(reported(&imported), ["error: steps/04-read.md:1: left out: its key `read` is that of steps/01-read.md"]);
    assert_eq!(content(&imported).steps.len(), 3);
}

#[test]
fn a_broken_header_costs_its_step_alone() {
    let imported = sample(&[("steps/01-read.md", "---\ntitle: A\npoints: [1\n---\nText\n")]);
    assert_eq!(content(&imported).steps.len(), 2);
    assert_eq!((imported.diagnostics[0].file.as_str(), imported.diagnostics[0].line), ("steps/01-read.md", Some(4)));
}

#[test]
fn missing_scripts_and_files_are_reported_where_they_are_named() {
    let imported = sample(&[("checks/done.sh", ""), ("files/run.sh", ""), ("files/yarn.txt", "")]);
    assert_eq!(
        reported(&imported),
        [
            "error: workshop.yaml:16: there is no files/yarn.txt",
            "error: steps/03-check.md:5: there is no checks/done.sh",
            "error: steps/03-check.md:10: there is no files/run.sh",
        ]
    );
}

#[test]
fn names_cannot_lead_out_of_the_folder() {
    let step = CHECK
        .replace("name: done\n  title", "name: ../done\n  title")
        .replace("path: bin/run", "path: ../.bashrc")
        .replace("from: run.sh", "from: ../workshop.yaml");
    let imported = sample(&[("steps/03-check.md", &step)]);
    let reported = reported(&imported);
    assert!(
        reported.contains(&"error: steps/03-check.md:5: `../done`: expected the name of a script in checks/".to_owned()),
        "{reported:?}"
    );
    assert!(reported.contains(&"error: steps/03-check.md:10: `../.bashrc`: expected a path without . and ..".to_owned()), "{reported:?}");
}

#[test]
fn a_rule_and_its_fields_must_fit() {
    let with = |step: &str| reported(&sample(&[("steps/02-answer.md", step)]));
    assert_eq!(with(&ANSWER.replace("rule: answer", "rule: read")), ["error: steps/02-answer.md:4: `quiz` goes with `rule: answer`"]);
    assert_eq!(with("---\ntitle: A\nrule: answer\n---\nText\n"), ["error: steps/02-answer.md:2: `rule: answer` needs `quiz`"]);
    assert_eq!(
        with("---\ntitle: A\nrule: maybe\n---\nText\n"),
        ["error: steps/02-answer.md:3: `rule`: expected read, answer or check, not `maybe`"]
    );
    assert_eq!(with(&ANSWER.replace("[b]", "[c]")), ["error: steps/02-answer.md:7: `correct`: `c` is none of the choices"]);
    assert_eq!(with("---\ntitle: A\n---\nText\n"), ["error: steps/02-answer.md:2: `rule` is missing"]);
}

#[test]
fn a_test_on_a_page_must_be_a_check_of_its_step() {
    let imported =
        sample(&[("steps/03-check.md", &CHECK.replace("```examiner:execute-test\nname: done", "```examiner:execute-test\nname: don"))]);
    assert_eq!(reported(&imported), ["error: steps/03-check.md:14: this step has no check `don`; did you mean `done`?"]);
}

#[test]
fn scripts_that_no_step_names_are_reported() {
    let imported = sample(&[("checks/other.sh", "true")]);
    assert_eq!(reported(&imported), ["warning: checks/other.sh: no step has this check"]);
}

#[test]
fn a_category_that_is_almost_a_known_one_is_questioned() {
    let imported = sample(&[("workshop.yaml", &DEFINITION.replace("knitting", "kubernets"))]);
    assert_eq!(reported(&imported), ["warning: workshop.yaml:5: `kubernets` is a category of its own; did you mean `kubernetes`?"]);
}

#[test]
fn what_could_not_be_published_is_an_error() {
    let imported = sample(&[("workshop.yaml", &DEFINITION.replace("lifetime: 30m", "lifetime: 3m"))]);
    assert_eq!(reported(&imported), ["error: workshop.yaml: environment.lifetime: expected 5 to 1440 minutes"]);
    assert_eq!(reported(&imported_without_steps()), ["error: workshop.yaml: steps: expected at least one step"]);
}

fn imported_without_steps() -> Imported {
    imported(&[("workshop.yaml", DEFINITION), ("files/yarn.txt", "red\n")])
}

/// The contents of the code blocks of a page.
fn code_blocks(markdown: &str) -> Vec<(String, String)> {
    use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag};
    let mut blocks: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for event in Parser::new(markdown) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                blocks.push((language.to_string(), String::new()));
                inside = true;
            }
            Event::Text(text) if inside => blocks.last_mut().expect("an open block").1.push_str(&text),
            Event::End(_) => inside = false,
            _ => {}
        }
    }
    blocks
}

#[test]
fn the_example_of_the_guide_is_a_workshop() {
    let blocks = code_blocks(include_str!("../../../docs/workshop-format.md"));
    let first = |language: &str| blocks.iter().find(|(other, _)| other == language).map(|(_, text)| text.as_str()).expect("an example");
    let imported = imported(&[
        ("workshop.yaml", first("yaml")),
        ("steps/01-make-a-folder.md", first("markdown")),
        ("checks/folder-made.sh", first("bash")),
        ("files/notes.txt", "Notes.\n"),
    ]);
    assert_eq!(reported(&imported), Vec::<String>::new());
    assert_eq!(imported.action_count(), 2);
}

const KUBERNETES: &str = "  kubernetes:
    isolation: vcluster
    budget: {cpu: 500m, memory: 1Gi, storage: 2Gi, pods: 4}
    security: baseline
    image: registry.example/bench:1
    variables: {COLOUR: red}
    ports: [{name: web, port: 8080}]
    egress: [0.0.0.0/0]
    objects:
    - apiVersion: v1
      kind: ConfigMap
      metadata: {name: a}
      data: {number: \"1\", flag: \"true\"}
      immutable: true
    overtime: 30m
    idle: 20m
    runtime_class: gvisor
    node_selector: {tier: labs}
    tolerations: [{key: labs, effect: NoSchedule}]
";

#[test]
fn needs_of_a_cluster_are_read_in_full() {
    let imported = sample(&[("workshop.yaml", &format!("{DEFINITION}{KUBERNETES}"))]);
    assert_eq!(reported(&imported), Vec::<String>::new());
    let needs = content(&imported).environment.as_ref().and_then(|needs| needs.kubernetes.clone()).expect("needs of a cluster");
    let amounts = Amounts { millicpu: 500, memory: Mebibytes(1024), storage: Mebibytes(2048), pods: 4 };
    assert_eq!((needs.isolation, needs.budget, needs.security), (Isolation::Vcluster, Budget::Custom(amounts), PodSecurity::Baseline));
    assert_eq!((needs.overtime, needs.idle, needs.ports[0].port), (Some(Minutes(30)), Some(Minutes(20)), 8080));
    assert_eq!((needs.variables["COLOUR"].as_str(), needs.node_selector["tier"].as_str()), ("red", "labs"));
    // What is in quotes stays text, as Kubernetes reads it; what is not is a flag.
    assert_eq!((&needs.objects[0]["data"]["number"], &needs.objects[0]["immutable"]), (&"1".into(), &true.into()));
    let usual = sample(&[("workshop.yaml", &format!("{DEFINITION}  kubernetes: {{budget: xx-large}}\n"))]);
    let needs = content(&usual).environment.as_ref().and_then(|needs| needs.kubernetes.clone()).expect("needs of a cluster");
    assert_eq!(needs, KubernetesNeeds { budget: Budget::XxLarge, ..KubernetesNeeds::default() });
}

#[test]
fn faults_in_the_needs_of_a_cluster_are_named() {
    let told = |kubernetes: &str| {
        let imported = sample(&[("workshop.yaml", &format!("{DEFINITION}  kubernetes: {{{kubernetes}}}\n"))]);
        reported(&imported).join("\n")
    };
    for (kubernetes, expected) in [
        ("bugdet: small", "did you mean `budget`?"),
        ("budget: huge", "`budget`: expected one of small"),
        ("budget: {cpu: many}", "`cpu`: expected CPUs such as 2 or 500m"),
        ("isolation: cage", "`isolation`: expected one of namespace, vcluster"),
        ("ports: [{name: web, port: 80}]", "environment.kubernetes.ports[0].port: expected a port from 1024 up"),
        ("objects: [{apiVersion: v1, kind: Node, metadata: {name: a}}]", "environment.kubernetes.objects[0].kind: expected one of"),
        ("egress: [example.com]", "environment.kubernetes.egress[0]: expected a network"),
    ] {
        let told = told(kubernetes);
        assert!(told.contains(expected), "{kubernetes}: {told}");
    }
}
