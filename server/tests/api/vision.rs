//! The vlm tier with a model configured: a server of models that answers, misbehaves, or is somebody else's.

#[path = "../../vision/tests/vision/hostile.rs"]
pub(super) mod hostile;

use std::time::Duration;

use hostile::{Behaviour, Hostile};
use ocr_chat_server::db::audit::AuditFilter;
use ocr_chat_server::metering::Plan;
use ocr_chat_server::{Config, VisionSettings};
use ocr_chat_vision::{Limits, Place};
use serde_json::Value;

use super::support::{Server, TempDir, eventually, upload, uuid, with_token};

/// What the model answers for the fake reader's page `n`, from 1, with a word of its own.
fn right(n: usize) -> Behaviour {
    Behaviour::Words(format!("# text of page {n} indeed\n"), "stop")
}

pub(crate) fn settings(model: &Hostile, place: Place) -> VisionSettings {
    let url = model.base_url.clone();
    let get = |name: &str| match name {
        "OCR_CHAT_VISION_URL" => Some(url.clone()),
        "OCR_CHAT_VISION_MODEL" => Some("tiny-vl".to_owned()),
        "OCR_CHAT_VISION_NAME" => Some("Example Models".to_owned()),
        _ => None,
    };
    let mut settings = VisionSettings::from_variables(&get).unwrap().unwrap();
    settings.model.place = place;
    settings.model.limits = Limits {
        connect: Duration::from_millis(300),
        first_byte: Duration::from_millis(300),
        between_chunks: Duration::from_millis(300),
        whole: Duration::from_secs(3),
        max_answer_bytes: 50_000,
        max_retry_after: Duration::from_millis(100),
        ..Limits::default()
    };
    settings
}

async fn start(folder: &TempDir, model: &Hostile, place: Place) -> Server {
    let vision = settings(model, place);
    Server::start_with(folder, |config: &mut Config| config.vision = Some(vision)).await
}

