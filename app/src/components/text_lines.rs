//! The lines of a page as text, linked with their boxes; what should be checked is marked, what was read wrong is corrected in place.

use std::collections::HashMap;
use std::ops::Range;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use ocr_chat_document::{BlockKind, Line, Page, Part};
use ocr_chat_i18n::tr;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::line_editor::LineEditor;
use super::page_boxes::{find_line, reveal};
use super::viewer::Viewer;
use crate::find::{self, Segment};

/// By the number of the line the stretches that were searched for, with the number of the hit.
type Found = HashMap<usize, Vec<(Range<usize>, usize)>>;

/// The page's lines.
pub(super) fn lines_of(page: &Page, viewer: Viewer) -> impl IntoView + use<> {
    let page_idx = viewer.doc.page_idx;
    let found = Memo::new(move |_| {
        let mut found = Found::new();
        let here = page_idx.get();
        for (number, hit) in viewer.hits.get().iter().enumerate() {
            for stretch in hit.stretches.iter().filter(|_| hit.page_idx == here) {
                let of_line = found.entry(stretch.line_idx).or_default();
                of_line.push((stretch.range.clone(), number));
            }
        }
        found
    });
    let mut number = 0;
    let blocks = page
        .blocks
        .iter()
        .enumerate()
        .map(|(block_idx, block)| {
            let lines = block
                .lines
                .iter()
                .enumerate()
                .map(|(line_idx, line)| {
                    let place = LinePlace {
                        number,
                        block: block_idx,
                        part: Part::Line(line_idx as u32),
                    };
                    number += 1;
                    let read_as = page.read_as(block_idx, place.part).map(str::to_owned);
                    view! { <TextLine viewer place line=line.clone() read_as found/> }
                })
                .collect_view();
            let class = match block.kind {
                BlockKind::Heading => "block block-heading",
                BlockKind::Header | BlockKind::Footer | BlockKind::Figure => "block block-aside",
                _ => "block",
            };
            view! { <p class=class lang=block.detected_language.clone()>{lines}</p> }
        })
        .collect_view();
    let n_lines = number;
    view! {
        <div
            class="lines"
            lang=page.detected_language.clone()
            on:mouseleave=move |_| {
                if viewer.editing.get_untracked().is_none() {
                    viewer.active.set(None);
                }
            }
            on:keydown=move |event| on_key(&event, viewer, n_lines)
        >
            {blocks}
        </div>
    }
}

/// Where a line stands on its page.
#[derive(Debug, Clone, Copy)]
struct LinePlace {
    /// Its number in reading order.
    number: usize,
    block: usize,
    part: Part,
}

#[component]
fn TextLine(
    viewer: Viewer,
    place: LinePlace,
    line: Line,
    /// What was read, where a person corrected it.
    read_as: Option<String>,
    found: Memo<Found>,
) -> impl IntoView {
    let LinePlace {
        number,
        block,
        part,
    } = place;
    let is_editing = Memo::new(move |_| viewer.editing.get() == Some((block, part)));
    let edit = move || viewer.editing.set(Some((block, part)));
    let doubtful = find::doubtful(&line);
    let text = line.text;
    let label = match &read_as {
        Some(read) => tr!(
            viewer.edit_corrected,
            line = text.clone(),
            read = read.clone()
        ),
        None => tr!(viewer.edit_line, line = text.clone()),
    };
    let title = read_as
        .as_ref()
        .map(|read| tr!(viewer.read_as, read = read.clone()));
    let is_corrected = read_as.is_some();
    let content = move || {
        if is_editing.get() {
            let text = text.clone();
            return view! { <LineEditor viewer block part text back=format!(".text-line[data-line=\"{number}\"] .line-edit")/> }.into_any();
        }
        let hits = found.with(|found| found.get(&number).cloned().unwrap_or_default());
        let marked = if viewer.shows_doubts.get() {
            &doubtful[..]
        } else {
            &[]
        };
        let pieces = find::segments(&text, marked, &hits)
            .into_iter()
            .map(|segment| piece(viewer, segment))
            .collect_view();
        // The first line takes the focus until another one has it.
        let tabindex = move || {
            if viewer.active.get().unwrap_or(0) == number {
                "0"
            } else {
                "-1"
            }
        };
        view! {
            {pieces}
            <button
                type="button"
                class="icon-button line-edit"
                aria-label=label.clone()
                title=tr!(viewer.edit)
                tabindex=tabindex
                on:focus=move |_| viewer.active.set(Some(number))
                on:click=move |event| {
                    event.stop_propagation();
                    edit();
                }
            >
                <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M3 13l1-3.5L10.5 3 13 5.5 6.5 12z"/></svg>
            </button>
        }
        .into_any()
    };
    view! {
        <span
            class="text-line"
            class:text-line-active=move || viewer.active.get() == Some(number)
            class:text-line-corrected=is_corrected
            data-line=number.to_string()
            dir="auto"
            title=title
            on:mouseenter=move |_| {
                if viewer.editing.get_untracked().is_none() {
                    viewer.active.set(Some(number));
                }
            }
            on:click=move |_| {
                viewer.active.set(Some(number));
                reveal(".box", number);
            }
            on:dblclick=move |_| edit()
        >
            {content}
        </span>
    }
}

/// A piece of a line.
fn piece(viewer: Viewer, segment: Segment) -> AnyView {
    let Segment {
        text,
        is_doubtful,
        hit,
    } = segment;
    match hit {
        Some(number) => {
            let is_here = move || viewer.hit.get() == number;
            view! { <mark class="found" class:found-here=is_here class:doubtful=is_doubtful>{text}</mark> }.into_any()
        }
        None if is_doubtful => {
            view! { <span class="doubtful" title=tr!(viewer.doubtful)>{text}</span> }.into_any()
        }
        None => text.into_any(),
    }
}

/// From the button of a line: arrow keys go from line to line, F2 corrects.
fn on_key(event: &KeyboardEvent, viewer: Viewer, n_lines: usize) {
    if super::is_writing(event) || event.alt_key() {
        return;
    }
    if event.key() == "z" && (event.ctrl_key() || event.meta_key()) {
        event.prevent_default();
        return viewer.take_back();
    }
    let at = super::focused_line(event).unwrap_or(0);
    let to = match event.key().as_str() {
        "ArrowDown" => (at + 1).min(n_lines.saturating_sub(1)),
        "ArrowUp" => at.saturating_sub(1),
        "Home" => 0,
        "End" => n_lines.saturating_sub(1),
        "F2" => at,
        _ => return,
    };
    event.prevent_default();
    let button = find_line(".text-line", to)
        .and_then(|line| line.query_selector(".line-edit").ok()?)
        .and_then(|button| button.dyn_into::<HtmlElement>().ok());
    let Some(button) = button else {
        return;
    };
    if event.key() == "F2" {
        return button.click();
    }
    let _ = button.focus();
    reveal(".text-line", to);
    reveal(".box", to);
}
