//! Published answers of each format, whole, damaged and at random.

use ocr_chat_document::BlockKind::{self, *};
use ocr_chat_vision::parse::{Format, Parsed, ParsedBlock, parse};
use tokio::time::Instant;

const ALL: [(Format, &str); 9] = [
    (Format::Grounding, include_str!("formats/deepseek-ocr.txt")),
    (Format::Doctags, include_str!("formats/granite-docling.txt")),
    (
        Format::Region,
        include_str!("formats/paddleocr-vl-table.txt"),
    ),
    (Format::FrontMatter, include_str!("formats/olmocr.txt")),
    (Format::LayoutHtml, include_str!("formats/chandra.html")),
    (Format::JsonList, include_str!("formats/dots-ocr.json")),
    (Format::JsonList, include_str!("formats/qwen3-vl.json")),
    (Format::LayoutHtml, include_str!("formats/qwen2.5-vl.html")),
    (Format::Markdown, MARKDOWN),
];

const MARKDOWN: &str = "\
Invoice\n=======\n\nTo: **Ada Lovelace**  \n12 St James's Square\n\n## Items\n\n1. Punched cards\n2. Oil\n   - whale\n   - olive\n\n\
| Item | Price |\n|------|------:|\n| Cards | 12.00 |\n\n$$\n\\sum_i x_i\n$$\n\n![engine](a.png)\n\n---\n\n<div align=\"center\">\n\n\
<table>\n<tr><td rowspan=\"2\">A</td><td>B</td></tr>\n<tr><td>C</td></tr>\n</table>\n\n</div>\n\nPaid in full.\n";

fn shape(parsed: &Parsed) -> Vec<(BlockKind, &str)> {
    parsed
        .blocks
        .iter()
        .map(|block| (block.kind, block.text.as_str()))
        .collect()
}

fn read(idx: usize) -> Parsed {
    let (format, answer) = ALL[idx];
    parse(format, answer)
}

#[test]
fn deepseek_ocr() {
    let parsed = read(0);
    assert_eq!(
        shape(&parsed),
        [
            (Figure, ""),
            (Paragraph, "# Parameter:"),
            (Paragraph, "p=b**4+a**3*b-a**2*b**2-a*b**3;"),
            (Paragraph, "Gemäss Ausgabe gilt"),
            (Formula, "p = b \\cdot (a - b)^2 \\cdot (a + b)."),
            (Paragraph, "(13)"),
            (Heading, "7. Terme Vereinfachen mit Python/Sympy"),
            (
                Paragraph,
                "Wir vereinfachen jeweils den Term mit Python/Sympy."
            ),
        ]
    );
    assert_eq!(parsed.blocks[4].bbox, Some([149.0, 170.0, 373.0, 196.0]));
    assert_eq!(parsed.blocks[6].level, Some(2));
    assert!(!parsed.is_damaged);
}

#[test]
fn deepseek_ocr_that_was_asked_for_text_alone() {
    let parsed = parse(
        Format::Grounding,
        "<|ref|>合計<|/ref|><|det|>[[1, 2, 3, 4]]<|/det|>\n<|ref|>300円<|/ref|><|det|>[[5, 2, 9, 4],[10, 2, 12, 5]]<|/det|>",
    );
    assert_eq!(shape(&parsed), [(Paragraph, "合計"), (Paragraph, "300円")]);
    assert_eq!(parsed.blocks[1].bbox, Some([5.0, 2.0, 12.0, 5.0]));
}

#[test]
fn granite_docling() {
    let parsed = read(1);
    assert_eq!(
        shape(&parsed),
        [
            (Header, "arXiv:2206.01062v1 [cs.CV] 2 Jun 2022"),
            (
                Heading,
                "DocLayNet: A Large Human-Annotated Dataset for Document-Layout Analysis"
            ),
            (
                Paragraph,
                "Birgit Pfitzmann IBM Research Rueschlikon, Switzerland bpf@zurich.ibm.com"
            ),
            (Caption, "Table 1. Caption text."),
            (Table, "A\tB\n1\t2\t3"),
            (ListItem, "• First"),
            (ListItem, "• Second"),
            (Figure, ""),
            (Formula, "e = mc^2"),
            (Footer, "7"),
        ]
    );
    assert_eq!(parsed.blocks[4].bbox, Some([114.0, 212.0, 388.0, 297.0]));
    assert!(parsed.blocks[4].table.as_ref().unwrap().has_spans());
    assert!(!parsed.is_damaged);
}

#[test]
fn paddleocr_vl() {
    let parsed = read(2);
    let table = parsed.blocks[0].table.as_ref().unwrap();
    assert_eq!((table.n_rows, table.n_columns), (3, 3));
    assert_eq!(
        table.row_texts(1),
        ["[41,51)", "2", "\\( \\frac{2}{30} \\)"]
    );
    let formula = parse(Format::Region, "\\[ \\frac{a}{b} \\]");
    assert_eq!(shape(&formula), [(Formula, "\\frac{a}{b}")]);
    let text = parse(Format::Region, "Line one\nLine two, with $x$");
    assert_eq!(shape(&text), [(Paragraph, "Line one\nLine two, with $x$")]);
}

