//! The OpenAPI document is the router's, and its schemas are those of real answers.

use axum::body::Body;
use axum::http::Request;
use ocr_chat_server::metering::Plan;
use serde_json::Value;

use super::support::{Server, TempDir, upload, with_token};

/// Checks `value` against the part of JSON Schema that the document uses.
fn check(document: &Value, schema: &Value, value: &Value, place: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        let pointer = reference.strip_prefix('#').unwrap();
        let target = document.pointer(pointer);
        let target = target.unwrap_or_else(|| panic!("{reference} does not exist"));
        return check(document, target, value, place);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        // One of our own is null or an object of its kind.
        let fits = |choice: &&Value| {
            let target = choice["$ref"]
                .as_str()
                .and_then(|reference| document.pointer(&reference[1..]));
            let target = target.unwrap_or(choice);
            let kind = &target["properties"]["kind"]["const"];
            value.is_null() == (target["type"] == "null")
                && (kind.is_null() || *kind == value["kind"])
        };
        let chosen = choices.iter().find(fits);
        let chosen = chosen.unwrap_or_else(|| panic!("{place}: {value} is none of {choices:?}"));
        return check(document, chosen, value, place);
    }
    if schema.get("const").is_some() {
        assert_eq!(schema["const"], *value, "{place}");
        return;
    }
    if let Some(values) = schema["enum"].as_array() {
        assert!(values.contains(value), "{place}: {value}");
        return;
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().map(|kind| kind.as_str().unwrap()).collect(),
        _ => panic!("{place}: the schema has no type"),
    };
    let is = |kind: &&str| match *kind {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{place}: type {other}"),
    };
    assert!(kinds.iter().any(is), "{place}: {value} is no {kinds:?}");
    for item in value.as_array().into_iter().flatten() {
        check(document, &schema["items"], item, &format!("{place}[]"));
    }
    if let (Some(object), Some(properties)) = (value.as_object(), schema["properties"].as_object())
    {
        for key in schema["required"].as_array().into_iter().flatten() {
            let key = key.as_str().unwrap();
            assert!(object.contains_key(key), "{place} lacks {key}");
        }
        for (key, value) in object {
            let place = format!("{place}.{key}");
            let schema = properties.get(key);
            let schema = schema.unwrap_or_else(|| panic!("{place} is not documented"));
            check(document, schema, value, &place);
        }
    }
}

/// The schema of a status of an operation.
fn answer_of<'a>(document: &'a Value, path: &str, method: &str, status: &str) -> &'a Value {
    let response = &document["paths"][path][method]["responses"][status];
    assert!(response.is_object(), "{method} {path} has no {status}");
    &response["content"]["application/json"]["schema"]
}

#[tokio::test]
async fn every_route_is_documented_and_nothing_else() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let document = server.get("/api/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let documented = document["paths"].as_object().unwrap();
    let mut n_operations = 0;
    for path in ocr_chat_server::web::api_paths() {
        let request = Request::patch(&path).body(Body::empty()).unwrap();
        let answer = server.send(request).await;
        let item = documented
            .get(&format!("{path}/"))
            .or_else(|| documented.get(&path));
        let item = item.unwrap_or_else(|| panic!("{path} is not documented"));
        for method in answer.header("allow").split(',').filter(|m| *m != "HEAD") {
            let method = method.to_lowercase();
            assert!(
                item[&method].is_object(),
                "{method} {path} is not documented"
            );
            n_operations += 1;
        }
    }
    let n_documented: usize = documented
        .values()
        .map(|item| item.as_object().unwrap().len())
        .sum();
    assert_eq!(
        n_operations, n_documented,
        "something documented has no route"
    );
}

#[tokio::test]
async fn real_answers_are_as_documented() {
    let folder = TempDir::new();
    let server = Server::start_with(&folder, |config| {
        config.prices = config.prices.clone().with_allowance(Plan::Free, 5);
    })
    .await;
    let document = server.get("/api/openapi.json").await.json();
    let (_, token) = server.account(Plan::Free, 0).await;
    let parameters = [("detail", "words")];
    let job = server
        .send(with_token(upload(b"FAKE ok fail", &parameters), &token))
        .await
        .json();
    let schema = answer_of(&document, "/api/v1/ocr/", "post", "200");
    check(&document, schema, &job, "job");
    assert!(job["pages"][0]["blocks"][0]["lines"][0]["words"][0].is_object());
    let tools = server.get("/api/v1/tools/").await.json();
    let with_fields = tools["tools"].as_array().unwrap().iter();
    for tool in with_fields.filter(|tool| tool["has_fields"] == true) {
        let slug = tool["slug"].as_str().unwrap();
        let job = server.post("FAKE receipt", &[("tool", slug)]).await.json();
        assert!(job["fields"].is_object(), "{slug}: {job}");
        check(&document, schema, &job, slug);
    }
    let refused = server.post_as(&token, "FAKE ok ok ok ok ok").await;
    assert_eq!(refused.status, 402);
    let schema = answer_of(&document, "/api/v1/ocr/", "post", "402");
    check(&document, schema, &refused.json(), "402");
    for path in ["/api/v1/ocr/", "/api/v1/usage/", "/api/v1/account/"] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = server.send(with_token(request, &token)).await.json();
        let schema = answer_of(&document, path, "get", "200");
        check(&document, schema, &answer, path);
        let nobody = server.get(path).await;
        let schema = answer_of(&document, path, "get", nobody.status.as_str());
        check(&document, schema, &nobody.json(), path);
    }
}
