//! Fields of papers whose lines are set by hand: geometry as the engine gives it, text as people print it.

use ocr_chat_document::fields::{AmountField, TextField};
use ocr_chat_document::{BBox, Block, BlockKind, Line, Page, PageStatus, Point, Word};
use ocr_chat_fields::{business_card, form, invoice, receipt};

/// Width of a letter in pixels.
const LETTER: i32 = 10;

/// A page of lines: where each begins (x, y, both in pixels), its height and its text. Words stand where their letters do.
fn page(lines: &[(i32, i32, i32, &str)]) -> Page {
    let lines = lines.iter().map(|&(x, y, height, text)| {
        let width = |text: &str| text.chars().count() as i32 * LETTER * height / 20;
        let bbox = BBox::new(x, y, x + width(text), y + height);
        let mut at = 0;
        let words = text.split_whitespace().map(|word| {
            let start = at + text[at..].find(word).unwrap_or_default();
            at = start + word.len();
            let left = x + width(&text[..start]);
            Word {
                text: word.to_owned(),
                bbox: BBox::new(left, y, left + width(word), y + height),
                confidence: 0.9,
            }
        });
        Line {
            words: words.collect(),
            text: text.to_owned(),
            bbox,
            polygon: [
                (bbox.x0, y),
                (bbox.x1, y),
                (bbox.x1, y + height),
                (bbox.x0, y + height),
            ]
            .map(|(x, y)| Point { x, y }),
            confidence: Some(0.9),
        }
    });
    Page {
        status: PageStatus::Done,
        width: 1_000,
        height: 1_400,
        blocks: vec![Block::new(BlockKind::Paragraph, "", lines.collect())],
        ..Page::pending(0)
    }
}

fn text(field: Option<&TextField>) -> &str {
    field.map_or("", |field| &field.value)
}

fn amount(field: Option<&AmountField>) -> f64 {
    field.map_or(f64::NAN, |field| field.value)
}

#[test]
fn a_german_receipt() {
    let page = page(&[
        (300, 20, 30, "Bäckerei Müller GmbH"),
        (300, 60, 20, "Hauptstraße 12, 10115 Berlin"),
        (40, 120, 20, "Datum: 03.02.2024  08:15"),
        (40, 160, 20, "Brötchen"),
        (600, 160, 20, "2 x 0,45"),
        (800, 162, 20, "0,90"),
        (40, 190, 20, "Kaffee groß"),
        (800, 191, 20, "3,20"),
        (40, 240, 20, "Summe EUR"),
        (800, 241, 20, "4,10"),
        (40, 270, 20, "Gegeben BAR"),
        (800, 271, 20, "5,00"),
        (40, 300, 20, "Rückgeld"),
        (800, 300, 20, "0,90"),
        (40, 330, 20, "MwSt 7%"),
        (800, 330, 20, "0,27"),
    ]);
    let found = receipt(&[&page]);
    assert_eq!(text(found.company.as_ref()), "Bäckerei Müller GmbH");
    assert_eq!(text(found.address.as_ref()), "Hauptstraße 12, 10115 Berlin");
    assert_eq!(
        (text(found.date.as_ref()), text(found.time.as_ref())),
        ("2024-02-03", "08:15")
    );
    assert_eq!(amount(found.total.as_ref()), 4.1);
    assert_eq!(amount(found.tax.as_ref()), 0.27);
    assert_eq!(text(found.currency.as_ref()), "EUR");
    let total = found.total.unwrap();
    assert_eq!(
        (total.text.as_str(), total.page, total.bbox),
        ("4,10", 1, BBox::new(800, 241, 840, 261))
    );
    let items: Vec<(&str, f64)> = found
        .items
        .iter()
        .map(|item| (item.description.text.as_str(), amount(item.amount.as_ref())))
        .collect();
    assert_eq!(items, [("Brötchen", 0.9), ("Kaffee groß", 3.2)]);
    assert_eq!(found.items[0].quantity.as_ref().unwrap().value, 2.0);
    assert_eq!(amount(found.items[0].unit_price.as_ref()), 0.45);
}

#[test]
fn the_rounded_sum_is_the_total_and_a_tax_table_is_not() {
    let page = page(&[
        (300, 20, 20, "CORNER SHOP"),
        (40, 100, 20, "TEA"),
        (800, 100, 20, "15.92"),
        (40, 140, 20, "TOTAL"),
        (800, 140, 20, "15.92"),
        (40, 170, 20, "ROUNDING ADJ"),
        (800, 170, 20, "-0.02"),
        (40, 200, 20, "TOTAL ROUNDED"),
        (800, 200, 20, "15.90"),
        (40, 260, 20, "GST SUMMARY"),
        (40, 290, 20, "TOTAL"),
        (500, 290, 20, "15.02"),
        (800, 290, 20, "0.90"),
    ]);
    assert_eq!(amount(receipt(&[&page]).total.as_ref()), 15.9);
}

#[test]
fn a_paper_without_sums_has_none() {
    let page = page(&[
        (40, 20, 20, "Dear Anna,"),
        (40, 60, 20, "see you on the 5th at 10:30."),
    ]);
    let found = receipt(&[&page]);
    assert!(found.total.is_none() && found.items.is_empty() && found.date.is_none());
    assert_eq!(text(found.time.as_ref()), "10:30");
}

