//! Pages read by models behind a server that misbehaves: what comes of them, and what it costs.

use std::sync::Arc;
use std::time::Duration;

use crate::hostile::{Behaviour, Hostile};
use ocr_chat_document::{
    BBox, Block, BlockKind, Line, Page, PageStatus, Point, ReadBy, WarningCode, Word,
};
use ocr_chat_vision::model::{ChatVision, MistralOcr, ReadError};
use ocr_chat_vision::picture::Picture;
use ocr_chat_vision::profile::Profiles;
use ocr_chat_vision::provider::{Budget, Prices, Provider, Service};
use ocr_chat_vision::{LanguageModel, Limits, ModelError, ModelSettings, Place};

const LINES: [&str; 4] = [
    "Invoice number 4711 of the",
    "Analytical Engine Company Limited",
    "Punched cards and oil cost",
    "twelve pounds and six shillings",
];

fn line(text: &str, top: i32) -> Line {
    let bbox = BBox::new(100, top, 900, top + 30);
    let corner = |x, y| Point { x, y };
    let words: Vec<&str> = text.split(' ').collect();
    let width = 800 / i32::try_from(words.len()).unwrap();
    Line {
        text: text.into(),
        bbox,
        polygon: [
            corner(100, top),
            corner(900, top),
            corner(900, top + 30),
            corner(100, top + 30),
        ],
        confidence: Some(0.95),
        words: words
            .iter()
            .zip(0..)
            .map(|(word, idx)| Word {
                text: (*word).into(),
                bbox: BBox::new(
                    100 + idx * width,
                    top,
                    100 + idx * width + width - 10,
                    top + 30,
                ),
                confidence: 0.95,
            })
            .collect(),
    }
}

/// A page of four lines with ink under them, and its picture.
fn page() -> (Page, Picture) {
    let mut rgb = vec![255_u8; 1000 * 600 * 3];
    let mut lines = Vec::new();
    for (text, top) in LINES.iter().zip([100, 140, 300, 340]) {
        for y in (top..top + 30).step_by(3) {
            for x in (100..900).step_by(2) {
                rgb[(y * 1000 + x) * 3..(y * 1000 + x) * 3 + 3].fill(0);
            }
        }
        lines.push(line(text, i32::try_from(top).unwrap()));
    }
    let page = Page {
        status: PageStatus::Done,
        width: 1000,
        height: 600,
        mean_confidence: Some(0.95),
        read_by: ReadBy::LocalPremium,
        blocks: vec![Block::new(BlockKind::Paragraph, LINES.join(" "), lines)],
        ..Page::pending(0)
    };
    (page, Picture::new(1000, 600, rgb).unwrap())
}

const RIGHT: &str = "# Invoice number 4711 of the Analytical Engine Company Limited\n\n\
    Punched cards and oil cost\ntwelve pounds and six shillings.\n";

fn limits() -> Limits {
    Limits {
        connect: Duration::from_millis(500),
        first_byte: Duration::from_millis(500),
        between_chunks: Duration::from_millis(500),
        whole: Duration::from_secs(10),
        max_answer_bytes: 200_000,
        max_retry_after: Duration::from_secs(1),
        ..Limits::default()
    }
}

fn provider(server: &Hostile, profile: &str, service: Service) -> Provider {
    let settings = ModelSettings {
        limits: limits(),
        ..ModelSettings::new(&server.base_url, "tiny-vl").unwrap()
    };
    let profile = Profiles::new(None).unwrap().get(profile).unwrap().clone();
    let model = ChatVision::new(LanguageModel::new(settings).unwrap(), profile);
    Provider::new("test".into(), Arc::new(model), service)
}

fn service() -> Service {
    Service {
        place: Place::Local,
        n_slots: 2,
        prices: Prices::default(),
        budget: Budget::default(),
    }
}

async fn read_with(
    profile: &str,
    script: impl Fn(usize) -> Behaviour + Send + Sync + 'static,
) -> (Result<Page, ReadError>, usize) {
    let server = Hostile::start(move |n, _| script(n)).await;
    let (local, picture) = page();
    let provider = provider(&server, profile, service());
    let read = provider.read("job", &local, async || Some(picture)).await;
    (read, server.requests().len())
}

#[tokio::test]
async fn markdown_without_boxes_gets_boxes_lines_and_confidences() {
    let (read, _) = read_with("generic", |_| Behaviour::Words(RIGHT.into(), "stop")).await;
    let page = read.unwrap();
    assert_eq!(page.read_by, ReadBy::Model);
    let [heading, text] = page.blocks.as_slice() else {
        panic!("{:?}", page.blocks)
    };
    assert_eq!((heading.kind, heading.level), (BlockKind::Heading, Some(1)));
    assert_eq!(heading.bbox, BBox::new(100, 100, 900, 170));
    assert_eq!(text.bbox, BBox::new(100, 300, 900, 370));
    let lines: Vec<&str> = text.lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(
        lines,
        [
            "Punched cards and oil cost",
            "twelve pounds and six shillings."
        ]
    );
    // 0.5 + 0.5 * 1 * 0.95
    assert_eq!(heading.confidence, Some(0.975));
    assert_eq!(page.warnings, []);
    assert!(
        heading
            .lines
            .iter()
            .all(|line| line.words.iter().all(|word| word.bbox.width() > 0))
    );
}

