//! From scores to an answer.

use crate::{
    model::{Model, ParseError},
    script::{ScriptCount, scripts_of},
};

/// The language of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guess {
    /// ISO 639-3 code. For Malay, Norwegian, Persian and others of which Tesseract has one model it is the macrolanguage's (`msa`, `nor`,
    /// `fas`); Chinese is `zho`.
    pub language: &'static str,
    /// ISO 15924 code of the script that the answer was taken from: what the text is mostly written in; `Hans` or `Hant` for Chinese,
    /// `Jpan` for Japanese, `Kore` for Korean.
    pub script: &'static str,
    /// Probability that the language is right, given that the text is in one of the languages known here: 0 to 1, calibrated on text that
    /// was not trained on.
    pub confidence: f32,
    /// The next best language of the same script; `None` where only one was possible.
    pub runner_up: Option<&'static str>,
}

/// Scripts that (as far as Tesseract has models) one language is written in.
const ONE_LANGUAGE: &[(&str, &str)] = &[
    ("Armn", "hye"),
    ("Syrc", "syr"),
    ("Thaa", "div"),
    ("Guru", "pan"),
    ("Gujr", "guj"),
    ("Orya", "ori"),
    ("Taml", "tam"),
    ("Telu", "tel"),
    ("Knda", "kan"),
    ("Mlym", "mal"),
    ("Sinh", "sin"),
    ("Thai", "tha"),
    ("Laoo", "lao"),
    ("Mymr", "mya"),
    ("Geor", "kat"),
    ("Cher", "chr"),
    ("Cans", "iku"),
    ("Khmr", "khm"),
    ("Mong", "mon"),
];

/// Share of kana among kana and Han characters from which on a text is Japanese. Running Japanese has about a half, titles a tenth;
/// Chinese has the odd の.
const KANA_SHARE: f64 = 0.04;

/// Tells languages apart; made once from the weights, then asked as often as wanted.
#[derive(Debug)]
pub struct Identifier {
    model: Model,
}

impl Identifier {
    /// Reads the weights, `models/languages.bin` of this crate.
    ///
    /// # Errors
    /// Where the bytes are not such a file, are cut, or name languages that this version does not know.
    pub fn parse(weights: &[u8]) -> Result<Self, ParseError> {
        Ok(Self {
            model: Model::parse(weights)?,
        })
    }

    /// The language of a text; `None` where it has no letter, or its script is written in none of the languages known.
    ///
    /// Linear in the length of the text. Only the letters of the most frequent script are looked at, so a Russian
    /// page with English terms is Russian. Recognition errors and lost accents are expected.
    pub fn identify(&self, text: &str) -> Option<Guess> {
        self.answer(text, &|_| true)
    }

    /// As [`Identifier::identify`], but the answer is one of the candidates (ISO 639-3, as in [`Guess::language`]); the script is the
    /// most frequent that one of them is written in. `None` where the text has no letter of theirs.
    pub fn identify_among(&self, text: &str, candidates: &[&str]) -> Option<Guess> {
        self.answer(text, &|language| candidates.contains(&language))
    }

