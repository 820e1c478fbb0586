#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::container;
use crate::ctc::{self, Character};
use crate::forward::{Posteriors, Step, TOP};
use crate::kernel::Isa;
use crate::labels::Labels;
use crate::testing::{self, Lcg, N_CLASSES, NULL};
use crate::{
    Decoding, GrayLine, LineModel, ModelError, Scratch, Symbol, network, order, prepare, spelling,
    strip,
};

fn labels() -> Labels {
    Labels::parse(
        &testing::unicharset(),
        &testing::recoder(),
        N_CLASSES as usize,
        NULL as usize,
    )
    .unwrap()
}

// ---- files

#[test]
fn a_model_is_read_whole() {
    let model = LineModel::parse(&testing::model()).unwrap();
    assert_eq!((model.height_px(), model.n_classes()), (12, 7));
    let mut symbols: Vec<&str> = model.symbols().collect();
    symbols.sort_unstable();
    assert_eq!(symbols, [" ", "a", "b", "\u{5d0}", "가"]);
    assert!(model.can_write('가') && !model.can_write('x') && !model.can_write('J'));
    assert!(model.size_bytes() > 1000);
}

#[test]
fn the_network_has_the_sizes_of_the_file() {
    let network = network::parse(&testing::network()).unwrap();
    let sizes: Vec<_> = network
        .horizontal
        .iter()
        .map(|(l, back)| (l.n_inputs, l.n_cells, *back))
        .collect();
    assert_eq!(sizes, [(5, 6, false), (6, 7, true), (7, 9, false)]);
    assert_eq!(
        (
            network.conv.rows,
            network.conv.cols,
            network.vertical.n_cells
        ),
        (16, 10, 5)
    );
}

#[test]
fn stripping_keeps_what_reading_needs_and_is_idempotent() {
    let whole = testing::model();
    let stripped = strip(&whole).unwrap();
    assert!(stripped.len() + 500 <= whole.len());
    assert_eq!(strip(&stripped).unwrap(), stripped);
    let (before, after) = (
        container::split(&whole).unwrap(),
        container::split(&stripped).unwrap(),
    );
    assert_eq!(before.lstm, after.lstm);
    assert_eq!(before.unicharset, after.unicharset);
    assert_eq!(before.recoder, after.recoder);
    assert!(stripped.ends_with(b"4.00.00alpha"));
    LineModel::parse(&stripped).unwrap();
}

#[test]
fn every_truncation_is_an_error() {
    let file = strip(&testing::model()).unwrap();
    // The version, the last component, is not looked at; the file may end inside it.
    let needed = file.len() - b"4.00.00alpha".len();
    for len in 0..needed {
        assert!(
            LineModel::parse(&file[..len]).is_err(),
            "{len} of {}",
            file.len()
        );
    }
    LineModel::parse(&file[..needed]).unwrap();
    let network = testing::network();
    for len in 0..network.len() {
        assert!(
            network::parse(&network[..len]).is_err(),
            "{len} of {}",
            network.len()
        );
    }
    let longer = [network.as_slice(), &[0]].concat();
    assert_eq!(
        network::parse(&longer).unwrap_err(),
        ModelError::damaged("bytes behind the network")
    );
}

#[test]
fn damaged_bytes_never_panic() {
    let file = strip(&testing::model()).unwrap();
    let line = testing::line(60, 20);
    let mut scratch = Scratch::default();
    for at in 0..file.len() {
        for value in [0x00, 0x7f, 0x80, 0xff] {
            let mut damaged = file.clone();
            damaged[at] = value;
            if let Ok(model) = LineModel::parse(&damaged)
                && at % 16 == 0
            {
                model.read(
                    GrayLine {
                        pixels: &line,
                        width: 60,
                        height: 20,
                    },
                    &mut scratch,
                );
            }
        }
    }
}

