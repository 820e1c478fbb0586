#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use hayro_syntax::Pdf;
use hayro_syntax::object::{Dict, Name, Stream};
use ocr_chat_document::{
    Answer, BBox, Block, BlockKind, Detail, Document, EngineInfo, Line, Page, PageStatus, Point,
    Warning, WarningCode, Word,
};

use crate::{ExportFormat, ExportOptions, NoSources, PageSources, export_to_vec};

struct Sources<'a> {
    original: &'a [u8],
    picture: Option<Vec<u8>>,
    password: Option<&'a str>,
    own_text: Option<Vec<BBox>>,
}

impl PageSources for Sources<'_> {
    fn original(&self) -> Option<&[u8]> {
        Some(self.original)
    }

    fn picture(&self, _page_index: u32, bbox: BBox) -> Option<Vec<u8>> {
        assert_eq!((bbox.x0, bbox.y0), (0, 0), "the whole page is asked for");
        self.picture.clone()
    }

    fn own_text(&self, _page_index: u32) -> Option<Vec<BBox>> {
        self.own_text.clone()
    }

    fn password(&self) -> Option<&str> {
        self.password
    }
}

fn kept(original: &[u8]) -> Sources<'_> {
    Sources {
        original,
        picture: None,
        password: None,
        own_text: None,
    }
}

/// A line of words, 20 pixels high.
fn line(y: i32, words: &[(&str, i32, i32)]) -> Line {
    let text: Vec<&str> = words.iter().map(|word| word.0).collect();
    let x0 = words.iter().map(|word| word.1).min().unwrap();
    let x1 = words.iter().map(|word| word.2).max().unwrap();
    let corner = |x, y| Point { x, y };
    Line {
        text: text.join(" "),
        bbox: BBox::new(x0, y, x1, y + 20),
        polygon: [
            corner(x0, y),
            corner(x1, y),
            corner(x1, y + 20),
            corner(x0, y + 20),
        ],
        confidence: Some(0.9),
        words: words
            .iter()
            .map(|&(text, x0, x1)| Word {
                text: text.into(),
                bbox: BBox::new(x0, y, x1, y + 20),
                confidence: 0.9,
            })
            .collect(),
    }
}

fn page(width: u32, height: u32, lines: Vec<Line>) -> Page {
    Page {
        status: PageStatus::Done,
        width,
        height,
        dpi: Some(72.0),
        blocks: vec![Block::new(BlockKind::Heading, "Total", lines)],
        ..Page::pending(0)
    }
}

fn answer(pages: Vec<Page>) -> Answer {
    let document = Document {
        engine: EngineInfo {
            name: "ocr-chat".into(),
            version: "0.1.0".into(),
            models: vec![],
        },
        pages: pages
            .into_iter()
            .enumerate()
            .map(|(idx, page)| Page {
                index: u32::try_from(idx).unwrap(),
                ..page
            })
            .collect(),
        warnings: vec![],
    };
    let mut answer = Answer::local(document, "auto", String::new(), Detail::Words);
    answer.detected_language = Some("en".into());
    answer
}

/// A PDF of pages with `content`, written as an example of the format would be.
fn original(page_entries: &str, n_pages: usize, content: &str) -> Vec<u8> {
    let mut file = b"%PDF-1.4\n".to_vec();
    let kids: Vec<String> = (0..n_pages).map(|n| format!("{} 0 R", n + 5)).collect();
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        format!(
            "<</Type/Pages/Count {n_pages}/Kids[{}]/MediaBox[0 0 200 100]/Resources<</Font<</F1 4 0 R>>/ProcSet[/PDF]>>>>",
            kids.join(" ")
        ),
        format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Courier>>".to_owned(),
    ];
    for _ in 0..n_pages {
        objects.push(format!(
            "<</Type/Page/Parent 2 0 R/Contents 3 0 R{page_entries}>>"
        ));
    }
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (idx, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.extend_from_slice(format!("{} 0 obj\n{object}\nendobj\n", idx + 1).as_bytes());
    }
    let start = file.len();
    file.extend_from_slice(table.as_bytes());
    file.extend_from_slice(
        format!(
            "trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n",
            objects.len() + 1
        )
        .as_bytes(),
    );
    file
}

