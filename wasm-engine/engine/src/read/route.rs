//! Which recogniser reads a line: the one place where that is decided.
//!
//! - PP-OCR reads Latin, Chinese and Japanese; an LSTM recogniser every other script, and Vietnamese and Fraktur.
//! - Where the language is known, asked for or found, the language's own choice of the table comes first
//!   (`wasm-engine/language/languages.tsv`, measured in docs/languages.md).
//! - Lines of digits and signs go where the page's text goes.

use ocr_chat_language::{Choice, PpOcrSize, Reader, Script};

use super::survey::SeenLine;
use crate::classify::{LineSight, Writing};

/// Weight of the rest of the page in judging a line: the exponent of its share. A word alone is judged mostly by its page, a line
/// with a clear look by itself.
const PAGE_WEIGHT: f32 = 1.0;

/// Share of the page that a script has at least, when it is weighed: other scripts do stand on pages.
const LEAST_SHARE: f32 = 0.002;

/// Looks shorter than this, in heights, tell little.
const SHORT_LINE_HEIGHTS: f32 = 4.0;

/// Probability from which a writing is worth a second reading.
const RUNNER_UP: f32 = 0.05;

/// How much of the page is written in what, as [`Writing::ALL`] orders it; sums to 1.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PageWritings(Vec<f32>);

impl PageWritings {
    /// From the looks of all lines, longer lines counting more.
    pub(crate) fn of(lines: &[SeenLine]) -> Self {
        let mut shares = vec![0.0_f32; Writing::ALL.len()];
        for line in lines {
            let length = line.rect.length_heights();
            for (share, probability) in shares.iter_mut().zip(&line.sight.writing) {
                // Squared, so that the doubts of many lines do not add up to a script of their own.
                *share += length * probability * probability;
            }
        }
        let total: f32 = shares.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        for share in &mut shares {
            *share /= total;
        }
        Self(shares)
    }

    /// What most of the page is written in, signs left aside.
    pub(crate) fn main(&self) -> Writing {
        let mut best = (Writing::Script(Script::Latn), 0.0);
        for (&writing, &share) in Writing::ALL.iter().zip(&self.0) {
            if writing != Writing::Symbols && share > best.1 {
                let is_vietnamese = writing == Writing::Vietnamese;
                let shown = if is_vietnamese {
                    Writing::Script(Script::Latn)
                } else {
                    writing
                };
                best = (shown, share);
            }
        }
        best.0
    }

    /// What a line is written in, by its look and by the rest of the page.
    pub(crate) fn judge(&self, line: &SeenLine) -> Writing {
        self.ranked(line)
            .first()
            .map_or(Writing::Symbols, |(writing, _)| *writing)
    }

    /// What a line may be written in if it is not written in `writing`.
    pub(crate) fn runners_up(&self, line: &SeenLine, writing: Writing) -> Vec<Writing> {
        let ranked = self.ranked(line);
        ranked
            .into_iter()
            .take(3)
            .filter(|&(other, probability)| other != writing && probability > RUNNER_UP)
            .map(|(other, _)| other)
            .collect()
    }

    /// All writings with their probabilities by the line's look, in the order of their scores.
    fn ranked(&self, line: &SeenLine) -> Vec<(Writing, f32)> {
        let length = line.rect.length_heights();
        let weight = PAGE_WEIGHT * (SHORT_LINE_HEIGHTS / length.max(SHORT_LINE_HEIGHTS)).sqrt();
        let mut ranked: Vec<(Writing, f32, f32)> = Writing::ALL
            .iter()
            .zip(&line.sight.writing)
            .zip(&self.0)
            // Vietnamese is told from other Latin by its text, which survives the loss of its accents: a picture of worn print has
            // marks over its letters, too.
            .filter(|((writing, _), _)| **writing != Writing::Vietnamese)
            .map(|((&writing, &own), &share)| {
                let (probability, share) = if writing == Writing::Script(Script::Latn) {
                    let vietnamese = probability(&line.sight, Writing::Vietnamese);
                    (
                        own + vietnamese,
                        share + of_writing(&self.0, Writing::Vietnamese),
                    )
                } else {
                    (own, share)
                };
                let score = probability.max(1e-6).ln() + weight * share.max(LEAST_SHARE).ln();
                (writing, probability, score)
            })
            .collect();
        ranked.sort_by(|a, b| b.2.total_cmp(&a.2));
        ranked
            .into_iter()
            .map(|(writing, probability, _)| (writing, probability))
            .collect()
    }
}

