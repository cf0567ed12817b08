use serde_json::{from_value, json, to_value};

use super::{Category, Content, StepOrder, Visibility};
use crate::kernel::Points;

#[test]
fn every_category_survives_json_and_the_known_ones_have_one_spelling() {
    let known = [
        (Category::Docker, "docker"),
        (Category::Kubernetes, "kubernetes"),
        (Category::Cloud, "cloud"),
        (Category::Devops, "devops"),
        (Category::AiMl, "ai-ml"),
        (Category::DataScience, "data-science"),
        (Category::Security, "security"),
    ];
    for (category, word) in known {
        assert_eq!(to_value(&category).expect("a category is JSON"), json!(word));
        assert_eq!(from_value::<Category>(json!(word)).expect("a category"), category);
    }
}

#[test]
fn any_other_category_is_kept_in_the_authors_word() {
    for word in ["networking", "Docker", "AiMl", "Réseaux & co", ""] {
        let other = Category::Other(word.to_owned());
        assert_eq!(to_value(&other).expect("a category is JSON"), json!(word));
        let text = serde_json::to_string(&other).expect("a category is JSON");
        assert_eq!(serde_json::from_str::<Category>(&text).expect("a category"), other);
    }
    assert!(from_value::<Category>(json!(7)).is_err());
}

#[test]
fn content_needs_little_and_the_rest_has_defaults() {
    let least = json!({
        "title": "Docker", "summary": "", "category": "docker", "difficulty": "beginner", "duration": 30,
        "environment": {},
        "steps": [{
            "key": "one", "title": "One", "body": [{ "text": "Read this." }],
            "rule": { "check": [{ "name": "runs", "title": "It runs", "script": "true" }] }
        }]
    });
    let content: Content = from_value(least).expect("content");
    assert_eq!((content.visibility, content.order, content.completion_points), (Visibility::Public, StepOrder::Sequential, Points(0)));
    let needs = content.environment.as_ref().expect("an environment");
    assert_eq!((needs.memory.0, needs.processes, needs.cpu.0, needs.disk.0, needs.lifetime.0), (256, 64, 120, 64, 120));
    let again: Content = from_value(to_value(&content).expect("content is JSON")).expect("the content that was written");
    assert_eq!(again, content);
    assert_eq!(to_value(&content).expect("JSON")["steps"][0]["rule"]["check"][0]["timeout"], 15);
}

#[test]
fn a_misspelt_field_is_named_rather_than_ignored() {
    let misspelt = json!({
        "title": "Docker", "summary": "", "category": "docker", "dificulty": "beginner", "duration": 30, "steps": []
    });
    let error = from_value::<Content>(misspelt).expect_err("a field that does not exist");
    assert!(error.to_string().contains("dificulty"), "{error}");
}
