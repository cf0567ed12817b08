use domain::kernel::{Mebibytes, Minutes, Seconds};
use domain::workshops::cluster_needs::{Budget, Isolation, KubernetesNeeds, PodSecurity};
use domain::workshops::content::{ActionKind, Block, Category, CompletionRule, Content, Difficulty, StepOrder};

use crate::bundle::Bundle;
use crate::import;
use crate::imported::{Format, Imported};

const DEFINITION: &str = "apiVersion: training.educates.dev/v1beta1
kind: Workshop
metadata:
  name: Lab-Sample
spec:
  title: A sample
  description: What it is about.
  duration: 90m
  difficulty: extreme
  tags: [linux, k8s]
  session:
    namespaces:
      budget: small
    resources:
      storage: 2Gi
";

fn imported(files: &[(&str, &str)]) -> Imported {
    let mut bundle = Bundle::new("lab-folder");
    for (path, text) in files {
        bundle.insert(path, text.as_bytes().to_vec());
    }
    import(&bundle)
}

/// A workshop with the sample definition.
fn sample(files: &[(&str, &str)]) -> Imported {
    let mut all = vec![("resources/workshop.yaml", DEFINITION)];
    all.extend(files);
    imported(&all)
}

fn content(imported: &Imported) -> &Content {
    imported.content.as_ref().expect("a readable definition")
}

fn reported(imported: &Imported) -> Vec<String> {
    imported.diagnostics.iter().map(ToString::to_string).collect()
}

fn titles(imported: &Imported) -> Vec<&str> {
    imported.pages.iter().map(|page| page.title.as_str()).collect()
}

#[test]
fn the_definition_becomes_what_the_catalogue_shows() {
    let imported = sample(&[("workshop/content/a.md", "Run:\n\n```execute\nsudo kubectl get pods\n```\n")]);
    let content = content(&imported);
    assert_eq!(reported(&imported), Vec::<String>::new());
    assert_eq!((imported.slug.as_str(), imported.format), ("lab-sample", Format::Educates));
    assert_eq!((content.title.as_str(), content.summary.as_str()), ("A sample", "What it is about."));
    assert_eq!((&content.category, content.difficulty), (&Category::Kubernetes, Difficulty::Expert));
    assert_eq!((content.duration, content.order), (Minutes(90), StepOrder::Free));
    let needs = content.environment.as_ref().expect("an environment");
    assert_eq!((needs.memory, needs.disk, needs.lifetime), (Mebibytes(1024), Mebibytes(2048), Minutes(180)));
    assert_eq!(needs.programs, ["kubectl"]);
    assert_eq!(needs.kubernetes, Some(KubernetesNeeds::default()));
}

#[test]
fn a_session_with_a_vcluster_and_objects_has_them_here_too() {
    let session = "  session:
    namespaces: {budget: x-large, security: {policy: baseline}}
    applications: {vcluster: {enabled: true, budget: large}}
    objects:
    - {apiVersion: v1, kind: ConfigMap, metadata: {name: kept}}
    - {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: left-out}}
";
    let definition = DEFINITION.split("  session:").next().expect("what comes before").to_owned() + session;
    let imported = sample(&[("resources/workshop.yaml", &definition)]);
    let needs = content(&imported).environment.as_ref().and_then(|needs| needs.kubernetes.clone()).expect("needs of a cluster");
    assert_eq!((needs.isolation, needs.budget, needs.security), (Isolation::Vcluster, Budget::Large, PodSecurity::Baseline));
    let names: Vec<_> = needs.objects.iter().map(|object| object["metadata"]["name"].clone()).collect();
    assert_eq!(names, ["kept"]);
}

#[test]
fn older_definitions_among_other_resources_are_found() {
    let definition = "kind: Namespace\n---\napiVersion: training.eduk8s.io/v1alpha1\nkind: Workshop\nmetadata:\n  name: old\nspec:\n  title: Old\n  session:\n    budget: large\n";
    let imported = imported(&[("resources/workshop.yml", definition), ("workshop/content/a.md", "Text")]);
    assert_eq!(reported(&imported), Vec::<String>::new());
    let content = content(&imported);
    assert_eq!(content.environment.as_ref().expect("an environment").memory, Mebibytes(4096));
    assert_eq!((content.duration, &content.category), (Minutes(60), &Category::Other("imported".into())));
}

#[test]
fn a_definition_that_cannot_be_read_leaves_the_pages_in_the_report() {
    let page = ("workshop/content/a.md", "```execute\nls\n```\n");
    for (definition, expected) in [
        ("spec: [\n", "error: resources/workshop.yaml:2: not valid YAML"),
        ("kind: Pod\n", "error: resources/workshop.yaml:1: expected a resource with `kind: Workshop`"),
    ] {
        let imported = imported(&[("resources/workshop.yaml", definition), page]);
        assert!(imported.content.is_none());
        assert_eq!((imported.slug.as_str(), imported.pages.len(), imported.action_count()), ("lab-folder", 1, 1));
        assert!(reported(&imported)[0].starts_with(expected), "{:?}", imported.diagnostics);
    }
    assert_eq!(reported(&imported(&[page])), ["error: resources/workshop.yaml: expected the definition of the workshop here"]);
}