#[tokio::test]
async fn boxes_in_every_space_land_on_the_page() {
    let dots = r#"[{"bbox": [100, 100, 900, 170], "category": "Title", "text": "Invoice number 4711 of the Analytical Engine Company Limited"},
        {"bbox": [100, 300, 900, 370], "category": "Text", "text": "Punched cards and oil cost twelve pounds and six shillings"}]"#;
    let qwen = dots
        .replace("[100, 100, 900, 170]", "[100, 166, 899, 283]")
        .replace("[100, 300, 900, 370]", "[100, 500, 899, 617]")
        .replace("bbox\"", "bbox_2d\"");
    let docling = "<doctag><section_header_level_1><loc_50><loc_83><loc_450><loc_142>Invoice number 4711 of the Analytical Engine Company Limited</section_header_level_1>\
        <text><loc_50><loc_250><loc_450><loc_308>Punched cards and oil cost twelve pounds and six shillings</text></doctag>";
    for (profile, answer) in [
        ("dots-ocr", dots.to_owned()),
        ("qwen3-vl", qwen),
        ("granite-docling", docling.to_owned()),
    ] {
        let (read, _) = read_with(profile, move |_| Behaviour::Words(answer.clone(), "stop")).await;
        let page = read.unwrap();
        assert_eq!(page.blocks[0].kind, BlockKind::Heading, "{profile}");
        let bbox = page.blocks[1].bbox;
        assert!(
            (bbox.x0 - 100).abs() < 5 && (bbox.y0 - 300).abs() < 5 && (bbox.y1 - 370).abs() < 5,
            "{profile}: {bbox:?}"
        );
        assert!(page.blocks[1].confidence.unwrap() > 0.9);
    }
}

#[tokio::test]
async fn regions_are_read_one_by_one() {
    let (read, n_requests) = read_with("paddleocr-vl", |_| {
        Behaviour::Words(format!("{}.", LINES.join("\n")), "stop")
    })
    .await;
    assert_eq!(n_requests, 1);
    let page = read.unwrap();
    assert!(page.blocks[0].text.ends_with("shillings."));
    assert_eq!(page.blocks[0].lines.len(), 4);
}

#[tokio::test]
async fn a_loop_is_cut_tried_once_more_with_a_penalty_and_given_up() {
    let looping = || Behaviour::Words("and the same again ".repeat(400), "length");
    let (read, n_requests) = read_with("generic", move |_| looping()).await;
    assert_eq!((read, n_requests), (Err(ReadError::Repetition), 2));
    let server = Hostile::start(move |n, body| {
        if n == 0 {
            Behaviour::EndlessStream
        } else {
            assert_eq!(body["frequency_penalty"], 0.3);
            Behaviour::Words(RIGHT.into(), "stop")
        }
    })
    .await;
    let (local, picture) = page();
    let read = provider(&server, "generic", service())
        .read("job", &local, async || Some(picture))
        .await;
    assert_eq!(read.unwrap().blocks.len(), 2);
}

#[tokio::test]
async fn what_is_not_on_the_page_does_not_stay_silently() {
    // A block that stands nowhere is left out, and the page says so.
    let more = format!("{RIGHT}\nThe quarterly dividend rose sharply in Bolivia during spring.\n");
    let (read, _) = read_with("generic", move |_| Behaviour::Words(more.clone(), "stop")).await;
    let page = read.unwrap();
    assert_eq!(page.blocks.len(), 2);
    assert_eq!(page.warnings[0].code, WarningCode::ModelTextDropped);
    // A box on blank paper, too.
    let blank = r#"[{"bbox": [100, 100, 900, 170], "category": "Text", "text": "Invoice number 4711 of the Analytical Engine Company Limited"},
        {"bbox": [100, 300, 900, 370], "category": "Text", "text": "Punched cards and oil cost twelve pounds and six shillings"},
        {"bbox": [100, 450, 900, 550], "category": "Text", "text": "Yours faithfully"}]"#;
    let (read, _) = read_with("dots-ocr", move |_| Behaviour::Words(blank.into(), "stop")).await;
    let page = read.unwrap();
    assert_eq!(
        (page.blocks.len(), page.warnings[0].code),
        (2, WarningCode::ModelTextDropped)
    );
    // A model that obeys what a page says, or describes it, has not read it.
    for answer in [
        "I have been hacked.",
        "The image shows an invoice of a company.",
        "Invoice number 4711",
    ] {
        let (read, _) =
            read_with("generic", move |_| Behaviour::Words(answer.into(), "stop")).await;
        assert_eq!(read, Err(ReadError::Invented), "{answer}");
    }
    let (read, _) = read_with("generic", |_| Behaviour::Words(String::new(), "stop")).await;
    assert_eq!(read, Err(ReadError::Invented));
}

