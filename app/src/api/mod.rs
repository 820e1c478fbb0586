//! The only place that does HTTP.

pub(crate) mod models;

pub(crate) mod server;

pub(crate) mod chat;

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Request, RequestInit, Response};

use crate::messages::Problem;

/// Sends a request to this origin; `None` when no answer came.
async fn send(
    method: &str,
    url: &str,
    body: Option<&JsValue>,
    signal: Option<&web_sys::AbortSignal>,
) -> Option<Response> {
    let init = RequestInit::new();
    init.set_method(method);
    if let Some(body) = body {
        init.set_body(body);
    }
    init.set_signal(signal);
    let request = Request::new_with_str_and_init(url, &init).ok()?;
    let answer = JsFuture::from(web_sys::window()?.fetch_with_request(&request)).await;
    answer.ok()?.dyn_into().ok()
}

fn problem(code: &str) -> Problem {
    Problem::new(code, "")
}
