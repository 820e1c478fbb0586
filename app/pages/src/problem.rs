//! A page that is not there, or that could not be written.

use leptos::prelude::*;
use ocr_chat_i18n::tr;

use crate::chrome::href;
use crate::frame::{Frame, in_words};

/// The page: `code` and `message` say what is wrong, `status` is that of HTTP.
pub fn problem(frame: Frame, status: u16, code: &str, message: String) -> String {
    let code = code.to_owned();
    frame.document(|| tr!(account.problem_title), move || {
        view! {
            <h1>{if status == 404 { tr!(account.problem_404) } else { tr!(account.problem) }}</h1>
            <p class="told told-bad">{in_words(&code, message)}</p>
            {(status == 404).then(|| view! { <p>{tr!(account.problem_404_lead)}</p> })}
            <p><a href=href("/")>{tr!(account.to_start)}</a></p>
        }
    })
}