#[test]
fn wrong_fields_of_a_definition_are_reported_where_they_stand() {
    let definition = "apiVersion: v2\nkind: Workshop\nmetadata: {}\nspec:\n  title: T\n  duration: soon\n  difficulty: hard\n";
    let imported = imported(&[("resources/workshop.yaml", definition), ("workshop/content/a.md", "Text")]);
    assert_eq!(
        reported(&imported),
        [
            "warning: resources/workshop.yaml:1: apiVersion `v2`: expected training.educates.dev/v1beta1",
            "error: resources/workshop.yaml:3: `name` is missing",
            "error: resources/workshop.yaml:6: `duration`: expected a whole number with s, m or h, not `soon`",
            "error: resources/workshop.yaml:7: `difficulty`: expected beginner, intermediate, advanced or extreme, not `hard`",
        ]
    );
    assert_eq!(content(&imported).title, "T");
}

#[test]
fn pages_are_in_the_order_of_their_paths() {
    let imported = sample(&[
        ("workshop/content/10-ten.md", "---\ntitle: Ten\n---\nx"),
        ("workshop/content/02-two.md", "+++\ntitle = \"Two\"\n+++\nx"),
        ("workshop/content/03-bundle/index.md", "x"),
        ("workshop/content/_index.md", "x"),
        ("workshop/content/04-draft.md", "---\ndraft: true\n---\nx"),
        ("workshop/content/05-old.adoc", "x"),
    ]);
    assert_eq!(titles(&imported), ["Two", "Bundle", "Ten"]);
    assert_eq!(imported.pages[1].step, "03-bundle");
    assert_eq!(imported.diagnostics.len(), 3);
    assert!(!imported.has_errors());
}

#[test]
fn a_weight_on_any_page_orders_all_of_them() {
    let imported = sample(&[
        ("workshop/content/a.md", "---\ntitle: None\n---\nx"),
        ("workshop/content/b.md", "---\ntitle: Twenty\nweight: 20\n---\nx"),
        ("workshop/content/c.md", "+++\ntitle = \"Five B\"\nweight = 5\n+++\nx"),
        ("workshop/content/d.md", "---\ntitle: Five A\nweight: 5\n---\nx"),
    ]);
    assert_eq!(titles(&imported), ["Five A", "Five B", "Twenty", "None"]);
}

#[test]
fn the_default_pathway_chooses_and_names_pages() {
    let config = "pathways:\n  default: short\n  paths:\n    long:\n      steps: [a]\n    short:\n      steps:\n      - sub/c\n      - a\n      - a\n      - missing\nmodules:\n- name: a\n  title: Renamed\n";
    let imported = sample(&[
        ("workshop/config.yaml", config),
        ("workshop/content/a.md", "---\ntitle: A\n---\nx"),
        ("workshop/content/b.md", "x"),
        ("workshop/content/sub/c.md", "---\ntitle: C\n---\nx"),
    ]);
    assert_eq!(titles(&imported), ["C", "Renamed"]);
    assert_eq!(
        reported(&imported),
        [
            "warning: workshop/config.yaml:10: workshop/content/a.md is named twice",
            "error: workshop/config.yaml:11: there is no usable page workshop/content/missing.md",
            "warning: workshop/content/b.md: left out: workshop/config.yaml does not name it",
        ]
    );
}

#[test]
fn the_classic_renderer_activates_modules() {
    let imported = sample(&[
        ("workshop/modules.yaml", "modules:\n  b:\n    name: The B\n  a:\n    exit_sign: Go\n"),
        ("workshop/workshop.yaml", "name: W\nmodules:\n  activate:\n  - b\n  - a\n"),
        ("workshop/content/a.md", "x"),
        ("workshop/content/b.md", "x"),
    ]);
    assert_eq!(titles(&imported), ["The B", "A"]);
}

#[test]
fn a_broken_header_costs_its_page_alone() {
    let imported =
        sample(&[("workshop/content/a.md", "---\ntitle: A\nweight: {\n---\nx"), ("workshop/content/b.md", "---\ntitle: B\n---\nx")]);
    assert_eq!(titles(&imported), ["B"]);
    assert_eq!((imported.diagnostics[0].file.as_str(), imported.diagnostics[0].line), ("workshop/content/a.md", Some(4)));
    assert!(imported.has_errors());
}