#[test]
fn models_without_an_lstm_are_told_apart() {
    let file = testing::traineddata(&[(0, b"config"), (1, b"unicharset")]);
    assert_eq!(
        LineModel::parse(&file).unwrap_err(),
        ModelError::Missing { part: "lstm" }
    );
    assert!(LineModel::parse(b"").is_err());
    // Offsets that go backwards would overlap.
    let mut file = testing::model();
    let (lstm, later) = (4 + 8 * 17, 4 + 8 * 21);
    let offset: [u8; 8] = file[lstm..lstm + 8].try_into().unwrap();
    file[later..later + 8].copy_from_slice(&(i64::from_le_bytes(offset) - 1).to_le_bytes());
    assert!(LineModel::parse(&file).is_err());
}

#[test]
fn codes_make_a_trie() {
    let labels = labels();
    let b = labels.step(0, 2).unwrap();
    assert_eq!(labels.end(b).map(|id| labels.text(id)), Some("b"));
    assert!(labels.continues(b));
    let ga = labels.step(b, 3).unwrap();
    assert_eq!(labels.end(ga).map(|id| labels.text(id)), Some("가"));
    assert!(!labels.continues(ga) && labels.step(ga, 1).is_none());
    assert_eq!(
        (labels.step(0, 3), labels.step(0, NULL as u16)),
        (None, None)
    );
}

// ---- decoding

/// Steps from a drawing: one class a step, `.` for the null, with the probability given to it.
fn drawn(classes: &str, probability: f32) -> Posteriors {
    let steps = classes.chars().map(|class| {
        let class = class.to_digit(10).map_or(NULL as u16, |digit| digit as u16);
        step(&[
            (class, probability),
            (
                if class == NULL as u16 { 5 } else { NULL as u16 },
                1.0 - probability,
            ),
        ])
    });
    Posteriors {
        steps: steps.collect(),
    }
}

fn step(classes: &[(u16, f32)]) -> Step {
    let mut top = [(0, 0.0); TOP];
    top[..classes.len()].copy_from_slice(classes);
    let null = classes
        .iter()
        .find(|(class, _)| *class == NULL as u16)
        .map_or(0.0, |(_, p)| *p);
    Step { top, null }
}

fn text(characters: &[Character]) -> String {
    let labels = labels();
    characters
        .iter()
        .map(|character| labels.text(character.id))
        .collect()
}

fn both(posteriors: &Posteriors) -> [Vec<Character>; 2] {
    let labels = labels();
    [
        ctc::greedy(posteriors, &labels, NULL as u16),
        ctc::beam(posteriors, &labels, NULL as u16, 4),
    ]
}

#[test]
fn repeats_collapse_and_nulls_part_them() {
    for (classes, expected) in [
        ("", ""),
        ("....", ""),
        ("11.1..0.44", "aa \u{5d0}"),
        ("1122", "ab"),
        // `b` then the second part makes one character, with nulls and repeats inside the code too.
        ("223", "가"),
        ("2.33.1", "가a"),
        ("2..2.3", "b가"),
        ("2.1", "ba"),
    ] {
        for (how, characters) in ["greedy", "beam"].iter().zip(both(&drawn(classes, 0.9))) {
            assert_eq!(text(&characters), expected, "{how} of {classes}");
        }
    }
}

#[test]
fn a_part_without_its_code_is_left_out() {
    // Class 3 only ever follows class 2.
    assert_eq!(text(&both(&drawn("1.3.1", 0.9))[0]), "aa");
    assert_eq!(text(&both(&drawn("1.3.1", 0.9))[1]), "aa");
}

#[test]
fn characters_know_their_steps_and_confidence() {
    for characters in both(&drawn("..11.2.3..", 0.8)) {
        let spans: Vec<_> = characters.iter().map(|c| (c.start, c.end)).collect();
        assert_eq!(spans, [(2, 4), (5, 8)]);
        assert!(
            characters.iter().all(|c| (c.confidence - 0.8).abs() < 1e-5),
            "{characters:?}"
        );
    }
}

#[test]
fn the_beam_sums_what_greedy_cannot() {
    // At both steps the null leads, but the paths that write `a` once are more probable together (.64 against .36).
    let weak = step(&[(NULL as u16, 0.6), (1, 0.4)]);
    let [greedy, beam] = both(&Posteriors {
        steps: vec![weak, weak],
    });
    assert_eq!((text(&greedy).as_str(), text(&beam).as_str()), ("", "a"));
}