/// What is asked of the page's language.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked {
    /// The language that was asked for; `None` to find out.
    pub(crate) choice: Option<Choice>,
}

impl Asked {
    /// What a line is taken to be written in: a language that was asked for leaves its own script, Latin and signs.
    pub(crate) fn narrow(self, writing: Writing, sight: &LineSight) -> Writing {
        let Some(choice) = self.choice else {
            return writing;
        };
        let own = writing_of(choice);
        if writing == Writing::Symbols || is_of(writing, choice.script) {
            return own;
        }
        let latin = probability(sight, Writing::Script(Script::Latn));
        if writing.script() == Some(Script::Latn) && latin > 0.8 {
            return Writing::Script(Script::Latn);
        }
        own
    }
}

/// The usual writing of a language.
pub(crate) fn writing_of(choice: Choice) -> Writing {
    match (choice.language.tag, choice.script) {
        ("ur", Script::Arab) => Writing::Nastaliq,
        (_, Script::Hans | Script::Hant) => Writing::Han,
        (_, script) => Writing::Script(script),
    }
}

fn is_of(writing: Writing, script: Script) -> bool {
    match writing {
        Writing::Han => matches!(
            script,
            Script::Hans | Script::Hant | Script::Jpan | Script::Hang
        ),
        other => other.script() == Some(script),
    }
}

/// Probability of a writing by the line's look.
pub(crate) fn probability(sight: &LineSight, writing: Writing) -> f32 {
    of_writing(&sight.writing, writing)
}

/// The value of a writing among `values`, which are in the order of [`Writing::ALL`].
fn of_writing(values: &[f32], writing: Writing) -> f32 {
    let class = Writing::ALL.iter().position(|&other| other == writing);
    class
        .and_then(|class| values.get(class))
        .copied()
        .unwrap_or(0.0)
}

/// What reads a line of this writing, the best first. `language` is the one asked for or found for the writing's script, `size` that of
/// the PP-OCR model at hand.
pub(crate) fn readers(
    writing: Writing,
    is_vertical: bool,
    language: Option<Choice>,
    size: PpOcrSize,
) -> Vec<Reader> {
    use Reader::{Lstm, PpOcr};
    if is_vertical {
        let script = language.map(|choice| choice.script);
        let names: &[&'static str] = match (writing, script) {
            (Writing::Script(Script::Hang), _) => &["Hangul_vert"],
            (Writing::Script(Script::Jpan), _) | (_, Some(Script::Jpan)) => &["Japanese_vert"],
            (_, Some(Script::Hans)) => &["HanS_vert", "HanT_vert"],
            _ => &["HanT_vert", "HanS_vert"],
        };
        return names.iter().map(|name| Lstm(name)).chain([PpOcr]).collect();
    }
    let mut readers = Vec::new();
    readers.extend(language.map(|choice| choice.reader(size)));
    readers.extend(match writing {
        Writing::Vietnamese => vec![Lstm("Vietnamese"), PpOcr],
        Writing::Fraktur => vec![Lstm("Fraktur"), PpOcr],
        Writing::Han => vec![PpOcr],
        Writing::Nastaliq => vec![Lstm("urd"), Lstm("Arabic")],
        Writing::Symbols => vec![PpOcr],
        Writing::Script(script) => script.readers(size).to_vec(),
    });
    let mut unique: Vec<Reader> = Vec::new();
    for reader in readers {
        if !unique.contains(&reader) {
            unique.push(reader);
        }
    }
    if !unique.contains(&PpOcr) {
        unique.push(PpOcr);
    }
    unique
}

/// The writing that is most easily taken for this one.
pub(crate) fn look_alike(writing: Writing) -> Option<Writing> {
    use Script::{
        Arab, Cyrl, Deva, Ethi, Geor, Grek, Gujr, Guru, Hebr, Khmr, Knda, Laoo, Latn, Mlym, Mymr,
        Orya, Sinh, Taml, Telu, Thai,
    };
    let Writing::Script(script) = writing else {
        return match writing {
            Writing::Nastaliq => Some(Writing::Script(Arab)),
            Writing::Vietnamese | Writing::Fraktur => Some(Writing::Script(Latn)),
            Writing::Han => Some(Writing::Script(Script::Jpan)),
            _ => None,
        };
    };
    let other = match script {
        Thai => Laoo,
        Laoo => Thai,
        Telu => Knda,
        Knda => Telu,
        Mlym => Taml,
        Taml => Mlym,
        Deva => Guru,
        Guru | Gujr => Deva,
        Orya => Mymr,
        Mymr => Orya,
        Sinh => Mlym,
        Khmr => Thai,
        Grek => Cyrl,
        Cyrl => Grek,
        Geor => Ethi,
        Ethi => Geor,
        Hebr => Arab,
        Arab => return Some(Writing::Nastaliq),
        _ => return None,
    };
    Some(Writing::Script(other))
}