/// The content of page `idx`, with what is not ASCII as escapes.
fn content(file: &[u8], idx: usize) -> String {
    let pdf = Pdf::new(file.to_vec()).unwrap();
    let bytes = pdf.pages()[idx].page_stream().unwrap().to_vec();
    bytes
        .iter()
        .map(|&byte| match byte {
            b'\n' | b' '..=b'~' => char::from(byte).to_string(),
            _ => format!("\\{byte:03o}"),
        })
        .collect()
}

fn exported(answer: &Answer, sources: &dyn PageSources) -> Vec<u8> {
    export_to_vec(
        answer,
        ExportFormat::Pdf,
        &ExportOptions::default(),
        sources,
    )
    .unwrap()
}

/// Latin, Hebrew and Chinese, a slanted line, a column.
fn golden_page() -> Page {
    let mut lines = vec![
        line(10, &[("Total", 10, 60), ("(9)", 70, 100)]),
        line(40, &[("\u{5e9}\u{5dc}", 160, 190), ("12", 120, 140)]),
        line(70, &[("\u{4e2d}", 10, 30), ("\u{6587}", 30, 50)]),
    ];
    lines[2].text = "\u{4e2d}\u{6587}".into();
    let mut column = line(0, &[("\u{7e26}", 150, 170)]);
    column.polygon = [(170, 60), (170, 95), (150, 95), (150, 60)].map(|(x, y)| Point { x, y });
    column.words[0].bbox = BBox::new(150, 60, 170, 95);
    lines.push(column);
    let mut slanted = line(0, &[("up", 0, 0)]);
    slanted.polygon = [(50, 90), (150, 80), (152, 98), (52, 108)].map(|(x, y)| Point { x, y });
    slanted.words = vec![];
    lines.push(slanted);
    page(200, 120, lines)
}

#[test]
fn the_content_stream_is_the_golden_one() {
    let file = exported(
        &answer(vec![golden_page()]),
        &kept(&original("/MediaBox[0 0 200 120]", 1, "0 g")),
    );
    let found = content(&file, 0);
    assert_eq!(
        found.trim_end(),
        include_str!("golden.txt").trim_end(),
        "\n{found}"
    );
}

#[test]
fn a_pdf_keeps_its_bytes_and_its_pages_get_text() {
    let original = original("/Annots[]", 2, "q 3 0 0 3 9 9 cm");
    let mut answer = answer(vec![
        page(200, 100, vec![line(10, &[("Total", 10, 60)])]),
        page(200, 100, vec![line(10, &[("own", 10, 60)])]),
    ]);
    answer.pages[1].page.warnings = vec![Warning::new(WarningCode::TextLayerUsed, "own text")];
    let file = exported(&answer, &kept(&original));
    assert!(file.starts_with(&original));
    let shown = content(&file, 0);
    assert!(shown.starts_with("q 1 0 0 1 0 0 cm\nBT 3 Tr\n"), "{shown}");
    assert!(shown.ends_with("q 3 0 0 3 9 9 cm "), "{shown}");
    assert_eq!(
        content(&file, 1).trim(),
        "q 3 0 0 3 9 9 cm",
        "has text of its own"
    );
    let pdf = Pdf::new(file).unwrap();
    let raw = pdf.pages()[0].raw();
    assert!(raw.contains_key("Annots"));
    let resources = raw.get::<Dict<'_>>("Resources").unwrap();
    assert!(
        resources.contains_key("ProcSet"),
        "inherited resources are kept"
    );
    let fonts = resources.get::<Dict<'_>>("Font").unwrap();
    assert!(fonts.contains_key("F1") && fonts.contains_key("OcrChatText"));
    let root = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id()).unwrap();
    assert!(root.contains_key("Lang"));
}

