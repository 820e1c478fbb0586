//! Chat: answers, conversations, who may ask, what it costs, what goes with a document.

use axum::body::Body;
use axum::http::{Method, Request, header};
use ocr_chat_server::metering::{Plan, Prices};
use serde_json::{Value, json};

use super::support::{Answer, Server, TempDir, uuid, with_token};

async fn send(server: &Server, token: &str, method: &str, path: &str, body: &Value) -> Answer {
    let request = Request::builder()
        .method(method.parse::<Method>().unwrap())
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(if body.is_null() {
            String::new()
        } else {
            body.to_string()
        }))
        .unwrap();
    server.send(with_token(request, token)).await
}

async fn ask(server: &Server, token: &str, uuid: &str, message: &str) -> Answer {
    send(
        server,
        token,
        "POST",
        &format!("/api/v1/chat/{uuid}/"),
        &json!({ "message": message }),
    )
    .await
}

#[tokio::test]
async fn an_answer_quotes_its_page_and_stays_in_the_history() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let (_, token) = server.account(Plan::Free, 0).await;
    let id = uuid(&server.post_as(&token, "FAKE ok receipt").await.json());
    let history = format!("/api/v1/chat/{id}/history/");
    let empty = send(&server, &token, "GET", &history, &Value::Null)
        .await
        .json();
    assert_eq!(
        empty,
        json!({"conversation": null, "title": null, "messages": []})
    );
    let answer = ask(&server, &token, &id, "What is the text of the corner shop?").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    let message = &answer["message"];
    assert_eq!(message["role"], "assistant");
    assert_eq!(message["engine"], "extractive");
    assert_eq!(message["found"], true);
    let citation = &message["citations"][0];
    assert_eq!(
        (&citation["page"], &citation["snippet"], &citation["uuid"]),
        (&2.into(), &"CORNER SHOP LTD".into(), &id.as_str().into())
    );
    assert_eq!(citation["boxes"], json!([[10, 20, 110, 40]]));
    assert!(message["content"].as_str().unwrap().contains("(p. 2)"));
    let refused = ask(&server, &token, &id, "Who is the president of Peru?")
        .await
        .json();
    assert_eq!(
        refused["conversation"], answer["conversation"],
        "it goes on with the latest"
    );
    assert_eq!(
        (
            &refused["message"]["found"],
            &refused["message"]["citations"]
        ),
        (&false.into(), &json!([]))
    );
    let told = send(&server, &token, "GET", &history, &Value::Null)
        .await
        .json();
    assert_eq!(told["title"], "What is the text of the corner shop?");
    let said: Vec<&Value> = told["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| &message["role"])
        .collect();
    assert_eq!(said, ["user", "assistant", "user", "assistant"]);
    assert_eq!(told["messages"][1]["citations"], message["citations"]);
    assert_eq!(told["messages"][1]["content"], message["content"]);
}

