#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use ocr_chat_document::{Cell, Table};

fn block(kind: BlockKind, text: &str) -> Block {
    Block::new(kind, text, vec![])
}

fn item(level: u8, marker: &str, text: &str) -> Block {
    Block {
        level: Some(level),
        marker: Some(marker.to_owned()),
        ..block(BlockKind::ListItem, &format!("{marker} {text}"))
    }
}

fn page(blocks: Vec<Block>) -> Page {
    Page {
        status: PageStatus::Done,
        blocks,
        ..Page::pending(0)
    }
}

fn of(blocks: Vec<Block>) -> String {
    markdown(&[page(blocks)])
}

fn cell(row: u32, column: u32, column_span: u32, is_header: bool, text: &str) -> Cell {
    Cell {
        row,
        column,
        row_span: 1,
        column_span,
        is_header,
        text: text.into(),
        bbox: BBox::new(1, 2, 3, 4),
    }
}

fn table(n_rows: u32, n_columns: u32, cells: Vec<Cell>) -> Block {
    Block {
        table: Some(Table {
            n_rows,
            n_columns,
            cells,
        }),
        ..block(BlockKind::Table, "")
    }
}

#[test]
fn kinds_become_markup_and_footers_stay_out() {
    let pages = [
        page(vec![
            Block {
                level: Some(2),
                ..block(BlockKind::Heading, "INVOICE")
            },
            block(BlockKind::Paragraph, "Acme Corp\nTotal: 215.00"),
            block(BlockKind::ListItem, "one"),
            block(BlockKind::ListItem, "two"),
            block(BlockKind::Footer, "page 1"),
        ]),
        page(vec![block(BlockKind::Paragraph, "next")]),
    ];
    assert_eq!(
        markdown(&pages),
        "## INVOICE\n\nAcme Corp\\\nTotal: 215.00\n\n- one\n- two\n\n---\n\nnext"
    );
}

#[test]
fn lists_nest_below_the_text_of_their_parent_and_restart() {
    let list = of(vec![
        item(1, "9.", "nine"),
        item(2, "•", "bullet\nits second line"),
        item(1, "10.", "ten"),
        item(2, "a)", "letter"),
        item(1, "1.", "anew"),
    ]);
    assert_eq!(
        list,
        "9. nine\n   - bullet\\\n     its second line\n10. ten\n    - a) letter\n<!-- -->\n\n1. anew"
    );
}

#[test]
fn tables_are_pipes_or_html_where_cells_span() {
    let plain = of(vec![table(
        2,
        2,
        vec![
            cell(0, 0, 1, true, "A|B"),
            cell(0, 1, 1, true, "C\nD"),
            cell(1, 1, 1, false, "- 1"),
        ],
    )]);
    assert_eq!(plain, "| A\\|B | C<br>D |\n| --- | --- |\n|  | - 1 |");
    let headless = of(vec![table(1, 2, vec![cell(0, 0, 1, false, "x")])]);
    assert_eq!(headless, "|   |   |\n| --- | --- |\n| x |  |");
    let spanning = of(vec![table(
        2,
        2,
        vec![cell(0, 0, 2, true, "<Both>"), cell(1, 0, 1, false, "a\nb")],
    )]);
    assert_eq!(
        spanning,
        "<table>\n<thead>\n<tr><th colspan=\"2\">&lt;Both&gt;</th></tr>\n</thead>\n<tbody>\n\
         <tr><td>a<br>b</td><td></td></tr>\n</tbody>\n</table>"
    );
}

#[test]
fn fields_figures_formulas_and_failures_are_said() {
    let mut written = block(BlockKind::Formula, "a b");
    written.set_latex("\\frac{a}{b}");
    let text = of(vec![
        block(BlockKind::KeyValue, "Name:\tA. Person"),
        block(BlockKind::KeyValue, "Date:\t"),
        block(BlockKind::Figure, ""),
        block(BlockKind::Caption, "Fig. 1: A *map*"),
        written,
        block(BlockKind::Formula, "a_1 = b\n[2]"),
        block(BlockKind::Formula, ""),
    ]);
    assert_eq!(
        text,
        "**Name:**\tA. Person\\\n**Date:**\n\n![Fig. 1: A \\*map\\*](page-1-figure-1.png)\n\n\
         *Fig. 1: A \\*map\\**\n\n$$\n\\frac{a}{b}\n$$\n\n![a\\_1 = b \\[2\\]](page-1-formula-1.png)\n\n![Formula](page-1-formula-2.png)"
    );
    let failed = Page::failed(2, "damaged");
    assert_eq!(markdown(&[failed]), "*Page 3 could not be read.*");
}

#[test]
fn spans_count_characters_and_know_their_cells() {
    let blocks = vec![
        block(BlockKind::Paragraph, "ä*𝒳"),
        table(1, 1, vec![cell(0, 0, 1, true, "köln")]),
    ];
    let map = markdown_map(&[page(blocks)]);
    let chars: Vec<char> = map.markdown.chars().collect();
    let texts: Vec<String> = map
        .spans
        .iter()
        .map(|span| {
            let markdown: String = chars[span.start..span.end].iter().collect();
            span.plain_text(&markdown)
        })
        .collect();
    assert_eq!(texts, ["ä*𝒳", "köln"]);
    assert_eq!((map.spans[1].block, map.spans[1].cell), (1, Some(0)));
    assert_eq!(map.spans[1].bbox, BBox::new(1, 2, 3, 4));
}
