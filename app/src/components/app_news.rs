//! What there is to say about the app itself: that it can be installed, that a newer version is there.

use leptos::prelude::*;
use ocr_chat_i18n::tr;

use crate::browser;
use crate::installed::Installed;

/// Both, out of the way at the foot of the page.
#[component]
pub(crate) fn AppNews(installed: Installed) -> impl IntoView {
    view! {
        <Show when=move || installed.is_outdated.get()>
            <div class="app-news" role="status" data-news="version">
                <span>{tr!(files.newer_version)}</span>
                <button
                    type="button"
                    class="button button-small"
                    on:click=move |_| browser::reload(&browser::path())
                >
                    {tr!(files.reload)}
                </button>
            </div>
        </Show>
        <Show when=move || installed.can_install.get()>
            <div class="app-news" data-news="install">
                <span>{tr!(files.install_lead)}</span>
                <button type="button" class="button button-small" on:click=move |_| installed.install()>
                    {tr!(files.install)}
                </button>
            </div>
        </Show>
    }
}