#[tokio::test]
async fn conversations_are_listed_renamed_exported_and_deleted_by_their_owner_alone() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let (_, token) = server.account(Plan::Free, 0).await;
    let (_, other) = server.account(Plan::Free, 0).await;
    let id = uuid(&server.post_as(&token, "FAKE receipt").await.json());
    let first = ask(&server, &token, &id, "corner shop?").await.json();
    let path = format!("/api/v1/chat/{id}/");
    let begun = json!({"message": "total?", "conversation": "new"});
    let second = send(&server, &token, "POST", &path, &begun).await.json();
    assert_ne!(first["conversation"], second["conversation"]);
    let list = send(
        &server,
        &token,
        "GET",
        &format!("/api/v1/chat/{id}/conversations/"),
        &Value::Null,
    )
    .await
    .json();
    assert_eq!(list["conversations"].as_array().unwrap().len(), 2);
    let name = first["conversation"].as_str().unwrap();
    let one = format!("/api/v1/chat/conversations/{name}/");
    for (method, body) in [
        ("GET", Value::Null),
        ("PUT", json!({"title": "Mine"})),
        ("DELETE", Value::Null),
    ] {
        send(&server, &other, method, &one, &body)
            .await
            .expect_error(404, "conversation_not_found");
    }
    let go_on = json!({"message": "total?", "conversation": name});
    let gone_on = send(&server, &token, "POST", &path, &go_on).await.json();
    assert_eq!(gone_on["conversation"], name);
    let renamed = send(
        &server,
        &token,
        "PUT",
        &one,
        &json!({"title": " The shop "}),
    )
    .await;
    assert_eq!(renamed.status, 204, "{}", renamed.text());
    let whole = send(&server, &token, "GET", &one, &Value::Null)
        .await
        .json();
    assert_eq!(
        (&whole["title"], whole["messages"].as_array().unwrap().len()),
        (&"The shop".into(), 4)
    );
    send(&server, &token, "PUT", &one, &json!({"title": " "}))
        .await
        .expect_error(400, "invalid_parameter");
    let export = send(
        &server,
        &token,
        "GET",
        &format!("{one}export/"),
        &Value::Null,
    )
    .await;
    assert!(export.header("content-type").starts_with("text/markdown"));
    let text = export.text();
    assert!(
        text.starts_with("# The shop\n")
            && text.contains("## corner shop?")
            && text.contains("> CORNER SHOP LTD (document"),
        "{text}"
    );
    assert_eq!(
        send(&server, &token, "DELETE", &one, &Value::Null)
            .await
            .status,
        204
    );
    send(&server, &token, "GET", &one, &Value::Null)
        .await
        .expect_error(404, "conversation_not_found");
    let all = send(&server, &token, "GET", "/api/v1/chat/", &Value::Null)
        .await
        .json();
    assert_eq!(all["conversations"].as_array().unwrap().len(), 1);
    let nobodys = send(&server, &other, "GET", "/api/v1/chat/", &Value::Null)
        .await
        .json();
    assert_eq!(nobodys, json!({"conversations": []}));
}

#[tokio::test]
async fn several_documents_are_asked_at_once_and_named() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let (_, token) = server.account(Plan::Free, 0).await;
    let plain = uuid(&server.post_as(&token, "FAKE ok").await.json());
    let receipt = uuid(&server.post_as(&token, "FAKE receipt").await.json());
    let wide = json!({"uuids": [plain, receipt], "message": "Which corner shop was it?"});
    let answer = send(&server, &token, "POST", "/api/v1/chat/", &wide)
        .await
        .json();
    assert_eq!(answer["message"]["citations"][0]["uuid"], receipt.as_str());
    let alone = send(
        &server,
        &token,
        "GET",
        &format!("/api/v1/chat/{receipt}/history/"),
        &Value::Null,
    )
    .await
    .json();
    assert!(
        alone["conversation"].is_null(),
        "it is not about this document alone"
    );
    let other_documents = json!({"message": "total?", "conversation": answer["conversation"]});
    send(
        &server,
        &token,
        "POST",
        &format!("/api/v1/chat/{plain}/"),
        &other_documents,
    )
    .await
    .expect_error(400, "invalid_parameter");
    // With one of its documents the conversation goes: it quotes it.
    let deleted = send(
        &server,
        &token,
        "DELETE",
        &format!("/api/v1/ocr/{receipt}/"),
        &Value::Null,
    )
    .await;
    assert_eq!(deleted.status, 204);
    let all = send(&server, &token, "GET", "/api/v1/chat/", &Value::Null)
        .await
        .json();
    assert_eq!(all, json!({"conversations": []}));
    send(&server, &token, "POST", "/api/v1/chat/", &wide)
        .await
        .expect_error(410, "deleted");
    send(
        &server,
        &token,
        "POST",
        "/api/v1/chat/",
        &json!({"uuids": [], "message": "x"}),
    )
    .await
    .expect_error(400, "invalid_parameter");
}

