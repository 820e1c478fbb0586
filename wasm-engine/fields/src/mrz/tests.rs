//! The examples of Doc 9303, and what OCR makes of them.

use ocr_chat_document::{BBox, Block, BlockKind, Line, PageStatus, Point};

use super::*;

fn page(lines: &[&str]) -> Page {
    let line = |(position, text): (usize, &&str)| {
        let y = 100 + position as i32 * 60;
        Line {
            text: (*text).to_owned(),
            bbox: BBox::new(50, y, 1_000, y + 40),
            polygon: [(50, y), (1_000, y), (1_000, y + 40), (50, y + 40)]
                .map(|(x, y)| Point { x, y }),
            confidence: Some(0.9),
            words: Vec::new(),
        }
    };
    let lines: Vec<Line> = lines.iter().enumerate().map(line).collect();
    Page {
        status: PageStatus::Done,
        blocks: vec![Block::new(BlockKind::Paragraph, "", lines)],
        ..Page::pending(0)
    }
}

fn identity_of(lines: &[&str]) -> Identity {
    identity(&[&page(lines)])
}

fn value(field: &Option<TextField>) -> &str {
    field.as_ref().map_or("", |field| &field.value)
}

/// The examples of Doc 9303: the figures of part 4 (TD3), 5 (TD1, with the long number of its part 4.2.2), 6 (TD2) and 7 (visas).
const TD3: [&str; 2] = [
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
];
const TD1: [&str; 3] = [
    "I<UTOD231458907<<<<<<<<<<<<<<<",
    "7408122F1204159UTO<<<<<<<<<<<6",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
];
const TD2: [&str; 2] = [
    "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
    "D231458907UTO7408122F1204159<<<<<<<6",
];
const MRV_A: [&str; 2] = [
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L8988901C4XXX4009078F96121096ZE184226B<<<<<<",
];
const MRV_B: [&str; 2] = [
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
    "L8988901C4XXX4009078F9612109<<<<<<<<",
];

#[test]
fn the_examples_of_doc_9303_are_read() {
    for (format, lines, number, birth) in [
        ("TD3", &TD3[..], "L898902C3", "1974-08-12"),
        ("TD1", &TD1[..], "D23145890", "1974-08-12"),
        ("TD2", &TD2[..], "D23145890", "1974-08-12"),
        ("MRV-A", &MRV_A[..], "L8988901C", "1940-09-07"),
        ("MRV-B", &MRV_B[..], "L8988901C", "1940-09-07"),
    ] {
        let found = identity_of(lines);
        assert_eq!(found.format.as_deref(), Some(format));
        assert!(found.is_valid, "{format}: {:?}", found.checks);
        assert_eq!(
            (value(&found.surname), value(&found.given_names)),
            ("ERIKSSON", "ANNA MARIA"),
            "{format}"
        );
        assert_eq!(
            (value(&found.number), value(&found.birth_date)),
            (number, birth),
            "{format}"
        );
        assert_eq!(value(&found.issuing_state), "UTO");
        assert_eq!(value(&found.sex), "F");
        assert_eq!(value(&found.mrz), lines.join("\n"));
    }
    assert_eq!(value(&identity_of(&TD3).expiry_date), "2012-04-15");
    assert_eq!(value(&identity_of(&TD3).optional_data), "ZE184226B");
    assert_eq!(value(&identity_of(&MRV_A).expiry_date), "1996-12-10");
}

#[test]
fn a_long_number_of_a_card_goes_on_in_the_optional_data() {
    // The number D23145890734, check digit 9, as in the example of part 5.
    let found = identity_of(&[
        "I<UTOD23145890<7349<<<<<<<<<<<",
        "3407127M9507122UTO<<<<<<<<<<<2",
        "STEVENSON<<PETER<JOHN<<<<<<<<<",
    ]);
    assert_eq!(value(&found.number), "D23145890734");
    assert!(found.is_valid, "{:?}", found.checks);
}

#[test]
fn what_ocr_confuses_is_put_right_where_only_one_reading_fits() {
    let found = identity_of(&[
        "P<UT0ERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<",
        "L898902C36UTO74O8122F12O4I59ZE184226B<<<<<10",
    ]);
    assert!(found.is_valid);
    assert_eq!(
        (value(&found.issuing_state), value(&found.birth_date)),
        ("UTO", "1974-08-12")
    );
    let found = identity_of(&[
        "P<UTOERIKSSON«ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "LB98902C36UTO7408122F1204159ZE184226B<<<<<10",
    ]);
    assert_eq!(value(&found.number), "L898902C3");
    assert!(found.is_valid);
}

#[test]
fn a_wrong_digit_is_said_and_nothing_is_made_up() {
    let found = identity_of(&[
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "L898902C36UTO7408132F1204159ZE184226B<<<<<10",
    ]);
    assert!(!found.is_valid);
    let wrong: Vec<&str> = found
        .checks
        .iter()
        .filter(|check| !check.is_right)
        .map(|check| check.over.as_str())
        .collect();
    assert_eq!(wrong, ["birth_date", "composite"]);
    assert_eq!(value(&found.birth_date), "1974-08-13");
}

#[test]
fn other_papers_have_no_zone() {
    let found = identity_of(&[
        "THE QUICK BROWN FOX JUMPS OVER A LAZY DOG",
        "AND 12345678 MORE WORDS STAND HERE",
    ]);
    assert_eq!(found.format, None);
    assert!(!found.is_valid && found.checks.is_empty());
}
