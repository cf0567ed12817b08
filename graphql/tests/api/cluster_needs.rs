//! What authors say that a workshop needs of a cluster.

use domain::{
    identity::Role,
    kernel::{Digest, WorkshopId},
    workshops::cluster_needs::KubernetesNeeds,
};
use projections::workshops::workshops;
use serde_json::{Value, json};

use crate::platform::{Person, Platform, content};

const DRAFT: &str = "mutation($input: WorkshopDraftInput!) { workshopDraft(input: $input) { errors { code field }
    workshop { id draft { environment { memoryMebibytes processes cpuSeconds diskMebibytes lifetimeMinutes programs
        files { path contents executable } kubernetes {
            isolation budget { size cpuMillicores memoryMebibytes storageMebibytes pods } security image variables { name value }
            ports { name port } egress objects overtimeMinutes idleMinutes runtimeClass nodeSelector { key value }
            tolerations { key value effect } } } } } } }";

fn needing(kubernetes: Value) -> Value {
    let mut content = content();
    content["environment"]["kubernetes"] = kubernetes;
    json!({ "input": { "slug": "pods", "content": content } })
}

async fn draft(platform: &Platform, author: &Person, kubernetes: Value) -> Value {
    platform.data(Some(author), DRAFT, needing(kubernetes)).await["workshopDraft"].clone()
}

/// What the journal keeps of it.
async fn kept(platform: &Platform, workshop: &Value) -> KubernetesNeeds {
    let id: WorkshopId = workshop["id"].as_str().expect("an id").parse().expect("an id");
    let row = workshops::find(platform.services.projections.db(), id).await.expect("readable").expect("a row");
    let digest = Digest::try_from(row.draft_content).expect("a digest");
    let content = platform.services.commands.workshops.content(&digest).await.expect("content");
    content.environment.clone().expect("an environment").kubernetes.expect("a cluster")
}

#[tokio::test]
async fn everything_that_is_needed_of_a_cluster_is_said_and_read() {
    let platform = Platform::start().await;
    let author = platform.person("author", &[Role::Author]).await;
    let map = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "notes" }, "data": { "of": "$(session_id)" } });
    let mut said = json!({
        "isolation": "VCLUSTER",
        "budget": { "custom": { "cpuMillicores": 1500, "memoryMebibytes": 3072, "storageMebibytes": 512, "pods": 9 } },
        "security": "BASELINE", "image": "registry.example.org/bench:7", "variables": [{ "name": "COLOUR", "value": "blue" }],
        "ports": [{ "name": "web", "port": 8080 }], "egress": ["10.1.0.0/16"], "objects": [map],
        "overtimeMinutes": 30, "idleMinutes": 15, "runtimeClass": "gvisor", "nodeSelector": [{ "key": "disk", "value": "ssd" }],
        "tolerations": [{ "key": "gpu", "value": null, "effect": "NoSchedule" }],
    });
    let drafted = draft(&platform, &author, said.clone()).await;
    assert_eq!(drafted["errors"], json!([]));
    said["budget"] = json!({ "size": null, "cpuMillicores": 1500, "memoryMebibytes": 3072, "storageMebibytes": 512, "pods": 9 });
    let environment = &drafted["workshop"]["draft"]["environment"];
    assert_eq!(environment["kubernetes"], said);
    assert_eq!((&environment["memoryMebibytes"], &environment["programs"]), (&json!(256), &json!(["bash"])));
    let stored = json!({
        "isolation": "vcluster", "budget": { "custom": { "millicpu": 1500, "memory": 3072, "storage": 512, "pods": 9 } },
        "security": "baseline", "image": "registry.example.org/bench:7", "variables": { "COLOUR": "blue" },
        "ports": [{ "name": "web", "port": 8080 }], "egress": ["10.1.0.0/16"], "objects": [map],
        "overtime": 30, "idle": 15, "runtime_class": "gvisor", "node_selector": { "disk": "ssd" },
        "tolerations": [{ "key": "gpu", "effect": "NoSchedule" }],
    });
    assert_eq!(serde_json::to_value(kept(&platform, &drafted["workshop"]).await).expect("JSON"), stored);
}

#[tokio::test]
async fn what_is_left_out_is_usual_and_a_budget_may_be_a_word() {
    let platform = Platform::start().await;
    let author = platform.person("author", &[Role::Author]).await;
    let drafted = draft(&platform, &author, json!({})).await;
    let usual = json!({
        "isolation": "NAMESPACE", "security": "RESTRICTED", "image": null, "variables": [], "ports": [], "egress": [], "objects": [],
        "budget": { "size": "SMALL", "cpuMillicores": 1000, "memoryMebibytes": 1024, "storageMebibytes": 1024, "pods": 6 },
        "overtimeMinutes": null, "idleMinutes": null, "runtimeClass": null, "nodeSelector": [], "tolerations": [],
    });
    assert_eq!(drafted["workshop"]["draft"]["environment"]["kubernetes"], usual);
    assert_eq!(kept(&platform, &drafted["workshop"]).await, KubernetesNeeds::default());
    let revise = DRAFT.replace("WorkshopDraft", "WorkshopRevise").replace("workshopDraft", "workshopRevise");
    for (size, cpu, memory) in
        [("MEDIUM", 2, 2), ("LARGE", 4, 4), ("X_LARGE", 8, 8), ("XX_LARGE", 8, 12), ("XXX_LARGE", 8, 16), ("SMALL", 1, 1)]
    {
        let content = needing(json!({ "budget": { "size": size } }))["input"]["content"].clone();
        let input = json!({ "input": { "workshopId": drafted["workshop"]["id"], "content": content } });
        let data = platform.data(Some(&author), &revise, input).await;
        let budget = &data["workshopRevise"]["workshop"]["draft"]["environment"]["kubernetes"]["budget"];
        assert_eq!((&budget["size"], &budget["cpuMillicores"]), (&json!(size), &json!(cpu * 1000)), "{data}");
        assert_eq!(budget["memoryMebibytes"], memory * 1024);
    }
}

#[tokio::test]
async fn what_is_wrong_with_it_is_named() {
    let platform = Platform::start().await;
    let author = platform.person("author", &[Role::Author]).await;
    let wrong = json!({ "ports": [{ "name": "web", "port": 80 }], "egress": ["everything"], "objects": [{ "kind": "Node" }] });
    let drafted = draft(&platform, &author, wrong).await;
    let errors = drafted["errors"].as_array().expect("errors");
    let fields: Vec<&str> = errors.iter().filter_map(|error| error["field"].as_str()).collect();
    let at = |field: &str| format!("content.environment.kubernetes.{field}");
    assert_eq!(fields, ["ports[0].port", "egress[0]", "objects[0].kind", "objects[0].metadata.name"].map(at));
    for (field, twice) in [
        ("variables", json!({ "variables": [{ "name": "A", "value": "1" }, { "name": "A", "value": "2" }] })),
        ("nodeSelector", json!({ "nodeSelector": [{ "key": "a" }, { "key": "a" }] })),
    ] {
        let answer = platform.answer(Some(&author), DRAFT, needing(twice)).await;
        let extensions = &answer["errors"][0]["extensions"];
        assert_eq!((&extensions["code"], &extensions["argument"]), (&json!("BAD_USER_INPUT"), &json!(at(field))), "{answer}");
    }
}