#[tokio::test]
async fn questions_are_refused_for_their_reasons() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let (_, token) = server.account(Plan::Free, 0).await;
    let id = uuid(&server.post_as(&token, "FAKE ok").await.json());
    let path = format!("/api/v1/chat/{id}/");
    let nobody = Request::post(&path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from("{\"message\": \"hi\"}"))
        .unwrap();
    server.send(nobody).await.expect_error(401, "token_needed");
    for body in [
        json!({}),
        json!({"message": "  "}),
        json!({"message": "x".repeat(4_001)}),
        json!({"message": "nul \u{0}"}),
        json!({"message": 5}),
        json!([]),
    ] {
        let answer = send(&server, &token, "POST", &path, &body).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text());
    }
    send(
        &server,
        &token,
        "POST",
        &path,
        &json!({"message": "x", "conversation": "none"}),
    )
    .await
    .expect_error(404, "conversation_not_found");
    ask(&server, &token, "0123456789abcdef0123456789abcdef", "x")
        .await
        .expect_error(404, "job_not_found");
    let failed = uuid(&server.post_as(&token, "FAKE fail").await.json());
    ask(&server, &token, &failed, "x")
        .await
        .expect_error(422, "job_failed");
    let waiting = uuid(
        &server
            .post_as(&token, "FAKE ok ok ok ok ok wait")
            .await
            .json(),
    );
    ask(&server, &token, &waiting, "x")
        .await
        .expect_error(409, "not_done");
    server.reader.go_on();
    // An anonymous job's uuid is its key; chat with it still belongs to an account.
    let anonymous = uuid(&server.post("FAKE ok", &[]).await.json());
    assert_eq!(
        ask(&server, &token, &anonymous, "text of which page?")
            .await
            .status,
        200
    );
    let by_address = Request::post(format!("{path}?api_token={token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from("{\"message\": \"text?\"}"))
        .unwrap();
    assert_eq!(
        server.send(by_address).await.status,
        200,
        "as the specification has it"
    );
}

#[tokio::test]
async fn answers_cost_what_the_price_list_says_and_refusals_nothing() {
    let folder = TempDir::new();
    let prices = include_str!("../../../prices.toml").replace("chat = 0", "chat = 2");
    let prices = Prices::parse(&prices)
        .unwrap()
        .with_allowance(Plan::Free, 4);
    let server = Server::start_with(&folder, |config| config.prices = prices).await;
    let (_, token) = server.account(Plan::Free, 0).await;
    let id = uuid(&server.post_as(&token, "FAKE receipt").await.json());
    assert_eq!(
        ask(&server, &token, &id, "Who is the president of Peru?")
            .await
            .json()["message"]["found"],
        false
    );
    let left = async || {
        let account = send(&server, &token, "GET", "/api/v1/account/", &Value::Null)
            .await
            .json();
        account["allowance"]["used"].as_i64().unwrap()
    };
    assert_eq!(left().await, 1);
    assert_eq!(ask(&server, &token, &id, "corner shop").await.status, 200);
    assert_eq!(left().await, 3);
    let short = ask(&server, &token, &id, "corner shop").await;
    assert_eq!(short.status, 402, "{}", short.text());
    let told = send(
        &server,
        &token,
        "GET",
        &format!("/api/v1/chat/{id}/history/"),
        &Value::Null,
    )
    .await
    .json();
    assert_eq!(
        told["messages"].as_array().unwrap().len(),
        4,
        "what was not paid is not kept"
    );
    assert!(server.app.db().check_books().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_answer_comes_as_events_where_that_is_asked_for() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let (_, token) = server.account(Plan::Free, 0).await;
    let id = uuid(&server.post_as(&token, "FAKE receipt").await.json());
    let body = json!({"message": "corner shop", "stream": true});
    let answer = send(
        &server,
        &token,
        "POST",
        &format!("/api/v1/chat/{id}/"),
        &body,
    )
    .await;
    assert_eq!(answer.header("content-type"), "text/event-stream");
    let text = answer.text();
    let (delta, message) = (
        text.find("event: delta").unwrap(),
        text.find("event: message").unwrap(),
    );
    assert!(delta < message, "{text}");
    let data = text[message..]
        .lines()
        .find_map(|line| line.strip_prefix("data: "))
        .unwrap();
    let whole: Value = serde_json::from_str(data).unwrap();
    assert_eq!(
        whole["message"]["citations"][0]["snippet"],
        "CORNER SHOP LTD"
    );
}
