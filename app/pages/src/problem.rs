//! A page that is not there, or that could not be written.

use leptos::prelude::*;

use crate::frame::Frame;

/// The page: `message` says what is wrong, `status` is that of HTTP.
pub fn problem(frame: Frame, status: u16, message: String) -> String {
    frame.document("Not possible", "", move || {
        view! {
            <h1>{if status == 404 { "There is nothing here" } else { "That did not work" }}</h1>
            <p class="told told-bad">{message}</p>
            <p><a href="/">"To the start page"</a></p>
        }
    })
}