pub(crate) fn codes(page: &Value) -> Vec<&str> {
    let warnings = page["warnings"].as_array().unwrap();
    warnings
        .iter()
        .map(|warning| warning["code"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_local_model_reads_and_is_named_and_paid() {
    let model = Hostile::start(|_, _| right(1)).await;
    let folder = TempDir::new();
    let server = start(&folder, &model, Place::Local).await;
    let (_, token) = server.account(Plan::Paid, 100).await;
    let sent = with_token(upload(b"FAKE ok", &[("tier", "vlm")]), &token);
    let job = server.send(sent).await.json();
    assert_eq!(job["status"], "done", "{job}");
    assert_eq!(
        (&job["engine"]["name"], &job["processed_by"]),
        (&"tiny-vl".into(), &"server".into())
    );
    let page = &job["pages"][0];
    assert_eq!(
        (&page["read_by"], &page["text"]),
        (&"model".into(), &"text of page 1 indeed".into())
    );
    assert_eq!(
        (&page["blocks"][0]["kind"], &page["blocks"][0]["bbox"]),
        (&"heading".into(), &serde_json::json!([10, 20, 110, 40]))
    );
    assert_eq!(job["usage"]["credits"], 3);
    // The cpu tier has nothing to do with it.
    let sent = with_token(upload(b"FAKE ok", &[("tier", "cpu")]), &token);
    let job = server.send(sent).await.json();
    assert_eq!(
        (&job["engine"]["name"], &job["usage"]["credits"]),
        (&"fake-cpu".into(), &1.into())
    );
    assert_eq!(model.requests().len(), 1);
    assert_eq!(server.wrong_in_the_books().await, [""; 0]);
}

#[tokio::test]
async fn nothing_leaves_for_a_provider_elsewhere_before_somebody_agreed() {
    let model = Hostile::start(|_, _| right(1)).await;
    let folder = TempDir::new();
    let server = start(&folder, &model, Place::External).await;
    // Without an account: the call says so.
    let job = server.post("FAKE ok", &[("tier", "vlm")]).await.json();
    assert_eq!(
        (&job["processed_by"], &job["engine"]["name"]),
        (&"server".into(), &"fake-vlm".into())
    );
    assert_eq!(job["warnings"][0]["code"], "model_not_allowed");
    assert_eq!(job["pages"][0]["read_by"], "local-premium");
    assert_eq!(model.requests().len(), 0);
    let job = server
        .post("FAKE ok", &[("tier", "vlm"), ("allow_external", "true")])
        .await
        .json();
    assert_eq!(
        (&job["processed_by"], &job["engine"]["name"]),
        (&"Example Models".into(), &"tiny-vl".into())
    );
    // With one: its setting, which a call may except and not widen.
    let (_, token) = server.account(Plan::Paid, 100).await;
    let sent = async |parameters: &[(&str, &str)]| {
        server
            .send(with_token(upload(b"FAKE ok", parameters), &token))
            .await
            .json()
    };
    assert_eq!(
        sent(&[("tier", "vlm"), ("allow_external", "true")]).await["processed_by"],
        "server"
    );
    let request = axum::http::Request::put("/api/v1/account/settings/")
        .header("content-type", "application/json")
        .body(axum::body::Body::from(r#"{"allow_external": true}"#))
        .unwrap();
    let me = server.send(with_token(request, &token)).await;
    assert_eq!(
        (me.status.as_u16(), &me.json()["allow_external"]),
        (200, &true.into())
    );
    assert_eq!(
        sent(&[("tier", "vlm")]).await["processed_by"],
        "Example Models"
    );
    assert_eq!(
        sent(&[("tier", "vlm"), ("allow_external", "false")]).await["processed_by"],
        "server"
    );
    let rows = server
        .app
        .db()
        .audit_rows(&AuditFilter {
            limit: 10,
            ..AuditFilter::default()
        })
        .await
        .unwrap();
    assert!(
        rows.iter().any(|row| row.action == "external_models.set"),
        "{rows:?}"
    );
    assert_eq!(
        server
            .post("FAKE ok", &[("allow_external", "maybe")])
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn a_hostile_server_loses_no_page_and_charges_once() {
    let no_vision = r#"{"error":{"code":500,"message":"image input is not supported"}}"#;
    for behaviour in [
        Behaviour::Hang,
        Behaviour::HangInStream,
        Behaviour::Reset,
        Behaviour::HalfAnswer,
        Behaviour::HalfStream("text of"),
        Behaviour::Garbage,
        Behaviour::Status(429, "retry-after: 1\r\n", "{}"),
        Behaviour::Status(500, "", "no"),
        Behaviour::Status(500, "", no_vision),
        Behaviour::Body("[1, 2]".into()),
        Behaviour::answer("whole where a stream was asked for", "stop"),
        Behaviour::EndlessStream,
        Behaviour::HugeBody,
        Behaviour::Words("again and ".repeat(500), "stop"),
    ] {
        let name = format!("{behaviour:?}");
        let model = Hostile::start(move |_, _| behaviour.clone()).await;
        let folder = TempDir::new();
        let server = start(&folder, &model, Place::Local).await;
        let (_, token) = server.account(Plan::Paid, 100).await;
        let answer = server
            .send(with_token(
                upload(b"FAKE ok ok", &[("tier", "vlm")]),
                &token,
            ))
            .await;
        let job = answer.json();
        assert_eq!(job["status"], "done", "{name}: {job}");
        for page in job["pages"].as_array().unwrap() {
            assert_eq!(
                (&page["read_by"], codes(page)),
                (&"local-premium".into(), vec!["model_failed"]),
                "{name}"
            );
            assert!(
                page["text"].as_str().unwrap().starts_with("text of page"),
                "{name}"
            );
        }
        assert_eq!(job["usage"]["credits"], 4, "{name}");
        assert_eq!(job["engine"]["name"], "fake-vlm", "{name}");
        assert_eq!(server.wrong_in_the_books().await, [""; 0], "{name}");
    }
}

#[tokio::test]
async fn a_page_that_waits_for_a_model_keeps_no_other_job_waiting() {
    let model = Hostile::start(|_, _| Behaviour::Hang).await;
    let folder = TempDir::new();
    let mut vision = settings(&model, Place::Local);
    vision.model.limits.first_byte = Duration::from_secs(60);
    vision.model.limits.whole = Duration::from_secs(60);
    let server = Server::start_with(&folder, |config| {
        config.vision = Some(vision);
        config.inline_wait = Duration::from_millis(200);
    })
    .await;
    let slow = server.post("FAKE ok ok ok", &[("tier", "vlm")]).await;
    assert_eq!(slow.json()["status"], "processing");
    let quick = server.post("FAKE ok", &[]).await.json();
    let quick = server.ended(quick["uuid"].as_str().unwrap()).await;
    assert_eq!(quick["status"], "done");
    // Deleted while it waits: what was held comes back.
    let path = format!("/api/v1/ocr/{}/", uuid(&slow.json()));
    let request = axum::http::Request::delete(&path)
        .body(axum::body::Body::empty())
        .unwrap();
    assert_eq!(server.send(request).await.status, 204);
    eventually(async || server.wrong_in_the_books().await.is_empty().then_some(())).await;
}

#[tokio::test]
async fn a_stop_puts_pages_back_that_wait_for_a_model() {
    let model = Hostile::start(|n, _| if n == 0 { Behaviour::Hang } else { right(1) }).await;
    let folder = TempDir::new();
    let mut vision = settings(&model, Place::Local);
    vision.model.limits.first_byte = Duration::from_secs(60);
    vision.model.limits.whole = Duration::from_secs(60);
    let change = |config: &mut Config| {
        config.vision = Some(vision.clone());
        config.inline_wait = Duration::from_millis(200);
    };
    let server = Server::start_with(&folder, change).await;
    let uuid = uuid(&server.post("FAKE ok", &[("tier", "vlm")]).await.json());
    eventually(async || (model.requests().len() == 1).then_some(())).await;
    server.app.stop().await;
    let server = Server::start_with(&folder, change).await;
    let job = server.ended(&uuid).await;
    assert_eq!(job["pages"][0]["read_by"], "model");
}
