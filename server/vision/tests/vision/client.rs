//! The client against a server that misbehaves.

use std::time::Duration;

use crate::hostile::{Behaviour, Hostile};
use ocr_chat_vision::{
    ApiKey, ChatRequest, FinishReason, LanguageModel, Limits, Message, ModelError, ModelSettings,
    Phase, Role,
};
use tokio::time::Instant;

/// Limits short enough for tests; a page of tests must not wait for minutes.
fn limits() -> Limits {
    Limits {
        connect: Duration::from_secs(1),
        first_byte: Duration::from_millis(400),
        between_chunks: Duration::from_millis(400),
        whole: Duration::from_secs(20),
        max_answer_bytes: 100_000,
        max_retry_after: Duration::from_secs(2),
        ..Limits::default()
    }
}

fn model(server: &Hostile, limits: Limits) -> LanguageModel {
    let settings = ModelSettings::new(&server.base_url, "tiny").unwrap();
    LanguageModel::new(ModelSettings {
        key: ApiKey::new("sk-test"),
        limits,
        ..settings
    })
    .unwrap()
}

fn question() -> ChatRequest {
    ChatRequest {
        messages: vec![Message::text(Role::User, "What does it say?")],
        ..ChatRequest::default()
    }
}

/// The outcome of a whole answer and of a streamed one, each from a server of its own.
async fn both(behaviour: Behaviour) -> [Result<ocr_chat_vision::Completion, ModelError>; 2] {
    let script = behaviour.clone();
    let server = Hostile::start(move |_, _| script.clone()).await;
    let whole = model(&server, limits()).complete(&question()).await;
    let server = Hostile::start(move |_, _| behaviour.clone()).await;
    let streamed = match model(&server, limits()).stream(&question()).await {
        Ok(stream) => stream.finish().await,
        Err(error) => Err(error),
    };
    [whole, streamed]
}

#[tokio::test]
async fn whole_and_streamed_answers_arrive_with_their_usage_and_the_key() {
    let server = Hostile::start(|n, _| {
        if n == 0 {
            Behaviour::answer("Twelve.", "stop")
        } else {
            Behaviour::Words("It says twelve.".into(), "length")
        }
    })
    .await;
    let model = model(&server, limits());
    let whole = model.complete(&question()).await.unwrap();
    assert_eq!(
        (whole.text.as_str(), whole.finish),
        ("Twelve.", FinishReason::Stop)
    );
    assert_eq!((whole.usage.prompt, whole.usage.completion), (100, 20));
    let mut stream = model.stream(&question()).await.unwrap();
    let mut pieces = Vec::new();
    while let Some(piece) = stream.next().await.unwrap() {
        pieces.push(piece);
    }
    assert_eq!(pieces, ["It ", "says ", "twelve."]);
    let streamed = stream.finish().await.unwrap();
    assert_eq!(streamed.finish, FinishReason::Length);
    assert!(!streamed.usage.is_estimated);
    let requests = server.requests();
    assert!(requests[0].starts_with("POST /v1/chat/completions "));
    assert!(requests[0].contains("authorization: Bearer sk-test"));
    assert!(requests[1].contains("\"stream\":true"));
}