#[test]
fn beside_a_pages_own_text_only_recognised_lines_are_laid_down() {
    let original = original("", 2, "BT /F1 9 Tf (own) Tj ET");
    let mut answer = answer(vec![
        page(
            200,
            100,
            vec![
                line(10, &[("own", 10, 60)]),
                line(60, &[("seen", 10, 60)]),
                line(10, &[("below", 65, 105)]),
            ],
        ),
        page(200, 100, vec![line(10, &[("scan", 10, 60)])]),
    ]);
    answer.pages[0].page.warnings = vec![Warning::new(WarningCode::TextLayerUsed, "own text")];
    let sources = Sources {
        // A little off the line's box, and a sliver into the third.
        own_text: Some(vec![BBox::new(11, 12, 58, 29), BBox::new(58, 12, 70, 29)]),
        ..kept(&original)
    };
    let file = exported(&answer, &sources);
    let shown = content(&file, 0);
    assert_eq!(shown.matches(" Tz ").count(), 2, "seen, below: {shown}");
    assert!(content(&file, 1).contains(" Tz "));
    let unknown = exported(&answer, &kept(&original));
    assert!(!content(&unknown, 0).contains(" Tz "));
}

#[test]
fn invisible_text_that_was_found_wanting_is_taken_out() {
    let original = original("", 1, "BT /F1 9 Tf 3 Tr (misread) Tj ET 0 g");
    let mut answer = answer(vec![page(200, 100, vec![line(10, &[("Total", 10, 60)])])]);
    answer.pages[0].page.warnings = vec![Warning::new(WarningCode::TextLayerIgnored, "unsound")];
    let shown = content(&exported(&answer, &kept(&original)), 0);
    assert!(!shown.contains("misread"), "{shown}");
    assert!(shown.trim_end().ends_with("ET 0 g"), "{shown}");
}

#[test]
fn a_pdf_without_new_text_stays_what_it_was() {
    let original = original("", 1, "0 g");
    let answer = answer(vec![page(200, 100, vec![])]);
    assert_eq!(exported(&answer, &kept(&original)), original);
}

#[test]
fn a_pdf_with_a_broken_table_is_written_anew() {
    let sound = original("/Rotate 90", 1, "0 g");
    let broken = String::from_utf8(sound)
        .unwrap()
        .replace("startxref\n", "startxref\n9");
    let answer = answer(vec![page(100, 200, vec![line(10, &[("Total", 10, 60)])])]);
    let file = exported(&answer, &kept(broken.as_bytes()));
    assert!(!file.starts_with(broken.as_bytes()));
    let shown = content(&file, 0);
    assert!(
        shown.contains("Tj") && shown.trim_end().ends_with("0 g"),
        "{shown}"
    );
    let pdf = Pdf::new(file).unwrap();
    assert_eq!(pdf.pages().len(), 1);
    assert_eq!(pdf.pages()[0].raw().get::<i32>("Rotate"), Some(90));
}

#[test]
fn text_stands_where_the_page_is_turned_shifted_and_cropped() {
    // Pixel (10, 20) from the top left of the page as it is shown, at one pixel a point, in the page's own space.
    for (entries, size, expected) in [
        ("", (200, 100), (10.0, 80.0)),
        ("/MediaBox[-50 30 150 130]", (200, 100), (-40.0, 110.0)),
        ("/CropBox[20 10 180 90]", (160, 80), (30.0, 70.0)),
        ("/Rotate 90", (100, 200), (20.0, 10.0)),
        ("/Rotate 180", (200, 100), (190.0, 20.0)),
        ("/Rotate 270", (100, 200), (180.0, 90.0)),
    ] {
        let original = original(entries, 1, "0 g");
        let answer = answer(vec![page(size.0, size.1, vec![line(0, &[("A", 10, 20)])])]);
        let shown = content(&exported(&answer, &kept(&original)), 0);
        let matrix: Vec<f64> = shown
            .lines()
            .next()
            .unwrap()
            .split(' ')
            .filter_map(|word| word.parse().ok())
            .collect();
        // The lower edge of the line, y up from the bottom of the page as shown.
        let (x, y) = (10.0, f64::from(size.1) - 20.0);
        let found = (
            x * matrix[0] + y * matrix[2] + matrix[4],
            x * matrix[1] + y * matrix[3] + matrix[5],
        );
        assert_eq!(found, expected, "{entries}: {shown}");
    }
}

