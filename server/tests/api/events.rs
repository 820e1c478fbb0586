//! Progress as server-sent events.

use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::http::Request;
use futures_util::StreamExt;
use ocr_chat_server::metering::Plan;
use serde_json::Value;
use tower::ServiceExt;

use super::support::{Server, TempDir, eventually, pages, upload, uuid, with_token};

/// A stream of events as a client reads it.
struct Events {
    body: BodyDataStream,
    text: String,
}

impl Events {
    async fn open(router: &Router, path: &str, last_id: Option<&str>) -> Self {
        let mut request = Request::get(path);
        if let Some(id) = last_id {
            request = request.header("last-event-id", id);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Self {
            body: response.into_body().into_data_stream(),
            text: String::new(),
        }
    }

    /// The name, the id and the data of the next event; `None` when the stream has ended.
    async fn next(&mut self) -> Option<(String, String, Value)> {
        let limit = std::time::Duration::from_secs(20);
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let lines = event.lines();
                    let mut values = lines.filter_map(|line| line.strip_prefix(name));
                    values.next().unwrap_or_default().trim().to_owned()
                };
                let (name, id, data) = (field("event:"), field("id:"), field("data:"));
                self.text = rest.to_owned();
                if !data.is_empty() {
                    return Some((name, id, serde_json::from_str(&data).unwrap()));
                }
            } else {
                let chunk = tokio::time::timeout(limit, self.body.next());
                let chunk = chunk.await.unwrap()?;
                self.text += std::str::from_utf8(&chunk.unwrap()).unwrap();
            }
        }
    }

    /// All further events.
    async fn rest(&mut self) -> Vec<(String, String, Value)> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await {
            events.push(event);
        }
        events
    }
}

fn path_of(id: &str) -> String {
    format!("/api/v1/ocr/{id}/events/")
}

#[tokio::test]
async fn the_state_comes_at_once_then_pages_then_the_end() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let id = uuid(&server.post("FAKE ok wait fail ok ok ok", &[]).await.json());
    server.reader.wait_for_start_of(2).await;
    let mut events = Events::open(&server.router, &path_of(&id), None).await;
    let (name, _, state) = events.next().await.unwrap();
    assert_eq!(name, "state");
    assert_eq!(state["uuid"], *id);
    assert_eq!(state["status"], "processing");
    assert_eq!(
        (&state["page_count"], &state["pages_done"]),
        (&6.into(), &1.into())
    );
    let statuses = |state: &Value| -> Vec<String> {
        let pages = state["pages"].as_array().unwrap().iter();
        pages
            .map(|page| page["status"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        statuses(&state),
        [
            "done",
            "processing",
            "pending",
            "pending",
            "pending",
            "pending"
        ]
    );
    server.reader.go_on();
    let rest = events.rest().await;
    let (name, last_id, end) = rest.last().unwrap();
    assert_eq!((name.as_str(), last_id.as_str()), ("end", "end"));
    assert_eq!(end["status"], "done");
    assert_eq!(
        (&end["pages_done"], &end["pages_failed"]),
        (&5.into(), &1.into())
    );
    assert_eq!(
        statuses(end),
        ["done", "done", "failed", "done", "done", "done"]
    );
    // Whatever was told in between, the last word on each page is its end.
    for index in 1..6 {
        let of_page =
            |(name, _, data): &&(String, String, Value)| name == "page" && data["index"] == index;
        let last = rest.iter().rfind(of_page).unwrap();
        let wanted = if index == 2 { "failed" } else { "done" };
        assert_eq!(last.2["status"], wanted, "page {index}");
        assert_eq!(last.2["page_count"], 6);
    }
    assert_eq!(rest.iter().filter(|event| event.0 != "page").count(), 1);
    // Who comes again gets everything again; a browser that saw the end is stopped.
    let mut again = Events::open(&server.router, &path_of(&id), Some("7")).await;
    let names: Vec<String> = again
        .rest()
        .await
        .into_iter()
        .map(|event| event.0)
        .collect();
    assert_eq!(names, ["state", "end"]);
    let request = Request::get(path_of(&id)).header("last-event-id", "end");
    let stopped = server.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!((stopped.status.as_u16(), stopped.body.len()), (204, 0));
}

#[tokio::test]
async fn a_job_that_is_deleted_ends_its_stream_and_so_does_a_stop() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let first = uuid(&server.post(&pages(6, "wait"), &[]).await.json());
    let second = uuid(&server.post(&pages(6, "wait"), &[]).await.json());
    let mut of_first = Events::open(&server.router, &path_of(&first), None).await;
    let mut of_second = Events::open(&server.router, &path_of(&second), None).await;
    assert_eq!(of_first.next().await.unwrap().0, "state");
    assert_eq!(of_second.next().await.unwrap().0, "state");
    let delete = Request::delete(format!("/api/v1/ocr/{first}/")).body(Body::empty());
    assert_eq!(server.send(delete.unwrap()).await.status, 204);
    let rest = of_first.rest().await;
    let (name, _, end) = rest.last().unwrap();
    assert_eq!((name.as_str(), &end["status"]), ("end", &"deleted".into()));
    assert_eq!(end["pages"], Value::Array(Vec::new()));
    server.app.jobs().begin_stop();
    assert!(of_second.rest().await.iter().all(|event| event.0 == "page"));
    server.app.stop().await;
}

#[tokio::test]
async fn an_account_s_stream_is_its_own_by_header_or_query() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let (_, token) = server.account(Plan::Operator, 0).await;
    let id = uuid(&server.post_as(&token, "FAKE ok").await.json());
    server
        .get(&path_of(&id))
        .await
        .expect_error(404, "job_not_found");
    let by_query = format!("{}?api_token={token}", path_of(&id));
    assert!(server.get(&by_query).await.text().contains("event: end"));
    let request = Request::get(path_of(&id)).body(Body::empty()).unwrap();
    let by_header = server.send(with_token(request, &token)).await;
    assert!(by_header.text().contains("event: end"));
    let document = server.get("/api/openapi.json").await.json();
    let responses = &document["paths"]["/api/v1/ocr/{uuid}/events/"]["get"]["responses"];
    assert!(responses["200"]["content"]["text/event-stream"].is_object());
    assert!(responses["204"].is_object());
}

#[tokio::test]
async fn open_streams_are_bounded_and_a_closed_one_makes_room() {
    let folder = TempDir::new();
    let server = Server::start_with(&folder, |config| config.max_event_streams = 2).await;
    let id = uuid(
        &server
            .send(upload(pages(6, "wait").as_bytes(), &[]))
            .await
            .json(),
    );
    let open = async || Events::open(&server.router, &path_of(&id), None).await;
    let (first, _second) = (open().await, open().await);
    let refused = server.get(&path_of(&id)).await;
    refused.expect_error(503, "busy");
    assert_eq!(refused.header("retry-after"), "30");
    drop(first);
    eventually(async || {
        let request = Request::get(path_of(&id)).body(Body::empty()).unwrap();
        let response = server.router.clone().oneshot(request).await.unwrap();
        (response.status() == 200).then_some(())
    })
    .await;
    server.reader.go_on();
}
