//! Parts of forms.

use leptos::prelude::*;
use ocr_chat_i18n::tr;

/// Shortest password that is taken, in characters; the server checks it again.
const MIN_PASSWORD_CHARS: &str = "10";

/// A line of text with its label.
#[component]
pub(crate) fn TextField(
    /// What is to be entered.
    label: &'static str,
    /// Name of the field in the form, and its id.
    name: &'static str,
    /// `type` of the input.
    #[prop(default = "text")]
    kind: &'static str,
    /// What browsers and password managers may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// What it holds at first.
    #[prop(optional)]
    value: String,
    /// Whether the form can be sent without it.
    #[prop(optional)]
    is_optional: bool,
) -> impl IntoView {
    view! {
        <label class="field">
            <span>{label}</span>
            <input type=kind name=name autocomplete=autocomplete value=value required=!is_optional/>
        </label>
    }
}

/// A new password.
#[component]
pub(crate) fn NewPassword(
    /// What is to be entered.
    label: &'static str,
    /// Name of the field in the form.
    name: &'static str,
) -> impl IntoView {
    let hint = format!("{name}-hint");
    view! {
        <label class="field">
            <span>{label}</span>
            <input
                type="password"
                name=name
                autocomplete="new-password"
                minlength=MIN_PASSWORD_CHARS
                required=true
                aria-describedby=hint.clone()
            />
            <span class="muted" id=hint>
                {tr!(account.password_hint, n = MIN_PASSWORD_CHARS)}
            </span>
        </label>
    }
}

/// An action that cannot be undone, behind a second step.
#[component]
pub(crate) fn Confirmed(
    /// What opens the second step.
    label: &'static str,
    /// The form.
    children: Children,
) -> impl IntoView {
    view! {
        <details class="confirm">
            <summary class="button button-small">{label}</summary>
            {children()}
        </details>
    }
}
