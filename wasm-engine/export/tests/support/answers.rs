//! The documents of the goldens.

use ocr_chat_document::{Answer, BlockKind, Detail, Document, EngineInfo, Page, PageStatus};
use ocr_chat_export::markdown;

use super::builder::PageBuilder;

/// The documents by name.
pub(crate) fn answers() -> Vec<(&'static str, Answer)> {
    vec![
        ("arabic", answer(vec![arabic()])),
        ("chinese", answer(vec![chinese()])),
        ("english", answer(english())),
        ("escapes", answer(vec![escapes()])),
        ("figures", answer(vec![figures()])),
        ("form", answer(vec![form()])),
        ("formulas", answer(vec![formulas()])),
        ("hebrew", answer(vec![hebrew()])),
        ("hindi", answer(vec![hindi()])),
        ("japanese", answer(vec![japanese()])),
        ("lists", answer(vec![lists()])),
        ("missing-pages", answer(missing_pages())),
        ("tables", answer(tables())),
        ("thai", answer(vec![thai()])),
        ("tricky", answer(vec![tricky()])),
    ]
}

pub(crate) fn answer(pages: Vec<Page>) -> Answer {
    let markdown = markdown(&pages);
    let document = Document {
        engine: EngineInfo {
            name: "ocr-chat".into(),
            version: "0.0.0".into(),
            models: vec!["golden".into()],
        },
        pages,
        warnings: vec![],
    };
    Answer {
        created_at: Some("2026-01-31T12:00:00Z".into()),
        ..Answer::local(document, "auto", markdown, Detail::Words)
    }
}

fn english() -> Vec<Page> {
    let first = PageBuilder::new(0, "en")
        .block(BlockKind::Header, "Quarterly report")
        .heading(1, "The state of the harbour")
        .flowed(
            "The harbour was dredged in spring, and international shipping returned within a month.",
            &[
                "The harbour was dredged in spring, and inter-",
                "national shipping returned within a month.",
            ],
        )
        .heading(2, "Traffic")
        .paragraph("Ships are counted at the mole.¹ Small craft are not.")
        .heading(3, "By night")
        .paragraph("After dark the light* is the only guide.")
        .block(BlockKind::Footnote, "¹ By the keeper, since 1911.")
        .block(BlockKind::Footnote, "* Out of order in 1932.")
        .block(BlockKind::PageNumber, "1");
    let second = PageBuilder::new(1, "en")
        .block(BlockKind::Header, "Quarterly report")
        .heading(2, "Addresses")
        .paragraph("Harbour Office\n12 Mole Street\nPort Example")
        .block(BlockKind::Formula, "E = mc²")
        .paragraph("Le port est ouvert toute l’année.")
        .in_language("fr")
        .block(BlockKind::Footer, "Confidential")
        .block(BlockKind::PageNumber, "2");
    vec![first.done(), second.done()]
}

fn lists() -> Page {
    PageBuilder::new(0, "en")
        .heading(1, "Lists")
        .item(1, "1.", "First step")
        .item(2, "a)", "Open the lid")
        .item(2, "b)", "Close the lid")
        .item(1, "2.", "Second step\nwith a second line")
        .item(2, "•", "A bullet below a number")
        .item(3, "–", "A dash below the bullet")
        .item(1, "3.", "Third step")
        .paragraph("Another list begins after this.")
        .item(1, "1.", "First again")
        .item(1, "5.", "Fifth after a gap")
        .paragraph("Marks of other kinds:")
        .item(1, "(i)", "Roman in brackets")
        .item(1, "(ii)", "Roman again")
        .item(1, "§ 4", "A section")
        .item(1, "•", "A bullet")
        .done()
}

fn tables() -> Vec<Page> {
    let first = PageBuilder::new(0, "de")
        .heading(1, "Rechnung")
        .block(BlockKind::Caption, "Tabelle 1: Posten")
        .table(
            1,
            &[
                &["Artikel", "Nr.", "Menge", "Preis"],
                &["Kaffee | Tee", "0017", "2", "1.234,50"],
                &["Rabatt", "0018", "1", "-12,00"],
                &["Anteil", "", "", "12,5 %"],
                &["Lager", "", "1.234", "(7,25)"],
            ],
        )
        .paragraph("Alle Preise in Euro.");
    let second = PageBuilder::new(1, "en")
        .table(
            2,
            &[
                &["v Region", ">> Sales\n(thousands)", "^", "^"],
                &["^", "Q1", "Q2", "Q3"],
                &["vv North", "10", "12", "9"],
                &["^", "> none", "^", "3"],
                &["^", "", "4", "=1+1"],
            ],
        )
        .table(0, &[&["no", "header"], &["+66 2 123 4567", "12.05.2026"]]);
    vec![first.done(), second.done()]
}

fn form() -> Page {
    PageBuilder::new(0, "en")
        .heading(1, "Application")
        .field("Name:", "Ada Example")
        .field("Date of birth:", "1 May 1990")
        .field("Signature:", "")
        .paragraph("Please return by post.")
        .field("Office use:", "17/b")
        .done()
}

fn figures() -> Page {
    PageBuilder::new(0, "en")
        .heading(1, "Figures")
        .figure(300, 200, "")
        .block(BlockKind::Caption, "Figure 1: The *old* harbour")
        .figure(200, 120, "SALE 50 %")
        .paragraph("Text between the figures.")
        .figure(120, 60, "")
        .done()
}

