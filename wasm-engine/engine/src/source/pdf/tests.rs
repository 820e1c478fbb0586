#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{DPI, MAX_RENDERED_PIXELS, POINTS_PER_INCH, PdfPages, scale_for};
use crate::error::OpenError;
use crate::limits::Limits;
use crate::text::ReadLine;
use crate::text_layer::{LayerJudgement, TextLayer, UnsoundLayer, judge};

/// The page of [`pdf`] with `BT /F 20 Tf 50 700 Td (Behind a lock) Tj ET`, then `qpdf --encrypt secret owner 256 --`.
const LOCKED: &[u8] = include_bytes!("fixtures/locked.pdf");

/// A page of 600 x 800 points with Helvetica as F, as M Helvetica whose `ToUnicode` is `map`, and a grey picture Im.
fn pdf_with(page_entries: &str, content: &str, map: &str) -> Vec<u8> {
    let mut file = b"%PDF-1.4\n".to_vec();
    let stream = |entries: &str, data: &str| {
        format!(
            "<<{entries}/Length {}>>stream\n{data}\nendstream",
            data.len()
        )
    };
    let cmap = format!(
        "/CIDInit/ProcSet findresource begin 12 dict begin begincmap/CMapType 2 def\n1 begincodespacerange<00><FF>endcodespacerange\n{map}\nendcmap end end"
    );
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 600 800]>>".to_owned(),
        format!(
            "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F 5 0 R/M 6 0 R>>/XObject<</Im 8 0 R>>>>{page_entries}>>"
        ),
        stream("", content),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_owned(),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding/ToUnicode 7 0 R>>"
            .to_owned(),
        stream("", &cmap),
        stream(
            "/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8",
            "p",
        ),
    ];
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (idx, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.extend_from_slice(format!("{} 0 obj\n{object}\nendobj\n", idx + 1).as_bytes());
    }
    let start = file.len();
    file.extend_from_slice(table.as_bytes());
    file.extend_from_slice(
        format!("trailer\n<</Size 9/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").as_bytes(),
    );
    file
}

fn pdf(page_entries: &str, content: &str) -> Vec<u8> {
    pdf_with(page_entries, content, "")
}

fn layer(file: Vec<u8>) -> TextLayer {
    let pages = PdfPages::open(file, None).unwrap();
    pages.text_layer(0, &Limits::server()).unwrap()
}

fn texts(lines: &[ReadLine]) -> Vec<String> {
    lines.iter().map(|line| line.text.text()).collect()
}

/// Pixels a point at 200 dots per inch.
const SCALE: f32 = 200.0 / 72.0;

#[test]
fn columns_are_lines_of_their_own() {
    let content = "BT /F 10 Tf 50 700 Td (The left column) Tj 200 0 Td (and the right one) Tj -200 -12 Td (goes on) Tj 200 0 Td (beside it.) Tj ET";
    let found = layer(pdf("", content));
    let mut lines = texts(&found.lines);
    lines.sort();
    assert_eq!(
        lines,
        [
            "The left column",
            "and the right one",
            "beside it.",
            "goes on"
        ]
    );
    assert_eq!((found.n_chars, found.n_mapped), (42, 42));
    assert!(found.mapped_share() > 0.99 && found.picture_share < 0.01);
}

#[test]
fn a_line_stands_where_the_rendered_page_shows_it() {
    let content = "BT /F 20 Tf 100 700 Td (Upright) Tj ET";
    for (entries, expected) in [
        ("", (100.0, 100.0, 0.0)),
        // A box that does not begin at the origin, and one that is cropped.
        ("/MediaBox[40 -100 640 800]", (60.0, 100.0, 0.0)),
        ("/CropBox[90 100 600 750]", (10.0, 50.0, 0.0)),
        // The baseline's start, turned with the page: 90 degrees clockwise.
        ("/Rotate 90", (700.0, 100.0, 90.0)),
        ("/Rotate 180", (500.0, 700.0, 180.0)),
        ("/Rotate 270", (100.0, 500.0, -90.0)),
    ] {
        let found = layer(pdf(entries, content));
        let rect = found.lines[0].rect;
        let turn = (rect.angle.to_degrees() - expected.2).rem_euclid(360.0);
        assert!(!(0.5..=359.5).contains(&turn), "{entries}: {rect:?}");
        // The baseline lies 0.23 em above the lower edge.
        let [_, _, _, lower_start] = rect.corners();
        let up = 0.23 * 20.0 * SCALE;
        let (sin, cos) = rect.angle.sin_cos();
        let baseline = (lower_start.x + sin * up, lower_start.y - cos * up);
        let distance = (baseline.0 - expected.0 * SCALE).hypot(baseline.1 - expected.1 * SCALE);
        assert!(distance < 1.0, "{entries}: {baseline:?}");
    }
}

#[test]
fn a_locked_file_opens_with_its_password() {
    assert!(matches!(
        PdfPages::open(LOCKED.to_vec(), None),
        Err(OpenError::PasswordNeeded)
    ));
    assert!(PdfPages::open(LOCKED.to_vec(), Some("wrong")).is_err());
    let pages = PdfPages::open(LOCKED.to_vec(), Some("secret")).unwrap();
    let found = pages.text_layer(0, &Limits::server()).unwrap();
    assert_eq!(texts(&found.lines), ["Behind a lock"]);
}

