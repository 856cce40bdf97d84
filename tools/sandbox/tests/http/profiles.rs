use crate::support::{Tenant, json, problem};
use reqwest::Method;
use serde_json::json;

const PROFILES: &str = "/new/v2.0/profiles";

#[tokio::test]
async fn a_profile_is_created_listed_changed_and_deleted() {
    let tenant = Tenant::start();
    let body = json!({"contactIds": ["c1"], "profile": {"name": "Ada", "age": 36}});
    let response = tenant.post(PROFILES, body).await;
    assert_eq!(response.status(), 201);
    let created = json(response).await;
    let id = created["_id"].as_str().unwrap();
    assert_eq!(id.len(), 24);
    assert!(id.chars().all(|char| char.is_ascii_lowercase() || char.is_ascii_digit()));
    assert_eq!(
        created,
        json!({
            "_id": id, "contactIds": ["c1"], "profile": {"name": "Ada", "age": 36}, "active": true,
        })
    );
    let path = format!("{PROFILES}/{id}");
    assert_eq!(json(tenant.get(&path).await).await, created);
    assert_eq!(json(tenant.get(PROFILES).await).await, json!({"items": [created], "total": 1}));

    let change = json!({"profile": {"age": 37, "city": "London"}, "active": false});
    let changed = tenant.request(Method::PATCH, &path).json(&change).send().await.unwrap();
    assert_eq!(
        json(changed).await,
        json!({
            "_id": id,
            "contactIds": ["c1"],
            "profile": {"name": "Ada", "age": 37, "city": "London"},
            "active": false,
        })
    );
    let contacts = json!({"contactIds": ["c2", "c3"]});
    let changed = tenant.request(Method::PATCH, &path).json(&contacts).send().await.unwrap();
    assert_eq!(json(changed).await["contactIds"], json!(["c2", "c3"]));

    assert_eq!(tenant.delete(&path).await.status(), 204);
    problem(tenant.get(&path).await, 404, 1002).await;
    problem(tenant.delete(&path).await, 404, 1002).await;
    let missing = tenant.request(Method::PATCH, &path).json(&json!({})).send().await.unwrap();
    problem(missing, 404, 1002).await;
}

#[tokio::test]
async fn a_contact_id_can_belong_to_only_one_profile() {
    let tenant = Tenant::start();
    assert_eq!(tenant.post(PROFILES, json!({"contactIds": ["c"]})).await.status(), 201);
    problem(tenant.post(PROFILES, json!({"contactIds": ["d", "c"]})).await, 409, 1004).await;
    assert_eq!(tenant.post(PROFILES, json!({})).await.status(), 201);
}

#[tokio::test]
async fn an_invalid_profile_or_id_is_rejected() {
    let tenant = Tenant::start();
    for body in [
        json!({"contactIds": "c"}),
        json!({"contactIds": [1]}),
        json!({"profile": []}),
        json!({"active": "yes"}),
    ] {
        problem(tenant.post(PROFILES, body).await, 400, 1005).await;
    }
    problem(tenant.get(&format!("{PROFILES}/short")).await, 400, 1005).await;
    problem(tenant.get(&format!("{PROFILES}/0123456789abcdefghij0123")).await, 404, 1002).await;
}
