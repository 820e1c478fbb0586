//! Formulas: found by the engine, written by a model where there is one.

use std::path::Path;

use ocr_chat_server::config::Config;
use ocr_chat_vision::Place;
use serde_json::Value;

use super::support::{Server, TempDir, uuid};
use super::vision::hostile::{Behaviour, Hostile};
use super::vision::{codes, settings};

async fn math(server: &Server) -> Value {
    let sent = server
        .post("FAKE formula", &[("tool", "math-to-latex")])
        .await;
    assert_eq!(sent.status, 200, "{}", sent.text());
    sent.json()
}

/// What the list of tools says of `math-to-latex`.
async fn math_tool(server: &Server) -> Value {
    let list = server.get("/api/v1/tools/").await.json();
    let mut tools = list["tools"].as_array().unwrap().iter();
    let tool = tools.find(|tool| tool["slug"] == "math-to-latex");
    tool.unwrap().clone()
}

#[tokio::test]
async fn without_a_model_a_formula_is_its_picture_and_its_signs_and_the_page_says_so() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let job = math(&server).await;
    let page = &job["pages"][0];
    assert_eq!(codes(page), ["formula_not_written"]);
    let message = page["warnings"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("no model that writes formulas is configured"),
        "{message}"
    );
    let block = &page["blocks"][0];
    assert_eq!(
        (&block["kind"], &block["text"]),
        (&"formula".into(), &"E = mc2".into())
    );
    assert!(block.get("latex").is_none());
    let path = format!("/api/v1/ocr/{}/download/", uuid(&job));
    let markdown = server.get(&path).await.text();
    assert_eq!(markdown.trim(), "![E = mc2](page-1-formula-1.png)");
    let html = server.get(&format!("{path}?format=html")).await.text();
    // What this reader reads is no picture, so there is none to show.
    assert!(html.contains("<figure>\n<p>E = mc2</p>"), "{html}");
    // Who did not ask for LaTeX is not told that there is none.
    let job = server.post("FAKE formula", &[("tier", "vlm")]).await.json();
    assert_eq!(codes(&job["pages"][0]), [""; 0]);
    let tool = math_tool(&server).await;
    assert_eq!(
        (&tool["available"], &tool["needs"]),
        (&true.into(), &"formula_model".into())
    );
    assert!(
        tool["reason"].as_str().unwrap().contains("No model"),
        "{tool}"
    );
}

/// A model that answers for the page first, then for the formula.
async fn with_model(page: &'static str, formula: &'static str) -> (Value, usize, String) {
    let model = Hostile::start(move |n, _| {
        Behaviour::Words(if n == 0 { page } else { formula }.to_owned(), "stop")
    })
    .await;
    let folder = TempDir::new();
    let vision = settings(&model, Place::Local);
    let server =
        Server::start_with(&folder, |config: &mut Config| config.vision = Some(vision)).await;
    let job = math(&server).await;
    let path = format!("/api/v1/ocr/{}/download/", uuid(&job));
    let markdown = server.get(&path).await.text();
    (job, model.requests().len(), markdown)
}

#[tokio::test]
async fn a_model_s_latex_is_taken_when_it_is_latex_and_asked_for_once_more_when_not() {
    let (job, n_requests, markdown) = with_model("$$E = mc^{2}$$", "").await;
    assert_eq!(n_requests, 1);
    assert_eq!(job["pages"][0]["blocks"][0]["latex"], "E = mc^{2}");
    assert_eq!(markdown.trim(), "$$\nE = mc^{2}\n$$");

    let (job, n_requests, markdown) = with_model("$$E = \\broken{mc^{2}$$", "E = mc^2").await;
    assert_eq!(n_requests, 2, "{job}");
    assert_eq!(job["pages"][0]["blocks"][0]["latex"], "E = mc^2");
    assert_eq!(codes(&job["pages"][0]), [""; 0]);
    assert_eq!(markdown.trim(), "$$\nE = mc^2\n$$");

    let (job, n_requests, markdown) = with_model("$$E = \\broken{mc^{2}$$", "\\href{x}{y}").await;
    assert_eq!(n_requests, 2);
    assert_eq!(codes(&job["pages"][0]), ["formula_not_written"]);
    assert_eq!(job["pages"][0]["blocks"][0]["text"], "E = mc2");
    assert_eq!(markdown.trim(), "![E = mc2](page-1-formula-1.png)");
}

#[tokio::test]
async fn the_operator_s_network_writes_where_no_model_is() {
    let folder = TempDir::new();
    let network = Path::new(env!("CARGO_MANIFEST_DIR")).join("../training/formula/fixtures");
    let server = Server::start_with(&folder, |config: &mut Config| {
        config.formula_model = Some(network);
    })
    .await;
    let tool = math_tool(&server).await;
    assert_eq!(
        (&tool["available"], &tool["reason"]),
        (&true.into(), &Value::Null)
    );
    // The page shows a grid of dots: whatever the network makes of it, the page is there, and says where it is not LaTeX.
    let job = math(&server).await;
    let page = &job["pages"][0];
    assert_eq!(page["blocks"][0]["kind"], "formula");
    let is_written = page["blocks"][0].get("latex").is_some();
    assert_eq!(
        codes(page).contains(&"formula_not_written"),
        !is_written,
        "{page}"
    );
}