#[test]
fn the_beam_keeps_to_codes() {
    // The likeliest classes spell no code; the second choice does.
    let steps = vec![step(&[(2, 0.9)]), step(&[(5, 0.6), (3, 0.4)])];
    let [_, beam] = both(&Posteriors { steps });
    assert_eq!(text(&beam), "가");
}

// ---- order

fn logical(visual: &[&str]) -> (String, bool) {
    let (order, right_to_left) = order::logical(visual.iter().copied());
    let text = order
        .into_iter()
        .map(|(idx, turned)| {
            if turned {
                order::mirrored(visual[idx]).unwrap_or(visual[idx])
            } else {
                visual[idx]
            }
        })
        .collect();
    (text, right_to_left)
}

fn logical_of(visual: &str) -> (String, bool) {
    let symbols: Vec<String> = visual.chars().map(String::from).collect();
    let symbols: Vec<&str> = symbols.iter().map(String::as_str).collect();
    logical(&symbols)
}

#[test]
fn lines_from_left_to_right_stay() {
    for line in ["", "abc (12) 3.5 d", "กขค 1", "123 456"] {
        assert_eq!(logical_of(line), (line.to_owned(), false));
    }
}

#[test]
fn lines_from_right_to_left_are_turned() {
    let right = |text: &str| (text.to_owned(), true);
    assert_eq!(logical_of("גבא"), right("אבג"));
    // Numbers and Latin words keep their order, two numbers do not keep each other's.
    assert_eq!(logical_of("2023 גב"), right("בג 2023"));
    assert_eq!(logical_of("ב 3.14 א"), right("א 3.14 ב"));
    assert_eq!(logical_of("ב 34 12 א"), right("א 12 34 ב"));
    assert_eq!(logical_of("גבא two words דה"), right("הד two words אבג"));
    assert_eq!(logical_of("ب ١٢٣ ا"), right("ا ١٢٣ ب"));
    assert_eq!(logical_of("דגב Windows 10 א"), right("א Windows 10 בגד"));
}

#[test]
fn brackets_are_mirrored_in_turned_runs_only() {
    assert_eq!(logical_of("(ב) א"), ("א (ב)".to_owned(), true));
    assert_eq!(logical_of("א f(x) בגד"), ("דגב f(x) א".to_owned(), true));
}

#[test]
fn a_foreign_word_in_a_latin_line_is_turned_alone() {
    assert_eq!(
        logical_of("the word בא is"),
        ("the word אב is".to_owned(), false)
    );
}

#[test]
fn symbols_of_several_characters_stay_whole() {
    assert_eq!(
        logical(&["\u{5d1}\u{5b7}", "\u{5d0}"]).0,
        "\u{5d0}\u{5d1}\u{5b7}"
    );
}

#[test]
fn signs_written_in_parts_are_joined() {
    let unified = |texts: &[&str]| {
        let symbol = |(idx, text): (usize, &&str)| Symbol {
            text: (*text).to_owned(),
            start: idx as f32,
            end: idx as f32 + 1.0,
            confidence: 1.0,
        };
        let mut symbols: Vec<Symbol> = texts.iter().enumerate().map(symbol).collect();
        spelling::unify(&mut symbols);
        symbols
    };
    let text = |texts: &[&str]| {
        unified(texts)
            .iter()
            .map(|symbol| symbol.text.clone())
            .collect::<String>()
    };
    assert_eq!(text(&["จ", "\u{e4d}", "\u{e32}", "ย"]), "จ\u{e33}ย");
    assert_eq!(
        text(&["น", "\u{e4d}", "\u{e49}", "\u{e32}"]),
        "น\u{e49}\u{e33}"
    );
    assert_eq!(
        text(&["น", "\u{e49}", "\u{e4d}", "\u{e32}"]),
        "น\u{e49}\u{e33}"
    );
    assert_eq!(
        text(&["\u{e4d}", "\u{e32}", "\u{e4d}", "\u{e32}"]),
        "\u{e33}\u{e33}"
    );
    assert_eq!(
        text(&["ሕ", "\u{1361}", "\u{1361}", "\u{1361}"]),
        "ሕ\u{1362}\u{1361}"
    );
    assert_eq!(text(&["\u{b5}", "α"]), "\u{3bc}α");
    assert_eq!(text(&["5", "\u{b5}", "m"]), "5\u{b5}m");
    assert_eq!(text(&["\u{e49}", "\u{e32}"]), "\u{e49}\u{e32}");
    let joined = unified(&["\u{e4d}", "\u{e32}"]);
    assert_eq!(
        (joined.len(), joined[0].start, joined[0].end),
        (1, 0.0, 2.0)
    );
}

