//! `/api-reference`: the API, to read and to try.

use leptos::prelude::*;

use crate::frame::Frame;

/// The page. Swagger UI fills it from `/api/openapi.json`.
pub fn api_reference(frame: Frame) -> String {
    frame.wide().document("API", "/api-reference", || {
        view! {
            <h1>"API"</h1>
            <p>
                "Every address, what it takes and what it answers. \"Authorize\" takes the token of your " <a href="/account">"account page"</a>
                "; it stays in this tab. The same as a file: " <a href="/api/openapi.json">"OpenAPI 3.1"</a> "."
            </p>
            <noscript>
                <p class="told">"The table is drawn by a script. Without scripts, read the OpenAPI file."</p>
            </noscript>
            <link rel="stylesheet" href="/swagger-ui/swagger-ui.css"/>
            // A light page in its own colours, whatever the rest has.
            <div id="reference" class="reference"></div>
            <script src="/swagger-ui/swagger-ui-bundle.js" defer=true></script>
            <script src="/api-reference.js" defer=true></script>
        }
    })
}
