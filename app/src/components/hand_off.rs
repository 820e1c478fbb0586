//! The offer to have weak pages read on the server, and what came of it.

use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;
use ocr_chat_document::Tier;
use ocr_chat_i18n::tr;
use wasm_bindgen_futures::spawn_local;

use crate::api::server::{self, Prices};
use crate::jobs::Doc;
use crate::jobs::handoff::{self, HandOffStep, Weakness, weak_pages};
use crate::messages::Problem;

/// Offers, where pages are weak, to have them read on the server; says what is sent and what it costs before anything leaves.
#[component]
pub(super) fn Offer(doc: Doc) -> impl IntoView {
    let step = doc.keeping.hand_off.step;
    let weak = Memo::new(move |_| weak_pages(doc));
    let prices = RwSignal::new(None::<Prices>);
    let tier = RwSignal::new(Tier::Cpu);
    let is_offered = Memo::new(move |_| {
        matches!(step.get(), HandOffStep::Offered | HandOffStep::Failed(_))
            && weak.with(|weak| !weak.is_empty())
    });
    let is_open = Memo::new(move |_| step.with(HandOffStep::is_open));
    Effect::new(move || {
        // The price list alone is asked for, and only when there is something to offer.
        if is_offered.get() && prices.with_untracked(Option::is_none) {
            spawn_local(async move {
                let found = server::prices().await;
                prices.try_set(found);
            });
        }
    });
    let send = move |_| {
        let pages: BTreeSet<u32> = weak.get_untracked().into_keys().collect();
        handoff::start(doc, pages, tier.get_untracked());
    };
    let what_is_sent = move || match doc.pages.with(Vec::len) {
        1 => tr!(files.sent_picture),
        _ => tr!(files.sent_file),
    };
    let price = move || {
        let n_pages = weak.with(BTreeMap::len);
        prices
            .get()
            .map(|prices| price(prices, tier.get(), n_pages))
    };
    let option = move |choice: Tier, label: &'static str| {
        view! {
            <label class="switch-option">
                <input
                    type="radio"
                    name="hand-off-tier"
                    prop:checked=move || tier.get() == choice
                    on:change=move |_| tier.set(choice)
                />
                <span>{label}</span>
            </label>
        }
    };
    let progress = move || match step.get() {
        HandOffStep::Reading { n_done, n_pages } => {
            tr!(files.server_reads, n = n_done, n_pages = n_pages)
        }
        _ => tr!(files.sending).to_owned(),
    };
    let share = move || match step.get() {
        HandOffStep::Reading { n_done, n_pages } if n_done > 0 => {
            Some((n_done as f64 / n_pages.max(1) as f64).to_string())
        }
        _ => None,
    };
    view! {
        <Show when=move || is_offered.get()>
            <section class="note hand-off" aria-label=tr!(files.hand_off) data-hand-off="">
                <p>
                    <strong>{move || weak.with(sentence)}</strong> " "
                    {move || weak.with(reasons)}
                </p>
                <p class="muted">{what_is_sent}</p>
                <div class="row">
                    <fieldset class="switch">
                        <legend class="visually-hidden">{tr!(files.tier)}</legend>
                        {option(Tier::Cpu, tr!(files.tier_standard))}
                        {option(Tier::Vlm, tr!(files.tier_premium))}
                    </fieldset>
                    <span class="hand-off-price" data-price="">
                        {move || price().unwrap_or_else(|| tr!(files.price_unknown).to_owned())}
                    </span>
                    <button
                        type="button"
                        class="button button-small"
                        prop:disabled=move || prices.with(Option::is_none)
                        on:click=send
                    >
                        {move || tr!(files.read_on_server, count = weak.with(BTreeMap::len))}
                    </button>
                    <button
                        type="button"
                        class="button button-small"
                        on:click=move |_| step.set(HandOffStep::Declined)
                    >
                        {tr!(files.not_now)}
                    </button>
                </div>
                {move || match step.get() {
                    HandOffStep::Failed(Problem { code, title, advice }) => Some(
                        view! { <p class="note-bad" role="alert" data-code=code>{title} " " {advice}</p> },
                    ),
                    _ => None,
                }}
            </section>
        </Show>
        <Show when=move || is_open.get()>
            <div class="note note-row" data-hand-off="">
                <p class="progress-text" role="status">{progress}</p>
                <progress class="bar" max="1" value=share aria-label=tr!(files.hand_off)></progress>
                <button type="button" class="button button-small" on:click=move |_| handoff::cancel(doc)>
                    {tr!(common.cancel)}
                </button>
            </div>
        </Show>
    }
}

/// Says which pages the server has read, with the way back.
#[component]
pub(super) fn HandedOver(doc: Doc) -> impl IntoView {
    let pages = Memo::new(move |_| doc.keeping.handed_over.get());
    let can_undo = move || {
        doc.keeping
            .originals
            .with(|originals| !originals.is_empty())
    };
    let text = move || {
        pages.with(|pages| {
            tr!(
                files.pages_from_server,
                count = pages.len(),
                pages = numbers(pages)
            )
        })
    };
    view! {
        <Show when=move || pages.with(|pages| !pages.is_empty())>
            <div class="note note-row" data-handed-over="">
                <p role="status"><span class="badge" data-place="server">{text}</span></p>
                <Show when=can_undo>
                    <button type="button" class="button button-small" on:click=move |_| handoff::undo(doc)>
                        {tr!(files.undo_hand_off)}
                    </button>
                </Show>
            </div>
        </Show>
    }
}

/// `3 pages, 6 credits`, or that it is free.
fn price(prices: Prices, tier: Tier, n_pages: usize) -> String {
    let pages = tr!(common.n_pages, count = n_pages);
    if !prices.is_metered {
        return tr!(files.price_free, pages = pages);
    }
    let n_credits = prices.of(tier) as usize * n_pages;
    let credits = tr!(files.n_credits, count = n_credits);
    tr!(files.price, pages = pages, credits = credits)
}

fn sentence(weak: &BTreeMap<u32, Weakness>) -> String {
    let pages: BTreeSet<u32> = weak.keys().copied().collect();
    tr!(
        files.weak_pages,
        count = pages.len(),
        pages = numbers(&pages)
    )
}

/// Each reason once.
fn reasons(weak: &BTreeMap<u32, Weakness>) -> String {
    let reasons: BTreeSet<Weakness> = weak.values().copied().collect();
    let reasons: Vec<&str> = reasons
        .into_iter()
        .map(|weakness| match weakness {
            Weakness::Uncertain => tr!(files.weak_uncertain),
            Weakness::Table => tr!(files.weak_table),
            Weakness::Script => tr!(files.weak_script),
            Weakness::Unread => tr!(files.weak_unread),
        })
        .collect();
    reasons.join(" ")
}

/// The pages as people count them: `2, 5`.
fn numbers(pages: &BTreeSet<u32>) -> String {
    let numbers: Vec<String> = pages.iter().map(|index| (index + 1).to_string()).collect();
    numbers.join(", ")
}