    /// Every language that can be the answer, as ISO 639-3 code and ISO 15924 script. A language written in two scripts is listed twice.
    pub fn languages(&self) -> impl Iterator<Item = (&'static str, &'static str)> + '_ {
        let cjk = [
            ("zho", "Hans"),
            ("zho", "Hant"),
            ("jpn", "Jpan"),
            ("kor", "Kore"),
        ];
        let single = ONE_LANGUAGE
            .iter()
            .map(|&(script, language)| (language, script));
        self.model
            .labels()
            .iter()
            .map(|label| (label.language, label.script))
            .chain(single)
            .chain(cjk)
    }

    fn answer(&self, text: &str, allowed: &dyn Fn(&'static str) -> bool) -> Option<Guess> {
        let counts = scripts_of(text);
        let mut writings = writings(&counts);
        writings.sort_by(|a, b| b.n_letters.total_cmp(&a.n_letters));
        writings
            .iter()
            .find_map(|writing| self.answer_in(text, writing, &counts, allowed))
    }

    fn answer_in(
        &self,
        text: &str,
        writing: &Writing,
        counts: &[ScriptCount],
        allowed: &dyn Fn(&'static str) -> bool,
    ) -> Option<Guess> {
        let sure = |language: &'static str, script| {
            // One letter may be noise; two are seldom.
            let confidence = 1.0 - 0.5_f32.powf(writing.n_letters as f32);
            allowed(language).then_some(Guess {
                language,
                script,
                confidence,
                runner_up: None,
            })
        };
        match writing.script {
            "Hani" => self.chinese_or_japanese(text, counts, allowed),
            "Hang" => sure("kor", "Kore"),
            script => match ONE_LANGUAGE.iter().find(|(single, _)| *single == script) {
                Some((script, language)) => sure(language, script),
                None => self.classify(text, script, allowed),
            },
        }
    }

    fn classify(
        &self,
        text: &str,
        script: &'static str,
        allowed: &dyn Fn(&'static str) -> bool,
    ) -> Option<Guess> {
        let scored = self
            .model
            .score(text, script, |label| allowed(label.language));
        let best = scored.first()?;
        let total: f32 = scored
            .iter()
            .map(|other| (other.logit - best.logit).exp())
            .sum();
        let runner_up = scored.get(1).map(|second| second.label.language);
        Some(Guess {
            language: best.label.language,
            script,
            confidence: 1.0 / total,
            runner_up,
        })
    }

    /// Kana decide for Japanese; without them the character set that has most of the text's Han characters among its common ones, simplified
    /// Chinese before traditional before Japanese.
    fn chinese_or_japanese(
        &self,
        text: &str,
        counts: &[ScriptCount],
        allowed: &dyn Fn(&'static str) -> bool,
    ) -> Option<Guess> {
        let letters = |script| {
            counts
                .iter()
                .find(|count| count.script == script)
                .map_or(0, |count| count.n_letters) as f64
        };
        let kana = letters("Hira") + letters("Kana");
        let (chinese, japanese) = (allowed("zho"), allowed("jpn"));
        if japanese && (!chinese || kana >= KANA_SHARE * (kana + letters("Hani"))) && kana > 0.0 {
            let runner_up = chinese.then_some("zho");
            return Some(Guess {
                language: "jpn",
                script: "Jpan",
                confidence: 1.0 - 0.5_f32.powf(kana as f32),
                runner_up,
            });
        }
        let counts = self.model.han.count(text);
        let mut ranked = vec![
            ("zho", "Hans", counts.simplified),
            ("zho", "Hant", counts.traditional),
            ("jpn", "Jpan", counts.japanese),
        ];
        ranked.retain(|(language, _, _)| allowed(language));
        ranked.sort_by_key(|(_, _, n)| core::cmp::Reverse(*n));
        let &(language, script, best) = ranked.first()?;
        let other = ranked.iter().find(|(other, _, _)| *other != language);
        // Each character that only the winner has halves the doubt.
        let doubt = other.map_or(0.0, |(_, _, n)| 0.5_f32.powf((best - n) as f32 + 1.0));
        Some(Guess {
            language,
            script,
            confidence: 1.0 - doubt,
            runner_up: other.map(|(other, _, _)| *other),
        })
    }
}

/// A way of writing that a text may be in: a script, or Han characters with kana.
struct Writing {
    script: &'static str,
    /// Letters of the text, each weighed by how many letters of an alphabet say as much.
    n_letters: f64,
}

fn writings(counts: &[ScriptCount]) -> Vec<Writing> {
    let mut writings: Vec<Writing> = Vec::new();
    for count in counts {
        // A syllable or ideograph against the two to three letters that an alphabet takes: otherwise ten English letters among
        // seven Chinese characters would make an English text.
        let (script, weight) = match count.script {
            "Hani" => ("Hani", 3.0),
            "Hira" | "Kana" => ("Hani", 2.0),
            "Hang" => ("Hang", 2.5),
            "Ethi" | "Cher" | "Cans" => (count.script, 2.0),
            script => (script, 1.0),
        };
        let n_letters = weight * count.n_letters as f64;
        match writings.iter_mut().find(|writing| writing.script == script) {
            Some(writing) => writing.n_letters += n_letters,
            None => writings.push(Writing { script, n_letters }),
        }
    }
    writings
}