// ---- images

fn gray(pixels: &[u8], width: usize) -> GrayLine<'_> {
    GrayLine {
        pixels,
        width,
        height: pixels.len() / width,
    }
}

#[test]
fn blank_and_impossible_crops_read_empty() {
    let model = LineModel::parse(&testing::model()).unwrap();
    let mut scratch = Scratch::default();
    for (width, height, len) in [
        (0, 0, 0),
        (10, 0, 0),
        (4, 4, 15),
        (4, 4, 17),
        (usize::MAX, 2, 4),
        (30, 10, 300),
    ] {
        let pixels = vec![200u8; len];
        assert!(
            model
                .read(
                    GrayLine {
                        pixels: &pixels,
                        width,
                        height
                    },
                    &mut scratch
                )
                .symbols
                .is_empty()
        );
    }
    for (width, height) in [(1, 1), (1, 50), (300, 1), (2, 2), (3000, 3)] {
        let pixels: Vec<u8> = (0..width * height)
            .map(|at| if at % 3 == 0 { 0 } else { 255 })
            .collect();
        model.read(
            GrayLine {
                pixels: &pixels,
                width,
                height,
            },
            &mut scratch,
        );
    }
}

#[test]
fn a_crop_is_trimmed_to_its_ink() {
    let small = testing::line(80, 24);
    let mut loose = vec![250u8; 200 * 34];
    for (y, row) in small.chunks_exact(80).enumerate() {
        loose[(y + 5) * 200 + 50..][..80].copy_from_slice(row);
    }
    let (a, b) = (
        prepare::prepare(gray(&small, 80), 36).unwrap(),
        prepare::prepare(gray(&loose, 200), 36).unwrap(),
    );
    assert_eq!(
        (a.region.left + 50.0, a.region.top + 5.0),
        (b.region.left, b.region.top)
    );
    assert_eq!(
        (a.region.width, a.region.height),
        (b.region.width, b.region.height)
    );
}

#[test]
fn neighbouring_lines_do_not_widen_the_box() {
    let clean = {
        let mut pixels = vec![250u8; 120 * 50];
        for (y, row) in testing::line(100, 30).chunks_exact(100).enumerate() {
            pixels[(y + 10) * 120 + 10..][..100].copy_from_slice(row);
        }
        pixels
    };
    let mut touched = clean.clone();
    for y in (0..6).chain(46..50) {
        touched[y * 120 + 30..][..4].fill(10);
        touched[y * 120 + 90..][..3].fill(10);
    }
    let (a, b) = (
        prepare::prepare(gray(&clean, 120), 36).unwrap(),
        prepare::prepare(gray(&touched, 120), 36).unwrap(),
    );
    assert_eq!(a.region, b.region);
    assert!((0..a.width()).all(|x| (0..36).step_by(3).all(|y| a.window(x, y) == b.window(x, y))));
    // A letter grown together with a neighbour's stays, but the line is no higher for it.
    let mut joined = touched.clone();
    for y in 0..20 {
        joined[y * 120 + 60..][..2].fill(10);
    }
    let joined = prepare::prepare(gray(&joined, 120), 36).unwrap();
    assert_eq!(
        (joined.region.top, joined.region.height),
        (a.region.top, a.region.height)
    );
    // In a crop that cuts its own letters the same ink is part of them.
    let tight: Vec<u8> = testing::line(100, 30)
        .chunks_exact(100)
        .skip(8)
        .take(14)
        .flatten()
        .copied()
        .collect();
    assert!(
        prepare::prepare(gray(&tight, 100), 36)
            .unwrap()
            .region
            .height
            > 14.0
    );
}