#[test]
fn olmocr() {
    let parsed = read(3);
    assert_eq!(parsed.language.as_deref(), Some("en"));
    assert_eq!(
        shape(&parsed),
        [
            (
                Paragraph,
                "UNITED STATES SECURITIES AND EXCHANGE COMMISSION Washington, D.C. 20549"
            ),
            (
                Paragraph,
                "This is the corrected text from the document, with $m$ relating to $m'$."
            ),
            (Formula, "E = mc^2"),
            (Table, "Year\tFee\n2019\t$12"),
            (Figure, ""),
        ]
    );
}

#[test]
fn chandra() {
    let parsed = read(4);
    assert_eq!(
        shape(&parsed),
        [
            (Header, "Fossils 86"),
            (Heading, "Etymology"),
            (
                Paragraph,
                "The generic name is derived from the Greek megálo."
            ),
            (Figure, ""),
            (Caption, "Fig. 1. Studied locality."),
            (Table, "Description\tQty\nWeb design\t1"),
            (Formula, "x = \\frac{1}{2}"),
            (ListItem, "• First"),
            (ListItem, "• Second"),
        ]
    );
    assert_eq!(parsed.blocks[1].level, Some(4));
    assert_eq!(parsed.blocks[5].bbox, Some([48.0, 289.0, 717.0, 351.0]));
}

#[test]
fn dots_ocr() {
    let parsed = read(5);
    assert_eq!(
        shape(&parsed),
        [
            (Header, "EXPOSURE TO MEAT AND RISK OF LYMPHOMA"),
            (Heading, "Annual Report"),
            (Heading, "1 Overview"),
            (Paragraph, "Revenue rose in every quarter."),
            (ListItem, "• Paid in cash"),
            (Table, "Model\tScore\nAlpha\t1\t2"),
            (Formula, "\\frac{1}{N} \\sum x_i"),
            (Figure, ""),
            (Caption, "Figure 1: Results"),
        ]
    );
    assert_eq!(parsed.blocks[0].bbox, Some([628.0, 172.0, 1077.0, 194.0]));
    assert_eq!(
        (parsed.blocks[1].level, parsed.blocks[2].level),
        (Some(1), Some(2))
    );
}

#[test]
fn dots_ocr_that_breaks_off_keeps_what_it_has_written() {
    let (_, whole) = ALL[5];
    let cut = &whole[..whole.find("in **every").unwrap() + 4];
    let parsed = parse(Format::JsonList, cut);
    assert!(parsed.is_damaged);
    assert_eq!(shape(&parsed)[3], (Paragraph, "Revenue rose in *"));
    // Damage in the middle costs its object alone.
    let broken = whole.replace("\"Section-header\",", "\"Section-header\"");
    let parsed = parse(Format::JsonList, &broken);
    assert!(parsed.is_damaged);
    assert_eq!(parsed.blocks.len(), 8);
}

#[test]
fn qwen_vl() {
    let parsed = read(6);
    assert_eq!(
        shape(&parsed),
        [
            (Paragraph, "auberge du vieux moulin"),
            (Paragraph, "Total 12,50"),
            (Table, "Item\tPrice\nSoup\t4,50"),
        ]
    );
    assert_eq!(parsed.blocks[0].bbox, Some([120.0, 45.0, 880.0, 90.0]));
    let html = read(7);
    assert_eq!(
        shape(&html),
        [
            (Heading, "Qwen2.5-VL Technical Report"),
            (
                Paragraph,
                "We introduce Qwen2.5-VL, the latest flagship model."
            ),
            (Figure, ""),
            (Formula, "a^2 + b^2 = c^2"),
            (Table, "a\tb"),
        ]
    );
    assert!(html.blocks.iter().all(|block| block.bbox.is_some()));
}

#[test]
fn markdown() {
    let parsed = read(8);
    assert_eq!(
        shape(&parsed),
        [
            (Heading, "Invoice"),
            (Paragraph, "To: Ada Lovelace\n12 St James's Square"),
            (Heading, "Items"),
            (ListItem, "1. Punched cards"),
            (ListItem, "2. Oil"),
            (ListItem, "• whale"),
            (ListItem, "• olive"),
            (Table, "Item\tPrice\nCards\t12.00"),
            (Formula, "\\sum_i x_i"),
            (Figure, ""),
            (Table, "A\tB\n\tC"),
            (Paragraph, "Paid in full."),
        ]
    );
    let levels: Vec<_> = parsed.blocks[3..7]
        .iter()
        .map(|block| block.level)
        .collect();
    assert_eq!(levels, [Some(1), Some(1), Some(2), Some(2)]);
}