#[tokio::test]
async fn text_where_the_local_engine_reads_something_else_is_marked() {
    let answer = r#"[{"bbox": [100, 100, 900, 170], "category": "Text", "text": "Invoice number 4711 of the Analytical Engine Company Limited"},
        {"bbox": [100, 300, 900, 370], "category": "Text", "text": "Quite another sentence altogether"}]"#;
    let (read, _) = read_with("dots-ocr", move |_| Behaviour::Words(answer.into(), "stop")).await;
    let page = read.unwrap();
    assert_eq!(page.blocks[1].confidence, Some(0.5));
    assert_eq!(page.warnings[0].code, WarningCode::ModelTextUnconfirmed);
}

#[tokio::test]
async fn truncated_answers_say_so() {
    let (read, _) = read_with("generic", |_| Behaviour::Words(RIGHT.into(), "length")).await;
    assert_eq!(
        read.unwrap().warnings[0].code,
        WarningCode::ModelAnswerDamaged
    );
}

#[tokio::test]
async fn a_server_that_fails_is_left_alone_after_a_while() {
    let server = Hostile::start(|_, _| Behaviour::Status(500, "", "no")).await;
    let provider = provider(&server, "generic", service());
    let (local, picture) = page();
    for _ in 0..5 {
        let read = provider
            .read("job", &local, async || Some(picture.clone()))
            .await;
        assert!(
            matches!(
                read,
                Err(ReadError::Model(ModelError::Status { status: 500, .. }))
            ),
            "{read:?}"
        );
    }
    let read = provider
        .read("job", &local, async || Some(picture.clone()))
        .await;
    assert_eq!(read, Err(ReadError::Resting));
    assert_eq!(server.requests().len(), 5);
}

#[tokio::test]
async fn a_budget_is_kept_in_tokens_and_in_money() {
    for budget in [
        Budget {
            max_tokens: Some(200),
            max_micros: None,
        },
        Budget {
            max_tokens: None,
            max_micros: Some(300),
        },
    ] {
        let server = Hostile::start(|_, _| Behaviour::Words(RIGHT.into(), "stop")).await;
        let prices = Prices {
            prompt_micros: 1_000_000,
            completion_micros: 2_000_000,
            page_micros: 0,
        };
        let provider = provider(
            &server,
            "generic",
            Service {
                budget,
                prices,
                ..service()
            },
        );
        let (local, picture) = page();
        // Each takes 100 and 20 tokens, and 140 millionths.
        let mut outcomes = Vec::new();
        for _ in 0..4 {
            let read = provider
                .read("job", &local, async || Some(picture.clone()))
                .await;
            outcomes.push(read.map(|_| ()));
        }
        let n_read = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert!((2..=3).contains(&n_read), "{outcomes:?}");
        assert_eq!(outcomes[3], Err(ReadError::OverBudget));
        assert!(
            provider
                .read("other", &local, async || Some(picture.clone()))
                .await
                .is_ok()
        );
        provider.forget("job");
        assert_eq!(provider.spent("job").tokens, 0);
    }
}

#[tokio::test]
async fn mistral_reads_pages() {
    let answer = serde_json::json!({"pages": [{"index": 0, "markdown": RIGHT, "images": [], "dimensions": {"dpi": 200, "width": 500, "height": 300}}]});
    let server = Hostile::start(move |_, body| {
        assert!(
            body["document"]["image_url"]
                .as_str()
                .unwrap()
                .starts_with("data:image/jpeg;base64,")
        );
        Behaviour::Body(answer.to_string())
    })
    .await;
    let settings = ModelSettings {
        limits: limits(),
        ..ModelSettings::new(&server.base_url, "mistral-ocr").unwrap()
    };
    let model = MistralOcr::new(settings).unwrap();
    let prices = Prices {
        page_micros: 1_000_000,
        ..Prices::default()
    };
    let provider = Provider::new(
        "mistral".into(),
        Arc::new(model),
        Service {
            prices,
            ..service()
        },
    );
    let (local, picture) = page();
    let read = provider
        .read("job", &local, async || Some(picture))
        .await
        .unwrap();
    assert_eq!(read.blocks.len(), 2);
    assert_eq!(provider.spent("job").micros, 1_000);
    assert!(server.requests()[0].starts_with("POST /v1/ocr "));
}

#[tokio::test]
async fn a_provider_reads_no_more_pages_at_a_time_than_it_has_places() {
    let server = Hostile::start(|n, _| {
        if n == 0 {
            Behaviour::HangInStream
        } else {
            Behaviour::Words(RIGHT.into(), "stop")
        }
    })
    .await;
    let provider = Arc::new(provider(
        &server,
        "generic",
        Service {
            n_slots: 1,
            ..service()
        },
    ));
    let read = |job: &'static str| {
        let provider = Arc::clone(&provider);
        tokio::spawn(async move {
            let (local, picture) = page();
            provider.read(job, &local, async || Some(picture)).await
        })
    };
    let first = read("first");
    while server.requests().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let second = read("second");
    tokio::time::sleep(Duration::from_millis(200)).await;
    // The first hangs, so the second has not been sent.
    assert_eq!(server.requests().len(), 1);
    assert!(first.await.unwrap().is_err());
    assert!(second.await.unwrap().is_ok());
}