#[tokio::test]
async fn every_kind_of_failure_has_its_own_error_in_bounded_time() {
    let began = Instant::now();
    let [whole, streamed] = both(Behaviour::Hang).await;
    // The connection's own time is added before the first byte is waited for.
    assert!(matches!(whole, Err(ModelError::TimedOut(_))), "{whole:?}");
    assert!(
        matches!(streamed, Err(ModelError::TimedOut(_))),
        "{streamed:?}"
    );
    let [_, streamed] = both(Behaviour::HangInStream).await;
    assert_eq!(streamed, Err(ModelError::TimedOut(Phase::NextBytes)));
    assert_eq!(
        both(Behaviour::Reset).await,
        [Err(ModelError::Reset), Err(ModelError::Reset)]
    );
    let [whole, _] = both(Behaviour::HalfAnswer).await;
    assert_eq!(whole, Err(ModelError::Reset));
    let [_, streamed] = both(Behaviour::HalfStream("half")).await;
    assert!(
        matches!(streamed, Err(ModelError::Reset | ModelError::NotJson)),
        "{streamed:?}"
    );
    for outcome in both(Behaviour::Garbage).await {
        assert_eq!(outcome, Err(ModelError::Reset));
    }
    for body in [
        "",
        "[]",
        "nonsense",
        "{\"choices\":[]}",
        "{\"choices\":[{\"message\":{\"content\":7}}]}",
    ] {
        let [whole, _] = both(Behaviour::Body(body.into())).await;
        assert_eq!(whole, Err(ModelError::NotJson), "{body}");
    }
    let too_large = Err(ModelError::TooLarge { max_bytes: 100_000 });
    assert_eq!(both(Behaviour::HugeBody).await[0], too_large);
    assert_eq!(both(Behaviour::EndlessStream).await[1], too_large);
    let refusal = r#"{"choices":[{"message":{"content":null,"refusal":"I cannot"}}]}"#;
    assert_eq!(
        both(Behaviour::Body(refusal.into())).await[0],
        Err(ModelError::Refused)
    );
    let no_vision = r#"{"error":{"code":500,"message":"image input is not supported"}}"#;
    for outcome in both(Behaviour::Status(500, "", no_vision)).await {
        assert_eq!(outcome, Err(ModelError::NoVision));
    }
    assert!(began.elapsed() < Duration::from_secs(60));
}

#[tokio::test]
async fn busy_servers_are_asked_again_after_their_time_and_not_for_ever() {
    let server = Hostile::start(|n, _| match n {
        0 => Behaviour::Status(429, "retry-after: 1\r\n", "{}"),
        1 => Behaviour::Status(503, "", "loading model"),
        _ => Behaviour::answer("ok", "stop"),
    })
    .await;
    let began = Instant::now();
    let answer = model(&server, limits())
        .complete(&question())
        .await
        .unwrap();
    assert_eq!(answer.text, "ok");
    assert!(
        began.elapsed() >= Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );

    let server = Hostile::start(|_, _| Behaviour::Status(429, "", "")).await;
    let for_ever = model(&server, limits()).complete(&question()).await;
    assert_eq!(for_ever, Err(ModelError::Busy { retry_after: None }));
    assert_eq!(server.requests().len(), 3);

    let server = Hostile::start(|_, _| Behaviour::Status(429, "retry-after: 3600\r\n", "")).await;
    let began = Instant::now();
    let hour = model(&server, limits()).complete(&question()).await;
    let retry_after = Some(Duration::from_secs(3600));
    assert_eq!(hour, Err(ModelError::Busy { retry_after }));
    assert!(began.elapsed() < Duration::from_secs(1));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn nothing_is_sent_elsewhere() {
    let other = Hostile::start(|_, _| Behaviour::answer("caught", "stop")).await;
    let headers = format!("location: {}/chat/completions\r\n", other.base_url);
    let headers: &'static str = Box::leak(headers.into_boxed_str());
    let server = Hostile::start(move |_, _| Behaviour::Status(307, headers, "")).await;
    let outcome = model(&server, limits()).complete(&question()).await;
    assert!(
        matches!(outcome, Err(ModelError::Status { status: 307, .. })),
        "{outcome:?}"
    );
    assert_eq!(other.requests().len(), 0);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_from_one_that_fails() {
    let server = Hostile::start(|_, _| Behaviour::Hang).await;
    let settings = ModelSettings::new(&server.base_url, "tiny").unwrap();
    drop(server);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let outcome = LanguageModel::new(settings)
        .unwrap()
        .complete(&question())
        .await;
    assert_eq!(outcome, Err(ModelError::Connect));
}

#[tokio::test]
async fn dropping_a_request_ends_it() {
    let server = Hostile::start(|_, _| Behaviour::EndlessStream).await;
    let generous = Limits {
        max_answer_bytes: usize::MAX,
        ..limits()
    };
    let mut stream = model(&server, generous).stream(&question()).await.unwrap();
    assert!(stream.next().await.unwrap().is_some());
    let cut = stream.cut();
    assert_eq!(cut.finish, FinishReason::Cut);
    assert!(cut.usage.is_estimated && cut.usage.completion > 0);
}