/// xorshift64*: the same sequence on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % limit.max(1)
    }
}

fn check(block: &ParsedBlock, answer: &str) {
    assert!(
        block
            .bbox
            .is_none_or(|bbox| bbox.iter().all(|n| n.is_finite())),
        "{answer}"
    );
    let Some(table) = &block.table else { return };
    let mut taken = std::collections::HashSet::new();
    for cell in &table.cells {
        for row in cell.row..cell.row + cell.row_span {
            for column in cell.column..cell.column + cell.column_span {
                assert!(row < table.n_rows && column < table.n_columns, "{answer}");
                assert!(taken.insert((row, column)), "cells overlap: {answer}");
            }
        }
    }
}

#[test]
fn every_start_of_every_answer_is_read_by_every_parser() {
    let formats = [
        Format::Markdown,
        Format::FrontMatter,
        Format::Grounding,
        Format::JsonList,
        Format::Doctags,
        Format::LayoutHtml,
        Format::Region,
    ];
    for (own, answer) in ALL {
        let whole = parse(own, answer).blocks.len();
        let mut n_blocks = 0;
        for (end, _) in answer.char_indices() {
            let parsed = parse(own, &answer[..end]);
            parsed.blocks.iter().for_each(|block| check(block, answer));
            n_blocks = n_blocks.max(parsed.blocks.len());
        }
        assert!(
            n_blocks + 1 >= whole,
            "{own:?} loses what stands before the damage"
        );
        for format in formats {
            parse(format, answer)
                .blocks
                .iter()
                .for_each(|block| check(block, answer));
        }
    }
}

#[test]
fn random_damage_never_panics() {
    let pieces = [
        "<",
        ">",
        "|",
        "\n",
        "$",
        "$$",
        "\\[",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "<table>",
        "<tr>",
        "<td colspan=9 rowspan=7>",
        "</td>",
        "<|ref|>",
        "<|det|>",
        "<otsl>",
        "<fcel>",
        "<ucel>",
        "<xcel>",
        "<lcel>",
        "<nl>",
        "<loc_9>",
        "---\n",
        "```",
        "- ",
        "1. ",
        "&#x",
        "é",
        "漢",
        "\u{0}",
        "data-bbox=\"1 2 3 4\"",
        "<div ",
        "![",
        "](",
        "**",
        "\\",
        "</think>",
    ];
    let mut random = Random(7);
    for round in 0..4_000 {
        let (format, answer) = ALL[random.below(ALL.len())];
        let mut text: Vec<char> = answer.chars().collect();
        for _ in 0..=random.below(12) {
            let at = random.below(text.len());
            match random.below(3) {
                0 => text.truncate(at + 1),
                1 => {
                    text.remove(at);
                }
                _ => {
                    let piece = pieces[random.below(pieces.len())];
                    text.splice(at..at, piece.chars());
                }
            }
            if text.is_empty() {
                break;
            }
        }
        let text: String = text.into_iter().collect();
        let format = if round % 3 == 0 {
            ALL[random.below(ALL.len())].0
        } else {
            format
        };
        parse(format, &text)
            .blocks
            .iter()
            .for_each(|block| check(block, &text));
    }
}

#[test]
fn long_answers_of_beginnings_take_no_square_of_time() {
    for piece in [
        "<a",
        "[",
        "\\[",
        "$ ",
        "{\"a\":",
        "<td>",
        "<otsl>",
        "<|ref|>",
        "**",
        "| ",
        "- ",
        "<div data-label=a>",
        "<a \"",
        "<table>\n",
    ] {
        let long = piece.repeat(40_000 / piece.len());
        for (format, _) in ALL {
            let began = Instant::now();
            let _ = parse(format, &long);
            // Milliseconds, in a debug build; a square of 40,000 would take minutes.
            let seconds = began.elapsed().as_secs_f32();
            assert!(seconds < 5.0, "{format:?} {piece}: {seconds} s");
        }
    }
}

#[test]
fn mistrals_published_answer_has_its_picture_and_its_caption() {
    let answer: serde_json::Value =
        serde_json::from_str(include_str!("formats/mistral.json")).unwrap();
    let markdown = answer["pages"][0]["markdown"].as_str().unwrap();
    let parsed = parse(Format::Markdown, markdown);
    assert_eq!(
        shape(&parsed)[0],
        (
            Heading,
            "LEVERAGING UNLABELED DATA TO PREDICT OUT-OF-DISTRIBUTION PERFORMANCE"
        )
    );
    assert_eq!(
        shape(&parsed)[1].1,
        "Saurabh Garg*\nCarnegie Mellon University\nsgarg2@andrew.cmu.edu"
    );
    let figure = parsed
        .blocks
        .iter()
        .position(|block| block.kind == Figure)
        .unwrap();
    assert!(
        parsed.blocks[figure + 1]
            .text
            .starts_with("Figure 1: Illustration")
    );
}
