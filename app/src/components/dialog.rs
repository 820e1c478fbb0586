//! A question before something that cannot be undone.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use ocr_chat_i18n::tr;

use crate::shell::Shell;

/// What is asked.
#[derive(Clone)]
pub(crate) struct Question {
    pub(crate) title: String,
    pub(crate) text: String,
    /// What the button says that does it.
    pub(crate) action: String,
    pub(crate) on_yes: Callback<()>,
}

/// The question of the shell, over the page. Escape and "Cancel" answer no.
#[component]
pub(crate) fn Dialog() -> impl IntoView {
    let shell = Shell::get();
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        let (Some(dialog), is_asked) = (dialog.get(), shell.question.with(Option::is_some)) else {
            return;
        };
        if is_asked && !dialog.open() {
            // Fails for a dialog that is off the page.
            let _ = dialog.show_modal();
        } else if !is_asked && dialog.open() {
            dialog.close();
        }
    });
    let answer = move |is_yes: bool| {
        let question = shell.question.get_untracked();
        shell.question.set(None);
        if let Some(question) = question.filter(|_| is_yes) {
            question.on_yes.run(());
        }
    };
    view! {
        <dialog
            class="dialog"
            node_ref=dialog
            aria-labelledby="question-title"
            aria-describedby="question-text"
            on:close=move |_: ev::Event| shell.question.set(None)
        >
            {move || {
                shell.question.get().map(|question| {
                    view! {
                        <h2 id="question-title" class="dialog-title">{question.title}</h2>
                        <p id="question-text">{question.text}</p>
                        <div class="row dialog-row">
                            <button type="button" class="button" autofocus on:click=move |_| answer(false)>
                                {tr!(common.cancel)}
                            </button>
                            <button type="button" class="button button-bad" on:click=move |_| answer(true)>
                                {question.action}
                            </button>
                        </div>
                    }
                })
            }}
        </dialog>
    }
}