/// A formula as it was read, one that a model wrote, and one of which nothing was read.
fn formulas() -> Page {
    PageBuilder::new(0, "en")
        .heading(1, "Formulas")
        .paragraph("The mean of the sample is")
        .formula(300, 60, "1 n\nx = ∑ x_i\nn i=1", None)
        .paragraph("and its energy, with [c] for light,")
        .formula(120, 24, "E = mc2 (1)", Some("E = mc^{2} \\tag{1}"))
        .figure(200, 120, "")
        .block(BlockKind::Caption, "Figure 1: Both")
        .formula(80, 40, "", None)
        .done()
}

fn missing_pages() -> Vec<Page> {
    let blank = Page {
        status: PageStatus::Blank,
        ..PageBuilder::new(1, "en").done()
    };
    vec![
        PageBuilder::new(0, "en")
            .paragraph("The first page.")
            .done(),
        blank,
        Page::failed(2, "The picture is damaged."),
        PageBuilder::new(3, "en").paragraph("The last page.").done(),
    ]
}

fn arabic() -> Page {
    PageBuilder::new(0, "ar")
        .heading(1, "فاتورة ضريبية")
        .paragraph("رقم الفاتورة 12 صادرة عن Acme Ltd في القاهرة.")
        .item(1, "•", "البند الأول")
        .item(1, "•", "البند الثاني")
        .table(
            1,
            &[&["الصنف", "السعر"], &["قهوة", "12.50"], &["شاي", "٧٫٢٥"]],
        )
        .done()
}

fn hebrew() -> Page {
    PageBuilder::new(0, "he")
        .heading(1, "חשבונית מס")
        .paragraph("החשבונית מספר 7 הוצאה בתל אביב.")
        .item(1, "1.", "סעיף ראשון")
        .item(1, "2.", "סעיף שני")
        .field("שם:", "דנה לוי")
        .done()
}

fn thai() -> Page {
    PageBuilder::new(0, "th")
        .heading(1, "ใบกำกับภาษี")
        .paragraph("บริษัท ตัวอย่าง จำกัด เลขที่ 12 กรุงเทพฯ")
        .item(1, "๑.", "รายการแรก")
        .table(1, &[&["รายการ", "ราคา"], &["กาแฟ", "1,250.00"]])
        .done()
}

fn hindi() -> Page {
    PageBuilder::new(0, "hi")
        .heading(1, "कर चालान")
        .paragraph("यह चालान दिल्ली में जारी किया गया, संख्या 12।")
        .table(1, &[&["वस्तु", "मूल्य"], &["चाय", "12,34,567.00"]])
        .done()
}

fn chinese() -> Page {
    PageBuilder::new(0, "zh")
        .heading(1, "增值税发票")
        .flowed(
            "本发票由北京示例有限公司开具，编号12。",
            &["本发票由北京示例有限公司", "开具，编号12。"],
        )
        .table(1, &[&["品名", "金额"], &["咖啡", "12.50"]])
        .done()
}

fn japanese() -> Page {
    PageBuilder::new(0, "ja")
        .heading(1, "請求書")
        .paragraph("東京サンプル株式会社が発行しました。")
        .item(1, "・", "コーヒー")
        .item(1, "・", "お茶")
        .done()
}

/// Text that is markup in one format or another, characters that XML does not allow, wrong marks.
fn tricky() -> Page {
    PageBuilder::new(0, "en")
        .heading(2, "# C# <T> & \"co\" #")
        .paragraph("1. not a list\n- nor this\n* or this\n> or that\n```\n| a | b |")
        .paragraph(
            "bell\u{7} null\u{0} escape\u{1b}[0m &amp; &lt; _x0041_ [link](x) ~~gone~~ $5 \\frac",
        )
        .formula(
            160,
            40,
            "a/b = √c1",
            Some("\\frac{a}{b} = \\sqrt{c_1} < \"2\" & d"),
        )
        .item(9, "•", "too deep")
        .table(1, &[&["=SUM(A1)", "<b>|</b>"], &["+cmd|x", "a\nb"]])
        .done()
}

/// Blocks of random marks, the same ones each time: whatever a format reads as markup must come back as text.
fn escapes() -> Page {
    const ALPHABET: [&str; 30] = [
        " ", " ", "*", "_", "[", "]", "(", ")", "<", ">", "#", "+", "-", ".", "!", "|", "~", "`",
        "\\", "&", ";", "amp", ":", "\"", "'", "=", "1", "a", "ä", "{",
    ];
    // A linear congruential generator (Knuth's MMIX constants).
    let mut state = 1_u64;
    let mut text = move |n_parts: usize| {
        let mut text = String::from("x");
        while text == "x" || text.trim() != text {
            text.clear();
            for _ in 0..n_parts {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let position = usize::try_from((state >> 33) % 30).unwrap();
                text.push_str(ALPHABET[position]);
            }
        }
        text
    };
    let mut page = PageBuilder::new(0, "en");
    for n_parts in [1, 2, 3, 4, 6, 8, 12, 16, 24] {
        for _ in 0..4 {
            page = page
                .paragraph(&format!("{}\n{}", text(n_parts), text(n_parts)))
                .heading(3, &text(n_parts))
                .item(1, "•", &format!("{}\n{}", text(n_parts), text(n_parts)))
                .block(BlockKind::Caption, &text(n_parts))
                .field(&text(n_parts), &text(n_parts));
        }
        let cells: Vec<String> = (0..4).map(|_| text(n_parts)).collect();
        page = page.table(1, &[&[&cells[0], &cells[1]], &[&cells[2], &cells[3]]]);
    }
    page.done()
}