/// Whether knowing the language can change what reads this writing.
pub(crate) fn language_matters(writing: Writing, size: PpOcrSize) -> bool {
    let Some(script) = writing.script() else {
        return false;
    };
    let usual = readers(writing, false, None, size);
    ocr_chat_language::all()
        .iter()
        .filter(|language| language.script == script)
        .any(|language| Some(&language.reader_beside(size)) != usual.first())
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::geometry::{PointF, RotatedRect};

    const THAI: Writing = Writing::Script(Script::Thai);
    const LAO: Writing = Writing::Script(Script::Laoo);
    const LATIN: Writing = Writing::Script(Script::Latn);

    fn line(width: f32, looks: &[(Writing, f32)]) -> SeenLine {
        let probability = |writing: &Writing| {
            let found = looks.iter().find(|(look, _)| look == writing);
            found.map_or(1e-4, |(_, probability)| *probability)
        };
        SeenLine {
            rect: RotatedRect {
                center: PointF::new(0.0, 0.0),
                width,
                height: 10.0,
                angle: 0.0,
            },
            sight: LineSight {
                writing: Writing::ALL.iter().map(probability).collect(),
                columns: Vec::new(),
                turn: [1.0, 0.0, 0.0, 0.0],
                light_on_dark: 0.0,
            },
            is_vertical: false,
        }
    }

    fn choice(code: &str) -> Choice {
        ocr_chat_language::choose(code).unwrap().unwrap()
    }

    #[test]
    fn a_short_line_is_judged_with_its_page_and_a_long_clear_one_by_itself() {
        let mut lines: Vec<SeenLine> = (0..9).map(|_| line(300.0, &[(THAI, 0.97)])).collect();
        let word = line(20.0, &[(LAO, 0.7), (THAI, 0.2)]);
        let english = line(300.0, &[(LATIN, 0.98)]);
        lines.extend([word.clone(), english.clone()]);
        let page = PageWritings::of(&lines);
        assert_eq!(page.main(), THAI);
        assert_eq!(page.judge(&word), THAI);
        assert_eq!(page.judge(&english), LATIN);
        assert_eq!(page.runners_up(&word, THAI), [LAO]);
    }

    #[test]
    fn the_language_comes_before_the_script_and_ppocr_comes_last() {
        use Reader::{Lstm, PpOcr};
        let full = PpOcrSize::Full;
        let thai = [Lstm("tha"), Lstm("Thai"), PpOcr];
        assert_eq!(readers(THAI, false, None, full), thai);
        let hindi = readers(
            Writing::Script(Script::Deva),
            false,
            Some(choice("hi")),
            full,
        );
        assert_eq!(hindi, [Lstm("hin"), Lstm("Devanagari"), PpOcr]);
        assert_eq!(readers(LATIN, false, None, full)[0], PpOcr);
        assert_eq!(
            readers(LATIN, false, Some(choice("vi")), full)[0],
            Lstm("Vietnamese")
        );
        let japanese = Writing::Script(Script::Jpan);
        assert_eq!(readers(japanese, false, None, full)[0], PpOcr);
        assert_eq!(
            readers(japanese, false, None, PpOcrSize::Tiny)[0],
            Lstm("Japanese")
        );
        assert_eq!(
            readers(japanese, true, None, full)[0],
            Lstm("Japanese_vert")
        );
    }

    #[test]
    fn a_language_that_was_asked_for_leaves_itself_and_latin() {
        let asked = Asked {
            choice: Some(choice("th")),
        };
        let sight = |writing: Writing| line(300.0, &[(writing, 0.95)]).sight;
        assert_eq!(asked.narrow(LAO, &sight(LAO)), THAI);
        assert_eq!(asked.narrow(LATIN, &sight(LATIN)), LATIN);
        assert_eq!(
            asked.narrow(Writing::Symbols, &sight(Writing::Symbols)),
            THAI
        );
        assert_eq!(Asked::default().narrow(LAO, &sight(LAO)), LAO);
    }

    #[test]
    fn only_some_scripts_need_their_language_known() {
        let full = PpOcrSize::Full;
        assert!(language_matters(LATIN, full));
        assert!(language_matters(Writing::Script(Script::Deva), full));
        assert!(!language_matters(THAI, full));
        assert!(!language_matters(Writing::Symbols, full));
    }
}