#[test]
fn each_test_is_a_check_with_a_name_of_its_own() {
    let page = "```examiner:execute-test\nname: there\nargs: [a]\ntimeout: 5\n```\n\n```examiner:execute-test\nname: there\ntitle: Second\nargs: [b]\ntimeout: 900\n```\n\n```examiner:execute-test\nname: sub/deep\n```\n";
    let imported = sample(&[
        ("workshop/content/a.md", page),
        ("workshop/examiner/tests/there", "#!/usr/bin/env bash\r\ntrue\r\n"),
        ("workshop/examiner/tests/sub/deep", "true\n"),
    ]);
    let step = &content(&imported).steps[0];
    let CompletionRule::Check(checks) = &step.rule else { panic!("a step with checks") };
    let names: Vec<_> = checks.iter().map(|check| (check.name.as_str(), check.title.as_str())).collect();
    assert_eq!(names, [("there", "there"), ("there-2", "Second"), ("sub/deep", "sub/deep")]);
    assert_eq!((&checks[1].arguments, checks[0].timeout, checks[1].timeout), (&vec!["b".to_owned()], Seconds(5), Seconds(300)));
    assert_eq!(checks[0].script.as_deref(), Some("#!/usr/bin/env bash\ntrue\n"));
    let called: Vec<_> =
        step.body.iter().filter_map(|block| if let Block::Action(action) = block { Some(&action.kind) } else { None }).collect();
    assert_eq!(called[1], &ActionKind::ExecuteTest { check: "there-2".into() });
    assert_eq!(reported(&imported), ["warning: workshop/content/a.md:7: check `there`: its timeout is cut to 300 seconds"]);
}

#[test]
fn checks_that_cannot_be_run_are_reported_and_kept_without_a_script() {
    let call = |rest: &str| format!("```examiner:execute-test\nname: {rest}\n```\n\n");
    let page =
        [call("missing"), call("../../../etc/passwd"), call("remote\nurl: https://example.org/"), call("py"), call("ok\ninputs: {}")]
            .concat();
    let imported = sample(&[
        ("workshop/content/a.md", &page),
        ("workshop/examiner/tests/py", "#!/usr/bin/env python3\n"),
        ("workshop/examiner/tests/ok", "#!/bin/sh\n"),
    ]);
    assert_eq!(
        reported(&imported),
        [
            "warning: workshop/content/a.md:1: check `missing` has no script workshop/examiner/tests/missing; it cannot be run",
            "warning: workshop/content/a.md:5: check `../../../etc/passwd` names a script outside of workshop/examiner/tests; it cannot be run",
            "warning: workshop/content/a.md:9: check `remote` is decided by a web service; it cannot be run",
            "warning: workshop/content/a.md:14: check `py` is no shell script (workshop/examiner/tests/py); it cannot be run",
            "warning: workshop/content/a.md:18: check `ok` asks for inputs, which its script will not get",
        ]
    );
    let CompletionRule::Check(checks) = &content(&imported).steps[0].rule else { panic!("a step with checks") };
    assert_eq!(checks.iter().filter(|check| check.script.is_some()).count(), 1);
}

#[test]
fn carriage_returns_and_byte_order_marks_change_nothing() {
    let page = "\u{feff}---\r\ntitle: A\r\n---\r\nText {{< param x >}}.\r\n\r\n```terminal:execute\r\ncommand: ls\r\n```\r\nEnd\r\n";
    let imported = sample(&[("workshop/content/a.md", page)]);
    let body = &content(&imported).steps[0].body;
    assert_eq!(body[0], Block::Text("Text {{< param x >}}.\r\n\r\n".into()));
    let Block::Action(action) = &body[1] else { panic!("an action") };
    assert_eq!((action.line, &action.kind), (6, &ActionKind::Execute { terminal: "1".into(), command: "ls".into() }));
    assert_eq!(body[2], Block::Text("\r\nEnd\r\n".into()));
    assert_eq!(reported(&imported), Vec::<String>::new());
}

#[test]
fn keys_of_steps_are_unique() {
    let imported = sample(&[("workshop/content/a b.md", "x"), ("workshop/content/a-b.md", "x")]);
    let keys: Vec<_> = content(&imported).steps.iter().map(|step| step.key.as_str()).collect();
    assert_eq!(keys, ["a-b", "a-b-2"]);
}

#[test]
fn the_report_is_json_without_the_content() {
    let imported = sample(&[("workshop/content/a.md", "```robot:dance\n```\n")]);
    let expected = serde_json::json!({
        "slug": "lab-sample",
        "format": "educates",
        "pages": [{"file": "workshop/content/a.md", "title": "A", "step": "a", "actions": [{"kind": "robot:dance", "line": 1}]}],
        "actions_by_kind": {"robot:dance": 1},
        "diagnostics": [{
            "severity": "warning",
            "file": "workshop/content/a.md",
            "line": 1,
            "message": "unknown action `robot:dance`, kept as it is",
        }],
    });
    assert_eq!(serde_json::to_value(&imported).expect("JSON"), expected);
}
