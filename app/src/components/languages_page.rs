//! The languages: what reads each, and what is kept on this device for reading without a network.

use leptos::html;
use leptos::prelude::*;
use ocr_chat_i18n::tr;
use ocr_chat_language::{Language, PpOcrSize, Reader, all};

use crate::jobs::Pack;
use crate::messages::megabytes;
use crate::settings::ModelSize;
use crate::shell::Shell;

/// The page at `/languages`.
#[component]
pub(crate) fn LanguagesPage() -> impl IntoView {
    let shell = Shell::get();
    shell.packs.look();
    let filter = RwSignal::new(String::new());
    let found = Memo::new(move |_| {
        let wanted = filter.get().trim().to_lowercase();
        all()
            .iter()
            .filter(|language| is_called(language, &wanted))
            .map(|language| language.tag)
            .collect::<Vec<_>>()
    });
    let count = move || match found.with(Vec::len) {
        0 => tr!(site.languages_none).to_owned(),
        n => tr!(site.n_languages, count = n),
    };
    view! {
        <main id="main" class="page languages">
            <h1 class="languages-title">{tr!(site.title_languages)}</h1>
            <p class="languages-lead">
                {tr!(site.languages_lead)}
            </p>
            <div class="languages-find">
                <label class="search">
                    <span>{tr!(site.languages_find)}</span>
                    <input
                        type="search"
                        autocomplete="off"
                        placeholder=tr!(site.languages_placeholder)
                        on:input=move |event| filter.set(event_target_value(&event))
                    />
                </label>
                <p class="muted" role="status">{count}</p>
            </div>
            <table class="language-table">
                <thead>
                    <tr>
                        <th scope="col">{tr!(site.column_language)}</th>
                        <th scope="col" class="column-wide">{tr!(site.column_code)}</th>
                        <th scope="col">{tr!(site.column_script)}</th>
                        <th scope="col" class="column-wide">{tr!(site.column_reader)}</th>
                        <th scope="col">{tr!(site.column_device)}</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || found.get() key=|tag| *tag let:tag>
                        {ocr_chat_language::by_tag(tag).map(row)}
                    </For>
                </tbody>
            </table>
            <p class="visually-hidden" role="status">{move || shell.packs.news()}</p>
        </main>
    }
}

/// Whether a language goes by `wanted`, in lower case: a part of a name, or a code.
fn is_called(language: &Language, wanted: &str) -> bool {
    let names = [language.name, language.native_name, language.script.name()];
    let codes = [language.tag, language.iso639_3];
    names
        .iter()
        .any(|name| name.to_lowercase().contains(wanted))
        || codes
            .iter()
            .any(|code| code.to_lowercase().starts_with(wanted))
        || language.aliases.contains(&wanted)
}

fn row(language: &'static Language) -> impl IntoView {
    let Shell {
        packs, settings, ..
    } = Shell::get();
    let size = settings.model;
    let reader = move || {
        let beside = match size.get() {
            ModelSize::Tiny => PpOcrSize::Tiny,
            ModelSize::Small => PpOcrSize::Full,
        };
        match language.reader_beside(beside) {
            Reader::PpOcr => "PP-OCRv6".to_owned(),
            Reader::Lstm(name) => format!("LSTM {name}"),
        }
    };
    let cell = NodeRef::<html::Td>::new();
    let keep = move |_| {
        packs.keep(language, size.get_untracked());
        // The button goes away; the Tab key goes on from its place.
        if let Some(cell) = cell.get_untracked() {
            let _ = cell.focus();
        }
    };
    let state = Memo::new(move |_| packs.state(language, size.get()));
    let pack = move || {
        match state.get() {
        Pack::Here => view! { <span class="kept">{tr!(site.pack_kept)}</span> }.into_any(),
        Pack::Coming { share } => view! {
            <progress class="bar" max="1" value=share.to_string() aria-label=tr!(site.pack_fetching, name = language.name)></progress>
        }
        .into_any(),
        Pack::There { size_bytes } => view! {
            <button type="button" class="button button-small" on:click=keep>
                {tr!(site.pack_keep)}
                <span class="visually-hidden">{format!(" {},", language.name)}</span>
                <span class="muted">{format!(" {}", megabytes(size_bytes))}</span>
            </button>
        }
        .into_any(),
        Pack::Failed(problem) => view! {
            <span class="pack-failed" role="alert" data-code=problem.code title=problem.advice>{problem.title}</span>
            <button type="button" class="button button-small" on:click=keep>{tr!(common.try_again)}</button>
        }
        .into_any(),
    }
    };
    let native_name = (language.native_name != language.name).then(|| {
        view! { <span class="own-name" lang=language.tag dir="auto">{language.native_name}</span> }
    });
    view! {
        <tr data-language=language.tag>
            <th scope="row">{language.name} {native_name}</th>
            <td class="column-wide"><code>{language.tag}</code></td>
            <td>{language.script.name()}</td>
            <td class="column-wide">{reader}</td>
            <td class="pack" tabindex="-1" node_ref=cell>{pack}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_found_by_names_and_codes() {
        let found = |wanted: &str| -> Vec<&str> {
            let all = all().iter().filter(|language| is_called(language, wanted));
            all.map(|language| language.tag).collect()
        };
        assert!(found("georg").contains(&"ka"));
        assert!(found("ไทย").contains(&"th"));
        assert!(found("rus").contains(&"ru"));
        assert!(found("devanagari").contains(&"hi"));
        assert!(!found("ka").contains(&"hi"));
        assert_eq!(found("").len(), all().len());
        assert_eq!(found("no such language"), [""; 0]);
    }
}
