//! A real server: llama-server with a small model, where `cargo xtask llama-server` has built it. Its answers are poor, so what is asked here is the protocol.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use ocr_chat_document::{Page, PageStatus};
use ocr_chat_vision::model::{ChatVision, ReadError};
use ocr_chat_vision::picture::Picture;
use ocr_chat_vision::profile::Profiles;
use ocr_chat_vision::provider::{Budget, Prices, Provider, Service};
use ocr_chat_vision::translate::{ChatTranslator, Task, Translator};
use ocr_chat_vision::{
    ChatRequest, FinishReason, JsonSchema, LanguageModel, Message, ModelError, ModelSettings,
    Place, Role,
};
use serde_json::{Value, json};

/// Tokens of the server's context, for each request.
const CONTEXT: u32 = 1_024;

struct LlamaServer {
    process: Child,
    base_url: String,
}

impl Drop for LlamaServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The folder of `cargo xtask llama-server`.
#[expect(
    clippy::disallowed_methods,
    reason = "tests look for what is installed here"
)]
fn folder() -> PathBuf {
    let dir = |name| std::env::var(name).ok().map(PathBuf::from);
    let cache = dir("OCR_CHAT_CACHE_DIR")
        .or_else(|| Some(dir("XDG_CACHE_HOME")?.join("ocr-chat")))
        .or_else(|| Some(dir("HOME")?.join(".cache/ocr-chat")));
    cache.unwrap_or_default().join("tools/llama")
}

/// The server, ready; `None` where it is not installed, which is said.
#[expect(clippy::print_stdout, reason = "a test that does not run says so")]
async fn start() -> Option<LlamaServer> {
    let program = folder().join("bin/llama-server");
    let model = folder().join("SmolLM2-135M-Instruct.Q4_1.gguf");
    if !program.is_file() || !model.is_file() {
        println!(
            "NOT RUN: llama-server or its model is not here; `cargo xtask llama-server` builds it"
        );
        return None;
    }
    // A port that is free now.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let process = Command::new(program)
        .arg("-m")
        .arg(model)
        .args(["--host", "127.0.0.1", "--port", &port.to_string()])
        .args([
            "-t",
            "1",
            "-np",
            "1",
            "-c",
            &CONTEXT.to_string(),
            "--no-webui",
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let server = LlamaServer {
        process,
        base_url: format!("http://localhost:{port}/v1"),
    };
    // While it loads its model it answers 503, which the client waits out.
    for _ in 0..60 {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let short = ChatRequest {
            max_tokens: Some(1),
            ..question("Hi")
        };
        if model_of(&server).complete(&short).await.is_ok() {
            return Some(server);
        }
    }
    panic!("llama-server does not answer");
}

fn model_of(server: &LlamaServer) -> LanguageModel {
    LanguageModel::new(ModelSettings::new(&server.base_url, "smollm2").unwrap()).unwrap()
}

fn question(text: &str) -> ChatRequest {
    ChatRequest {
        messages: vec![Message::text(Role::User, text)],
        temperature: Some(0.0),
        max_tokens: Some(16),
        ..ChatRequest::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_server_speaks_as_the_client_expects() {
    let Some(server) = start().await else { return };
    let model = model_of(&server);
    assert_eq!(model.place(), Place::Local);

    // Whole answers, with their usage.
    let whole = model
        .complete(&question("Tell me a very long story about a river."))
        .await
        .unwrap();
    assert!(!whole.text.is_empty());
    assert_eq!(
        (
            whole.finish,
            whole.usage.completion,
            whole.usage.is_estimated
        ),
        (FinishReason::Length, 16, false)
    );
    assert!(whole.usage.prompt > 5);

    // The same in pieces.
    let mut stream = model
        .stream(&question("Tell me a very long story about a river."))
        .await
        .unwrap();
    let mut n_pieces = 0;
    while stream.next().await.unwrap().is_some() {
        n_pieces += 1;
    }
    assert!(n_pieces > 3, "{n_pieces}");
    let streamed = stream.finish().await.unwrap();
    assert_eq!(
        (&streamed.text, streamed.finish, streamed.usage.completion),
        (&whole.text, FinishReason::Length, 16)
    );

    // A stop string ends it.
    let first = whole.text.split_whitespace().next().unwrap().to_owned();
    let stopped = ChatRequest {
        stop: vec![first.clone()],
        ..question("Tell me a very long story about a river.")
    };
    let stopped = model.complete(&stopped).await.unwrap();
    assert_eq!(stopped.finish, FinishReason::Stop);
    assert!(!stopped.text.contains(&first));

    // A form holds even this model.
    let schema = json!({"type": "object", "required": ["city", "n"], "additionalProperties": false,
        "properties": {"city": {"enum": ["Paris", "Rome"]}, "n": {"type": "integer", "minimum": 1, "maximum": 9}}});
    let formed = ChatRequest {
        json_schema: Some(JsonSchema {
            name: "answer".into(),
            schema,
        }),
        max_tokens: Some(60),
        ..question("Name a city and a number.")
    };
    let formed = model.complete(&formed).await.unwrap();
    let value: Value = serde_json::from_str(&formed.text).unwrap();
    assert!(
        ["Paris", "Rome"].contains(&value["city"].as_str().unwrap()),
        "{value}"
    );

    // More than its context.
    let long = question(&"word ".repeat(CONTEXT as usize * 2));
    assert_eq!(model.complete(&long).await, Err(ModelError::TooLong));

    // Cut in the middle, it serves the next.
    let endless = ChatRequest {
        max_tokens: Some(900),
        ..question("Tell me a very long story.")
    };
    let mut cut = model.stream(&endless).await.unwrap();
    assert!(cut.next().await.unwrap().is_some());
    assert_eq!(cut.cut().finish, FinishReason::Cut);
    assert!(model.complete(&question("Hi")).await.is_ok());

    no_vision(&server).await;
    translation(&model).await;
}

/// This model takes no pictures, and the server says so.
async fn no_vision(server: &LlamaServer) {
    let profile = Profiles::new(None).unwrap().get("generic").unwrap().clone();
    let reader = ChatVision::new(model_of(server), profile);
    let service = Service {
        place: Place::Local,
        n_slots: 1,
        prices: Prices::default(),
        budget: Budget::default(),
    };
    let provider = Provider::new("server".into(), Arc::new(reader), service);
    let local = Page {
        status: PageStatus::Done,
        width: 40,
        height: 30,
        ..Page::pending(0)
    };
    let picture = Picture::new(40, 30, vec![255; 40 * 30 * 3]).unwrap();
    let read = provider.read("job", &local, async || Some(picture)).await;
    assert_eq!(read, Err(ReadError::Model(ModelError::NoVision)));
}

/// What this model answers is no translation; what matters is that nothing else comes of it than that or nothing.
async fn translation(model: &LanguageModel) {
    let translator = ChatTranslator::new("server".into(), model.clone());
    let texts = ["Good morning".to_owned(), "Total 12".to_owned()];
    let task = Task {
        texts: &texts,
        from: Some("en"),
        to: "es",
        to_name: "Spanish",
    };
    let done = translator.translate(task).await.unwrap();
    assert_eq!(done.texts.len(), 2);
    assert!(done.usage.completion > 0 && !done.usage.is_estimated);
    assert!(
        done.texts[1]
            .as_ref()
            .is_none_or(|text| text.contains("12")),
        "{done:?}"
    );
}
