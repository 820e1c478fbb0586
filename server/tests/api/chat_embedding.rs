//! Chat with an embedding model: passages are found by what they mean, and what goes wrong with the model costs nobody an answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use ocr_chat_server::audit::Actor;
use ocr_chat_server::chat::embedding::EmbeddingSettings;
use ocr_chat_server::metering::Plan;
use ocr_chat_vision::Place;
use serde_json::{Value, json};

use super::chat_model::ask;
use super::support::{Server, TempDir};

const LETTER: &str = "TEXT\nThe vehicle needs petrol.\nThe chairs come on a Tuesday.\nThe kitchen has a window.\nThe price of the car is paid.";

/// A server of embeddings, and how many texts it was sent.
struct Embedder {
    base_url: String,
    n_texts: Arc<AtomicUsize>,
}

impl Embedder {
    /// One that knows one thing: fuel and petrol are the same. `is_broken` makes it answer with an error.
    async fn start(is_broken: bool) -> Self {
        let n_texts = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&n_texts);
        let embed = move |Json(body): Json<Value>| {
            let texts = body["input"].as_array().cloned().unwrap_or_default();
            count.fetch_add(texts.len(), Ordering::SeqCst);
            async move {
                if is_broken {
                    return (StatusCode::INTERNAL_SERVER_ERROR, "no").into_response();
                }
                let data: Vec<Value> = texts.iter().enumerate().map(vector).collect();
                Response::new(json!({ "data": data }).to_string().into())
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let router = axum::Router::new().route("/v1/embeddings", post(embed));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base_url, n_texts }
    }

    fn settings(&self, place: Place) -> EmbeddingSettings {
        let url = self.base_url.clone();
        let get = |name: &str| match name {
            "OCR_CHAT_EMBEDDING_URL" => Some(url.clone()),
            "OCR_CHAT_EMBEDDING_MODEL" => Some("tiny-embedder".to_owned()),
            "OCR_CHAT_EMBEDDING_NAME" => Some("Example Vectors".to_owned()),
            "OCR_CHAT_EMBEDDING_SECONDS" => Some("2".to_owned()),
            _ => None,
        };
        let mut settings = EmbeddingSettings::from_variables(&get).unwrap().unwrap();
        settings.model.place = place;
        settings
    }
}

fn vector((index, text): (usize, &Value)) -> Value {
    let text = text.as_str().unwrap_or_default().to_lowercase();
    let is_fuel = text.contains("petrol") || text.contains("fuel");
    let embedding = if is_fuel { [1.0, 0.1] } else { [0.0, 1.0] };
    json!({ "index": index, "embedding": embedding })
}

async fn asked(embedder: &Embedder, place: Place, agrees: bool, question: &str) -> Value {
    let folder = TempDir::new();
    let settings = embedder.settings(place);
    let server = Server::start_with(&folder, |config| config.embedding = Some(settings)).await;
    let (id, token) = server.account(Plan::Free, 0).await;
    if agrees {
        server
            .app
            .db()
            .set_allows_external(&id, true, &Actor::server())
            .await
            .unwrap();
    }
    ask(&server, &token, LETTER, question).await
}

#[tokio::test]
async fn a_passage_in_other_words_is_found_by_its_meaning() {
    let question = "Which fuel does the car take?";
    let embedder = Embedder::start(false).await;
    let told = asked(&embedder, Place::Local, false, question).await;
    let quoted = told["content"].as_str().unwrap();
    assert!(quoted.contains("petrol"), "{told}");
    assert_eq!(told["processed_by"], "server");
    // Every passage once, and the question.
    assert_eq!(embedder.n_texts.load(Ordering::SeqCst), 5);
    let broken = Embedder::start(true).await;
    let told = asked(&broken, Place::Local, false, question).await;
    // No word of the document speaks of fuel.
    assert_eq!(told["found"], false, "{told}");
}

#[tokio::test]
async fn nothing_is_sent_elsewhere_without_consent_and_who_got_it_is_named() {
    let embedder = Embedder::start(false).await;
    let told = asked(
        &embedder,
        Place::External,
        false,
        "When do the chairs come?",
    )
    .await;
    assert_eq!(embedder.n_texts.load(Ordering::SeqCst), 0);
    assert_eq!(told["processed_by"], "server");
    let told = asked(&embedder, Place::External, true, "When do the chairs come?").await;
    assert_eq!(embedder.n_texts.load(Ordering::SeqCst), 5);
    assert_eq!(told["processed_by"], "Example Vectors");
}
