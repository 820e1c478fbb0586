//! `/api-reference`: the API, to read and to try.

use leptos::prelude::*;
use ocr_chat_i18n::tr;

use crate::chrome::href;
use crate::frame::Frame;

/// The page. Swagger UI fills it from `/api/openapi.json`.
pub fn api_reference(frame: Frame) -> String {
    frame.public(|| tr!(docs.about)).wide().document(|| "API", || {
        view! {
            <h1>"API"</h1>
            <p>
                {tr!(account.reference_1)} <a href=href("/account")>{tr!(account.reference_account)}</a>
                {tr!(account.reference_2)} <a href="/api/openapi.json">"OpenAPI 3.1"</a> "."
            </p>
            <noscript>
                <p class="told">{tr!(account.reference_script)}</p>
            </noscript>
            <link rel="stylesheet" href="/swagger-ui/swagger-ui.css"/>
            // A light page in its own colours, whatever the rest has.
            <div id="reference" class="reference"></div>
            <script src="/swagger-ui/swagger-ui-bundle.js" defer=true></script>
            <script src="/api-reference.js" defer=true></script>
        }
    })
}