// ---- reading

#[test]
fn every_instruction_set_reads_the_same() {
    let file = testing::model();
    let mut lcg = Lcg(9);
    for width in [9, 33, 200, 333] {
        let mut pixels = testing::line(width.max(30), 30);
        pixels
            .iter_mut()
            .for_each(|pixel| *pixel = pixel.saturating_sub((lcg.next() % 30) as u8));
        let line = gray(&pixels, width.max(30));
        let readings: Vec<_> = Isa::all()
            .into_iter()
            .map(|isa| {
                let model = LineModel::parse_for(&file, isa).unwrap();
                model.read_with(line, Decoding::Greedy, &mut Scratch::default())
            })
            .collect();
        assert!(
            readings.iter().all(|reading| *reading == readings[0]),
            "{width}"
        );
    }
}

#[test]
fn scratch_holds_nothing_of_the_line_before() {
    let model = LineModel::parse(&testing::model()).unwrap();
    let (long, short) = (testing::line(300, 30), testing::line(90, 40));
    let fresh = model.read(gray(&short, 90), &mut Scratch::default());
    let mut scratch = Scratch::default();
    model.read(gray(&long, 300), &mut scratch);
    assert_eq!(model.read(gray(&short, 90), &mut scratch), fresh);
}

#[test]
fn symbols_lie_in_the_line() {
    let model = LineModel::parse(&testing::model()).unwrap();
    let pixels = testing::line(300, 30);
    for decoding in [
        Decoding::Greedy,
        Decoding::Beam { width: 0 },
        Decoding::Beam { width: 8 },
    ] {
        let reading = model.read_with(gray(&pixels, 300), decoding, &mut Scratch::default());
        assert!(
            !reading.symbols.is_empty(),
            "{decoding:?}: the made-up model writes something on this line"
        );
        for symbol in &reading.symbols {
            assert!(
                0.0 <= symbol.start && symbol.start <= symbol.end && symbol.end <= 1.0,
                "{symbol:?}"
            );
            assert!((0.0..=1.0).contains(&symbol.confidence), "{symbol:?}");
        }
    }
}

/// All published models, from the folder that OCR_CHAT_TESSDATA names (`tessdata_fast`, with or without its `script` folder).
#[cfg(not(target_arch = "wasm32"))]
#[test]
fn published_models_are_read() {
    #[expect(
        clippy::disallowed_methods,
        reason = "the models are not in the repository; a developer says where they are"
    )]
    let Ok(folder) = std::env::var("OCR_CHAT_TESSDATA") else {
        println!("skipped: OCR_CHAT_TESSDATA names no folder with traineddata files");
        return;
    };
    let pixels = testing::line(300, 30);
    let mut scratch = Scratch::default();
    let mut n_models = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_model = path
            .extension()
            .is_some_and(|extension| extension == "traineddata");
        // Orientation and script detection is a model of Tesseract 3's kind.
        if !is_model || path.file_stem().is_some_and(|stem| stem == "osd") {
            continue;
        }
        let file = std::fs::read(&path).unwrap();
        let stripped = strip(&file).unwrap();
        let model =
            LineModel::parse(&file).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(model.symbols().count() > 50, "{}", path.display());
        let reading = model.read(gray(&pixels, 300), &mut scratch);
        let again = LineModel::parse(&stripped)
            .unwrap()
            .read(gray(&pixels, 300), &mut scratch);
        assert_eq!(reading, again, "{}", path.display());
        assert!(LineModel::parse(&stripped[..stripped.len() / 2]).is_err());
        for isa in Isa::all() {
            let other = LineModel::parse_for(&stripped, isa)
                .unwrap()
                .read(gray(&pixels, 300), &mut scratch);
            assert_eq!(reading, other, "{} with {}", path.display(), isa.name());
        }
        n_models += 1;
    }
    println!("{n_models} models");
    assert!(n_models > 0);
}
