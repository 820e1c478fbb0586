//! The tables of a page as tables: copied for spreadsheets or as Markdown, corrected cell by cell.

use std::sync::Arc;

use leptos::prelude::*;
use ocr_chat_document::{Block, Cell, Page, Part, Table};
use ocr_chat_i18n::tr;

use super::line_editor::LineEditor;
use super::page_text::Copying;
use super::viewer::Viewer;

/// Tables with more places than this are shown as text.
const MAX_PLACES: u32 = 20_000;

/// The tables of the shown page, and the ways to those of others.
pub(super) fn tables_of(page: &Arc<Page>, viewer: Viewer) -> impl IntoView + use<> {
    let here = page.index as usize;
    let tables = page
        .blocks
        .iter()
        .enumerate()
        .filter(|(_, block)| block.table.is_some())
        .enumerate()
        .map(|(number, (block_idx, block))| {
            view! { <TableView page=Arc::clone(page) viewer block_idx block=block.clone() number=number + 1/> }
        })
        .collect_view();
    let is_empty = page.blocks.iter().all(|block| block.table.is_none());
    let others = move || {
        let has_table = |page: &Arc<Page>| page.blocks.iter().any(|block| block.table.is_some());
        let pages = viewer.doc.pages.with(|slots| {
            let slots = slots.iter().enumerate();
            slots
                .filter(|(_, slot)| slot.page.with(|page| page.as_ref().is_some_and(has_table)))
                .map(|(page_idx, _)| page_idx)
                .filter(|page_idx| *page_idx != here)
                .collect::<Vec<_>>()
        });
        (!pages.is_empty()).then(|| {
            let buttons = pages
                .into_iter()
                .map(|page_idx| {
                    view! {
                        <button
                            type="button"
                            class="button button-small"
                            on:click=move |_| viewer.show_page(page_idx)
                        >
                            {tr!(viewer.page_n, n = page_idx + 1)}
                        </button>
                    }
                })
                .collect_view();
            view! {
                <div class="tables-others">
                    <p class="muted">{tr!(viewer.tables_elsewhere)}</p>
                    <div class="row">{buttons}</div>
                </div>
            }
        })
    };
    view! {
        {is_empty.then(|| view! { <p class="muted">{tr!(viewer.no_table_here)}</p> })}
        {tables}
        {others}
    }
}

#[component]
fn TableView(
    page: Arc<Page>,
    viewer: Viewer,
    block_idx: usize,
    block: Block,
    /// Among those of the page, from 1.
    number: usize,
) -> impl IntoView {
    let table = block.table.clone()?;
    let here = page.index as usize;
    let bbox = block.bbox;
    let id = format!("table-{number}");
    let (for_sheets, for_markdown) = (table.clone(), Arc::clone(&page));
    let content = if table.n_rows.saturating_mul(table.n_columns) > MAX_PLACES {
        view! { <pre class="source">{block.text}</pre> }.into_any()
    } else {
        view! { <Grid page viewer block_idx table label=id.clone()/> }.into_any()
    };
    Some(view! {
        <section class="table-view">
            <div class="table-head">
                <h3 id=id class="table-name">{tr!(viewer.table_n, n = number)}</h3>
                <button
                    type="button"
                    class="button button-small"
                    on:click=move |_| viewer.show_spots(here, vec![bbox])
                >
                    {tr!(viewer.show_in_picture)}
                </button>
                <Copying label=tr!(viewer.copy_tsv) content=move || Some(tsv(&for_sheets))/>
                <Copying
                    label=tr!(viewer.copy_table_markdown)
                    content=move || Some(markdown(&for_markdown, block_idx))
                />
            </div>
            <div class="table-scroll" tabindex="0" role="region" aria-labelledby=format!("table-{number}")>
                {content}
            </div>
        </section>
    })
}