#[test]
fn text_that_is_drawn_twice_is_read_once() {
    let bold = "BT /F 12 Tf 50 700 Td (Bold, all) Tj 0.4 0 Td (Bold, all) Tj ET BT /F 12 Tf 2 Tr 50 600 Td (Outlined) Tj ET";
    assert_eq!(
        texts(&layer(pdf("", bold)).lines),
        ["Bold, all", "Outlined"]
    );
}

#[test]
fn text_that_is_cut_away_is_not_read() {
    let content = "q 0 0 100 800 re W n BT /F 10 Tf 50 700 Td (seen) Tj 300 0 Td (cut away) Tj ET Q BT /F 10 Tf 50 500 Td (kept) Tj 900 0 Td (beside the page) Tj ET";
    assert_eq!(texts(&layer(pdf("", content)).lines), ["seen", "kept"]);
}

#[test]
fn a_font_that_does_not_say_what_it_means_makes_the_layer_unsound() {
    let content = "BT /M 10 Tf 50 700 Td (Nobody knows what this is) Tj ET";
    let found = layer(pdf_with(
        "",
        content,
        "1 beginbfrange<21><7e><E021>endbfrange",
    ));
    assert_eq!(found.n_mapped, 0);
    assert_eq!(
        judge(found, None),
        LayerJudgement::Unsound {
            why: UnsoundLayer::Unmapped
        }
    );
}

#[test]
fn right_to_left_text_comes_in_logical_order() {
    // Codes A, B, C are alef, bet, gimel, drawn by their looks.
    let found = layer(pdf_with(
        "",
        "BT /M 10 Tf 50 700 Td (C 12 BA) Tj ET",
        "1 beginbfrange<41><43><05D0>endbfrange 1 beginbfchar<20><0020>endbfchar 1 beginbfrange<30><39><0030>endbfrange",
    ));
    assert_eq!(texts(&found.lines), ["\u{5d0}\u{5d1} 12 \u{5d2}"]);
    let chars = &found.lines[0].text.chars;
    assert!(chars[0].start > chars[chars.len() - 1].end);
}

#[test]
fn invisible_text_under_a_picture_is_left_aside() {
    let content =
        "q 600 0 0 800 0 0 cm /Im Do Q BT 3 Tr /F 10 Tf 50 700 Td (read by a machine) Tj ET";
    let found = layer(pdf("", content));
    assert!(found.lines.is_empty());
    assert_eq!(texts(&found.invisible_lines), ["read by a machine"]);
    assert!(found.picture_share > 0.99);
    assert_eq!(
        judge(found, None),
        LayerJudgement::Unsound {
            why: UnsoundLayer::Invisible
        }
    );
}

#[test]
fn text_that_a_picture_hides_is_as_good_as_invisible() {
    let content = "BT /F 10 Tf 50 700 Td (under the scan) Tj 0 -650 Td (below it) Tj ET q 600 0 0 600 0 200 cm /Im Do Q";
    let found = layer(pdf("", content));
    assert_eq!(texts(&found.lines), ["below it"]);
    assert_eq!(texts(&found.invisible_lines), ["under the scan"]);
}

#[test]
fn text_of_no_opacity_is_invisible() {
    let entries = "/Resources<</Font<</F 5 0 R>>/ExtGState<</G<</ca 0>>>>>>";
    let content = "BT /F 10 Tf 50 700 Td (seen) Tj /G gs 0 -50 Td (not seen) Tj ET";
    let file = String::from_utf8(pdf("", content)).unwrap();
    let file = file.replacen(
        "/Resources<</Font<</F 5 0 R/M 6 0 R>>/XObject<</Im 8 0 R>>>>",
        entries,
        1,
    );
    // Its length has changed, and with it the positions: the table is found anew.
    let found = layer(file.replace("startxref\n", "startxref\n9").into_bytes());
    assert_eq!(texts(&found.lines), ["seen"]);
    assert_eq!(texts(&found.invisible_lines), ["not seen"]);
}

#[test]
fn spaces_are_made_where_words_are_only_placed_apart() {
    let content = "BT /F 10 Tf 50 700 Td [(Words)-300(placed)-300(apart,)-20(kerned)] TJ ET";
    assert_eq!(
        texts(&layer(pdf("", content)).lines),
        ["Words placed apart,kerned"]
    );
}

#[test]
fn actual_text_says_what_a_drawing_means() {
    let content = "BT /F 10 Tf 50 700 Td /Span<</ActualText(offi)>>BDC (o@) Tj EMC (ce) Tj ET";
    assert_eq!(texts(&layer(pdf("", content)).lines), ["office"]);
}

#[test]
fn ordinary_pages_are_read_at_200_dpi_and_huge_ones_smaller() {
    let limits = Limits::server();
    assert_eq!(scale_for(595.0, 842.0, &limits), DPI / POINTS_PER_INCH);
    let huge = scale_for(14_400.0, 14_400.0, &limits);
    assert!(14_400.0 * 14_400.0 * huge * huge <= MAX_RENDERED_PIXELS * 1.001);
}