#[test]
fn a_page_that_was_turned_to_be_read_is_shown_upright() {
    let original = original("/Rotate 270", 1, "0 g");
    // The page is shown 100 x 200; the engine turned it by 90 degrees more.
    let mut turned = page(200, 100, vec![line(0, &[("A", 10, 20)])]);
    turned.rotation = 90;
    let file = exported(&answer(vec![turned]), &kept(&original));
    let pdf = Pdf::new(file.clone()).unwrap();
    assert_eq!(pdf.pages()[0].raw().get::<i32>("Rotate"), Some(0));
    assert!(
        content(&file, 0).starts_with("q 1 0 0 1 0 0 cm\n"),
        "{}",
        content(&file, 0)
    );
}

fn png(color: png::ColorType, pixels: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 4, 2);
    encoder.set_color(color);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(pixels).unwrap();
    drop(writer);
    bytes
}

/// Filter of the only picture on page `idx`, and whether the page shows words in Helvetica.
fn shown(file: &[u8], idx: usize) -> (Option<String>, bool) {
    let pdf = Pdf::new(file.to_vec()).unwrap();
    let resources = pdf.pages()[idx].raw().get::<Dict<'_>>("Resources").unwrap();
    let filter = resources
        .get::<Dict<'_>>("XObject")
        .and_then(|objects| objects.get::<Stream<'_>>("Im"))
        .and_then(|image| image.dict().get::<Name<'_>>("Filter"))
        .map(|name| name.as_str().to_owned());
    let fonts = resources.get::<Dict<'_>>("Font").unwrap();
    (filter, fonts.contains_key("OcrChatWords"))
}

#[test]
fn a_picture_is_embedded_or_asked_for() {
    let answer = answer(vec![page(4, 2, vec![line(0, &[("A", 0, 4)])])]);
    let opaque = png(png::ColorType::Rgb, &[7; 24]);
    let file = exported(&answer, &kept(&opaque));
    assert_eq!(shown(&file, 0), (Some("FlateDecode".into()), false));

    let transparent = png(png::ColorType::Rgba, &[7; 32]);
    let asked = Sources {
        picture: Some(png(png::ColorType::Rgb, &[0; 24])),
        ..kept(&transparent)
    };
    let file = exported(&answer, &asked);
    assert_eq!(shown(&file, 0), (Some("CCITTFaxDecode".into()), false));
    assert_eq!(exported(&answer, &asked), file, "the same bytes each time");
}

#[test]
fn without_a_picture_the_words_are_painted() {
    let lines = vec![
        line(10, &[("Caf\u{e9}", 10, 60)]),
        line(40, &[("\u{3b1}", 10, 60)]),
    ];
    let file = exported(&answer(vec![page(200, 100, lines)]), &NoSources);
    assert_eq!(shown(&file, 0), (None, true));
    let shown = content(&file, 0);
    assert!(shown.contains("(Caf\\351)Tj"), "{shown}");
    assert!(shown.contains("BT 3 Tr\n/OcrChatText"), "{shown}");
    let title = "/Title<FEFF0054006F00740061006C>";
    assert!(
        file.windows(title.len())
            .any(|window| window == title.as_bytes())
    );
}

#[test]
fn a_page_that_failed_is_a_page_nonetheless() {
    let answer = answer(vec![Page::failed(0, "damaged")]);
    let pdf = Pdf::new(exported(&answer, &NoSources)).unwrap();
    assert_eq!(pdf.pages().len(), 1);
}

#[test]
fn hundreds_of_words_stay_within_the_bound() {
    /// What issue 4 allows a page to grow by.
    const MAX_BYTES: usize = 15_000;
    let original = original("", 1, "0 g");
    let words = [
        "invoice", "2024-117", "and", "the", "Quantity", "9,120.55", "of",
    ];
    let lines: Vec<Line> = (0..60)
        .map(|row| {
            let placed: Vec<(&str, i32, i32)> = (0..12)
                .map(|column| {
                    let x = 40 + column * 130 + row % 7;
                    let word = words[((row * 5 + column * 3 + row * column) % 7) as usize];
                    (word, x, x + word.len() as i32 * 11 + row % 3)
                })
                .collect();
            line(30 + row * 36, &placed)
        })
        .collect();
    let file = exported(&answer(vec![page(1700, 2200, lines)]), &kept(&original));
    let growth = file.len() - original.len();
    assert!(growth < MAX_BYTES, "720 words took {growth} bytes");
}