#[test]
fn an_english_invoice() {
    let page = page(&[
        (40, 20, 30, "Acme Tools Ltd"),
        (700, 24, 24, "INVOICE"),
        (40, 80, 20, "Bill to:"),
        (600, 80, 20, "Invoice No:"),
        (800, 80, 20, "INV-2024-017"),
        (40, 110, 20, "Jane Doe Trading"),
        (600, 110, 20, "Date:"),
        (800, 110, 20, "2 March 2024"),
        (600, 140, 20, "Due date:"),
        (800, 140, 20, "2024-03-30"),
        (40, 200, 20, "Description"),
        (500, 200, 20, "Qty"),
        (650, 200, 20, "Price"),
        (800, 200, 20, "Amount"),
        (40, 230, 20, "Hammer"),
        (500, 230, 20, "3"),
        (650, 230, 20, "20.00"),
        (800, 230, 20, "60.00"),
        (600, 280, 20, "Subtotal"),
        (800, 280, 20, "$60.00"),
        (600, 310, 20, "VAT 20%"),
        (800, 310, 20, "$12.00"),
        (600, 340, 20, "Amount due"),
        (800, 340, 20, "$72.00"),
        (40, 400, 20, "IBAN: GB29 NWBK 6016 1331 9268 19"),
        (40, 430, 20, "VAT No: GB123456789"),
    ]);
    let found = invoice(&[&page]);
    assert_eq!(text(found.seller.as_ref()), "Acme Tools Ltd");
    assert_eq!(text(found.buyer.as_ref()), "Jane Doe Trading");
    assert_eq!(text(found.number.as_ref()), "INV-2024-017");
    assert_eq!(
        (text(found.date.as_ref()), text(found.due_date.as_ref())),
        ("2024-03-02", "2024-03-30")
    );
    assert_eq!(
        (
            amount(found.subtotal.as_ref()),
            amount(found.tax.as_ref()),
            amount(found.total.as_ref())
        ),
        (60.0, 12.0, 72.0)
    );
    assert_eq!(text(found.iban.as_ref()), "GB29NWBK60161331926819");
    assert_eq!(text(found.tax_id.as_ref()), "GB123456789");
    assert_eq!(text(found.currency.as_ref()), "USD");
    assert_eq!(found.items.len(), 1);
    assert_eq!(found.items[0].quantity.as_ref().unwrap().value, 3.0);
}

#[test]
fn labels_of_a_form_and_what_was_filled_in() {
    let page = page(&[
        (40, 20, 20, "Name: Ada Lovelace"),
        (40, 60, 20, "Born:"),
        (300, 60, 20, "10 December 1815"),
        (40, 100, 20, "Telephone: ______"),
        (40, 140, 20, "Arrival at 10:30"),
    ]);
    let found = form(&[&page]);
    let fields: Vec<(&str, &str)> = found
        .fields
        .iter()
        .map(|field| (field.label.text.as_str(), text(field.value.as_ref())))
        .collect();
    assert_eq!(
        fields,
        [
            ("Name", "Ada Lovelace"),
            ("Born", "10 December 1815"),
            ("Telephone", "")
        ]
    );
    assert_eq!(
        found.fields[0].value.as_ref().unwrap().bbox,
        BBox::new(100, 20, 220, 40)
    );
}

#[test]
fn a_business_card() {
    let page = page(&[
        (40, 20, 24, "Northwind"),
        (40, 80, 30, "Grace Hopper"),
        (40, 120, 20, "Senior Engineer"),
        (40, 180, 20, "Tel +1 (212) 555-0175"),
        (40, 210, 20, "Fax: +1 212 555 0176"),
        (40, 240, 20, "grace.hopper@northwind.com"),
        (40, 270, 20, "www.northwind.com"),
        (40, 300, 20, "12 Harbor Street, New York 10004"),
    ]);
    let found = business_card(&[&page]);
    assert_eq!(text(found.name.as_ref()), "Grace Hopper");
    assert_eq!(text(found.title.as_ref()), "Senior Engineer");
    assert_eq!(text(found.company.as_ref()), "Northwind");
    assert_eq!(text(found.phones.first()), "+12125550175");
    assert_eq!(text(found.faxes.first()), "+12125550176");
    assert_eq!(text(found.emails.first()), "grace.hopper@northwind.com");
    assert_eq!(text(found.websites.first()), "www.northwind.com");
    assert_eq!(
        text(found.address.as_ref()),
        "12 Harbor Street, New York 10004"
    );
    assert_eq!(found.phones.len() + found.faxes.len(), 2);
}

#[test]
fn a_line_that_slants_keeps_its_row() {
    // Two degrees: the price stands 28 pixels lower than the word.
    let mut slanted = page(&[
        (40, 100, 20, "TOTAL OF THIS LONG LINE"),
        (840, 128, 20, "9.50"),
        (40, 140, 20, "CASH AND MORE OF A LINE"),
        (840, 168, 20, "20.00"),
    ]);
    for line in &mut slanted.blocks[0].lines {
        let drop = (line.bbox.width() as f32 * 0.035) as i32;
        line.polygon[1].y += drop;
        line.polygon[2].y += drop;
    }
    assert_eq!(amount(receipt(&[&slanted]).total.as_ref()), 9.5);
}

#[test]
fn a_weight_is_no_legal_form_and_no_quantity() {
    let page = page(&[
        (200, 20, 30, "CORNER GROCERY"),
        (40, 80, 20, "Apples 1.2 kg"),
        (800, 80, 20, "3.15"),
        (40, 110, 20, "Olive oil 500 ml"),
        (800, 110, 20, "7.90"),
        (40, 150, 20, "TOTAL"),
        (800, 150, 20, "11.05"),
    ]);
    let found = receipt(&[&page]);
    assert_eq!(text(found.company.as_ref()), "CORNER GROCERY");
    assert_eq!(found.items.len(), 2);
    assert!(found.items[1].quantity.is_none(), "{:?}", found.items[1]);
}
