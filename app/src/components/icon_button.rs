//! A button that is a drawing.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

/// A button with a drawing of 16 units on each side, and its name for screen readers.
#[component]
pub(super) fn IconButton(
    /// What it does, for screen readers.
    #[prop(into)]
    name: Oco<'static, str>,
    /// What is shown when a pointer rests on it, where that is not the name.
    #[prop(optional)]
    title: Option<&'static str>,
    /// The drawing: the `d` of an SVG path.
    drawing: &'static str,
    /// Whether the drawing points along the text, and turns with it.
    #[prop(optional)]
    turns: bool,
    /// Whether what it switches is on; for buttons that stay pressed.
    #[prop(optional, into)]
    pressed: Option<Signal<bool>>,
    /// Whether it does nothing now.
    #[prop(optional, into)]
    disabled: Option<Signal<bool>>,
    /// What it does.
    on_click: impl FnMut(MouseEvent) + 'static,
) -> impl IntoView {
    let title = title.map_or_else(|| name.clone(), Oco::Borrowed);
    view! {
        <button
            type="button"
            class="icon-button"
            class:icon-turns=turns
            aria-label=name
            title=title
            aria-pressed=move || pressed.map(|pressed| pressed.get().to_string())
            prop:disabled=move || disabled.is_some_and(|disabled| disabled.get())
            on:click=on_click
        >
            <svg viewBox="0 0 16 16" aria-hidden="true">
                <path d=drawing/>
            </svg>
        </button>
    }
}