#[component]
fn Grid(
    page: Arc<Page>,
    viewer: Viewer,
    block_idx: usize,
    table: Table,
    label: String,
) -> impl IntoView {
    let n_header_rows = table.n_header_rows();
    let mut is_covered = vec![false; (table.n_rows * table.n_columns) as usize];
    let mut rows = Vec::new();
    for row in 0..table.n_rows {
        let mut cells = Vec::new();
        for column in 0..table.n_columns {
            let at = (row * table.n_columns + column) as usize;
            if is_covered[at] {
                continue;
            }
            let here = |(_, cell): &(usize, &Cell)| (cell.row, cell.column) == (row, column);
            let Some((cell_idx, cell)) = table.cells.iter().enumerate().find(here) else {
                cells.push(view! { <td></td> }.into_any());
                continue;
            };
            for row in cell.row..(cell.row + cell.row_span).min(table.n_rows) {
                for column in cell.column..(cell.column + cell.column_span).min(table.n_columns) {
                    is_covered[(row * table.n_columns + column) as usize] = true;
                }
            }
            let read_as = page.read_as(block_idx, Part::Cell(cell_idx as u32));
            let read_as = read_as.map(str::to_owned);
            let scope = if row < n_header_rows { "col" } else { "row" };
            cells.push(
                view! { <TableCell viewer block_idx cell_idx cell=cell.clone() scope read_as/> }
                    .into_any(),
            );
        }
        rows.push(view! { <tr>{cells}</tr> });
    }
    let rest = rows.split_off((n_header_rows as usize).min(rows.len()));
    let head = (!rows.is_empty()).then(|| view! { <thead>{rows}</thead> });
    view! {
        <table class="grid" dir="auto" aria-labelledby=label>
            {head}
            <tbody>{rest}</tbody>
        </table>
    }
}

#[component]
fn TableCell(
    viewer: Viewer,
    block_idx: usize,
    cell_idx: usize,
    cell: Cell,
    scope: &'static str,
    read_as: Option<String>,
) -> impl IntoView {
    let part = Part::Cell(cell_idx as u32);
    let is_editing = Memo::new(move |_| viewer.editing.get() == Some((block_idx, part)));
    let edit = move || viewer.editing.set(Some((block_idx, part)));
    let text = cell.text.clone();
    let id = format!("cell-{block_idx}-{cell_idx}");
    let back = format!("#{id} .line-edit");
    let bbox = cell.bbox;
    let look = move || {
        let page_idx = viewer.doc.page_idx.get_untracked();
        viewer.spots.set(Some((page_idx, vec![bbox])));
    };
    let content = move || {
        if is_editing.get() {
            let (text, back) = (text.clone(), back.clone());
            return view! { <LineEditor viewer block=block_idx part text back/> }.into_any();
        }
        view! {
            <span class="cell-text">{text.clone()}</span>
            <button
                type="button"
                class="icon-button line-edit"
                aria-label=tr!(viewer.edit_cell, text = text.clone())
                title=tr!(viewer.edit)
                on:focus=move |_| look()
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
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "F2" && !super::is_writing(&event) {
            event.prevent_default();
            edit();
        }
    };
    let title = read_as.map(|read| tr!(viewer.read_as, read = read));
    let class = if title.is_some() {
        "cell cell-corrected"
    } else {
        "cell"
    };
    let (rows, columns) = (cell.row_span.to_string(), cell.column_span.to_string());
    if cell.is_header {
        view! {
            <th id=id class=class scope=scope rowspan=rows colspan=columns title=title on:click=move |_| look() on:dblclick=move |_| edit() on:keydown=on_key>
                {content}
            </th>
        }
        .into_any()
    } else {
        view! {
            <td id=id class=class rowspan=rows colspan=columns title=title on:click=move |_| look() on:dblclick=move |_| edit() on:keydown=on_key>
                {content}
            </td>
        }
        .into_any()
    }
}

/// The table as spreadsheets take it from the clipboard: every row with all its columns.
fn tsv(table: &Table) -> String {
    let row = |row: u32| {
        let texts = table.row_texts(row).into_iter();
        let texts: Vec<String> = texts.map(|text| text.replace(['\n', '\t'], " ")).collect();
        texts.join("\t")
    };
    (0..table.n_rows).map(row).collect::<Vec<_>>().join("\n")
}

fn markdown(page: &Page, block_idx: usize) -> String {
    let page = Page {
        blocks: page.blocks.get(block_idx).cloned().into_iter().collect(),
        ..Page::pending(page.index)
    };
    let page = Page {
        status: ocr_chat_document::PageStatus::Done,
        ..page
    };
    ocr_chat_export::markdown([&page])
}

#[cfg(test)]
mod tests {
    use ocr_chat_document::BBox;

    use super::*;

    #[test]
    fn a_copy_for_spreadsheets_has_every_column_in_every_row() {
        let cell = |row, column, text: &str| Cell {
            row,
            column,
            row_span: 1,
            column_span: 1,
            is_header: false,
            text: text.to_owned(),
            bbox: BBox::default(),
        };
        let table = Table {
            n_rows: 2,
            n_columns: 3,
            cells: vec![cell(0, 0, "Green\ntea"), cell(1, 1, "2")],
        };
        assert_eq!(tsv(&table), "Green tea\t\t\n\t2\t");
    }
}
