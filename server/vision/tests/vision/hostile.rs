//! A server of models that misbehaves as it is told, and writes down what it was sent. On the loopback interface, at a free port.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What becomes of a request.
#[derive(Clone, Debug)]
pub(crate) enum Behaviour {
    /// Never a byte.
    Hang,
    /// The head of a stream and its first piece, then nothing.
    HangInStream,
    /// The connection is reset before an answer.
    Reset,
    /// A body that is longer by its head than what comes.
    HalfAnswer,
    /// A stream that ends in the middle, without its end.
    HalfStream(&'static str),
    /// Bytes that are no HTTP.
    Garbage,
    /// A status with headers and a body.
    Status(u16, &'static str, &'static str),
    /// Status 200 and this body.
    Body(String),
    /// Status 200 and a stream of this text, a word an event, that ends with a reason.
    Words(String, &'static str),
    /// The same word for ever.
    EndlessStream,
    /// A body without an end.
    HugeBody,
}

impl Behaviour {
    /// The completion with `text`, whole.
    pub(crate) fn answer(text: &str, finish: &str) -> Self {
        Self::Body(
            json!({
                "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": finish}],
                "usage": {"prompt_tokens": 100, "completion_tokens": 20},
            })
            .to_string(),
        )
    }
}

type Script = dyn Fn(usize, &Value) -> Behaviour + Send + Sync;

/// The server. It ends when it is dropped.
pub(crate) struct Hostile {
    pub(crate) base_url: String,
    requests: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Hostile {
    /// A server that behaves to its n-th request, counted from 0, as `script` says.
    pub(crate) async fn start(
        script: impl Fn(usize, &Value) -> Behaviour + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let script: Arc<Script> = Arc::new(script);
        let seen = Arc::clone(&requests);
        let task = tokio::spawn(async move {
            let n_requests = Arc::new(AtomicUsize::new(0));
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (script, seen) = (Arc::clone(&script), Arc::clone(&seen));
                let n_requests = Arc::clone(&n_requests);
                connections.spawn(async move {
                    let mut stream = stream;
                    let Some((head, body)) = read_request(&mut stream).await else {
                        return;
                    };
                    seen.lock().unwrap().push(format!("{head}{body}"));
                    let body = serde_json::from_str(&body).unwrap_or(Value::Null);
                    let n = n_requests.fetch_add(1, Ordering::SeqCst);
                    let _ = behave(&mut stream, script(n, &body)).await;
                });
            }
        });
        Self {
            base_url,
            requests,
            task,
        }
    }

    /// The requests so far, head and body.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let n = stream.read(&mut buffer).await.ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&buffer[..n]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&bytes[..end + 4]).into_owned();
        let length = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, value)| value.trim().parse::<usize>().ok())
            .unwrap_or(0);
        if bytes.len() >= end + 4 + length {
            let body = String::from_utf8_lossy(&bytes[end + 4..]).into_owned();
            return Some((head, body));
        }
    }
}

const STREAM_HEAD: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

fn event(delta: &str, finish: Option<&str>) -> String {
    let event = json!({"choices": [{"delta": {"content": delta}, "finish_reason": finish}]});
    format!("data: {event}\n\n")
}

async fn behave(stream: &mut TcpStream, behaviour: Behaviour) -> std::io::Result<()> {
    match behaviour {
        Behaviour::Hang => tokio::time::sleep(Duration::from_secs(600)).await,
        Behaviour::HangInStream => {
            let begin = format!("{STREAM_HEAD}{}", event("begun", None));
            stream.write_all(begin.as_bytes()).await?;
            tokio::time::sleep(Duration::from_secs(600)).await;
        }
        Behaviour::Reset => stream.set_zero_linger()?,
        Behaviour::HalfAnswer => {
            let half = "HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n{\"choices\":[{\"mess";
            stream.write_all(half.as_bytes()).await?;
        }
        Behaviour::HalfStream(text) => {
            let half = format!("{STREAM_HEAD}{}data: {{\"choi", event(text, None));
            stream.write_all(half.as_bytes()).await?;
        }
        Behaviour::Garbage => stream.write_all(b"\x00\xffNOTHTTP\r\n\r\n\r\n").await?,
        Behaviour::Status(status, headers, body) => {
            let answer = format!(
                "HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).await?;
        }
        Behaviour::Body(body) => {
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).await?;
        }
        Behaviour::Words(text, finish) => {
            stream.write_all(STREAM_HEAD.as_bytes()).await?;
            for word in text.split_inclusive(' ') {
                stream.write_all(event(word, None).as_bytes()).await?;
            }
            let usage =
                json!({"choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": 20}});
            let end = format!(
                "{}data: {usage}\n\ndata: [DONE]\n\n",
                event("", Some(finish))
            );
            stream.write_all(end.as_bytes()).await?;
        }
        Behaviour::EndlessStream => {
            stream.write_all(STREAM_HEAD.as_bytes()).await?;
            let word = event("again and ", None);
            while stream.write_all(word.as_bytes()).await.is_ok() {}
        }
        Behaviour::HugeBody => {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")
                .await?;
            let block = vec![b'a'; 1 << 16];
            while stream.write_all(&block).await.is_ok() {}
        }
    }
    stream.shutdown().await
}
