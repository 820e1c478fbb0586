//! Accuracy of the weights on a test set, and the time a text takes. `cargo run --release -p ocr-chat-langid --example measure < test.tsv`
//! with lines of `label TAB length TAB variant TAB text`, as training/language/testset.py writes them.

use std::{
    collections::BTreeMap,
    error::Error,
    io::{self, BufRead, Write},
    time::{Duration, Instant},
};

use ocr_chat_langid::Identifier;

const WEIGHTS: &[u8] = include_bytes!("../models/languages.bin");
/// Pairs that running text of a paragraph often does not decide.
const CLOSE: [&[&str]; 4] = [
    &["ind", "msa"],
    &["nor", "dan"],
    &["hrv", "bos", "srp"],
    &["ben", "asm"],
];

#[derive(Default)]
struct Tally {
    n: u32,
    right: u32,
    right_or_close: u32,
}

impl Tally {
    fn add(&mut self, label: &str, guess: &str) {
        let (a, b) = (
            label.get(..3).unwrap_or_default(),
            guess.get(..3).unwrap_or_default(),
        );
        self.n += 1;
        self.right += u32::from(label == guess);
        self.right_or_close += u32::from(
            label == guess
                || (a != b && CLOSE.iter().any(|set| set.contains(&a) && set.contains(&b))),
        );
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let identifier = Identifier::parse(WEIGHTS)?;
    let mut out = io::stdout().lock();
    let (mut all, mut by_script, mut by_language) =
        (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let mut confusions: BTreeMap<(String, String, String), u32> = BTreeMap::new();
    let (mut n_characters, mut spent) = (0, Duration::ZERO);
    let mut bins = [(0_u32, 0_u32, 0_f64); 10];
    for line in io::stdin().lock().lines() {
        let line = line?;
        let fields: Vec<&str> = line.splitn(4, '\t').collect();
        let [label, length, variant, text] = fields[..] else {
            return Err("a line has fewer than four fields".into());
        };
        let started = now();
        let guess = identifier.identify(text);
        spent += started.elapsed();
        n_characters += text.chars().count();
        let found = guess.map_or_else(
            || "none".to_owned(),
            |guess| format!("{}-{}", guess.language, guess.script),
        );
        let key = format!("{variant} {length:>4}");
        let script = label.get(4..).unwrap_or_default();
        all.entry(key.clone())
            .or_insert_with(Tally::default)
            .add(label, &found);
        by_script
            .entry((key.clone(), script.to_owned()))
            .or_insert_with(Tally::default)
            .add(label, &found);
        by_language
            .entry((key.clone(), label.to_owned()))
            .or_insert_with(Tally::default)
            .add(label, &found);
        if label != found {
            *confusions
                .entry((key, label.to_owned(), found.clone()))
                .or_default() += 1;
        }
        if let Some(guess) = guess
            && let Some(bin) = bins.get_mut(((guess.confidence * 10.0) as usize).min(9))
        {
            bin.0 += 1;
            bin.1 += u32::from(label == found);
            bin.2 += f64::from(guess.confidence);
        }
    }
    let share = |part: u32, n: u32| 100.0 * f64::from(part) / f64::from(n.max(1));
    for (key, tally) in &all {
        let right = share(tally.right, tally.n);
        writeln!(
            out,
            "{key} n {:5} right {right:.2} %, close pairs aside {:.2} %",
            tally.n,
            share(tally.right_or_close, tally.n)
        )?;
    }
    for ((key, script), tally) in &by_script {
        writeln!(
            out,
            "{key} {script} {:.2} % of {}",
            share(tally.right, tally.n),
            tally.n
        )?;
    }
    for ((key, label), tally) in by_language
        .iter()
        .filter(|(_, tally)| tally.right < tally.n)
    {
        let wrong = confusions
            .iter()
            .filter(|((k, l, _), _)| k == key && l == label);
        let wrong: Vec<String> = wrong
            .map(|((_, _, found), n)| format!("{found} {n}"))
            .collect();
        writeln!(
            out,
            "{key} {label} {}/{}: {}",
            tally.right,
            tally.n,
            wrong.join(", ")
        )?;
    }
    for (n, right, confidence) in bins.into_iter().filter(|bin| bin.0 > 0) {
        let mean = 100.0 * confidence / f64::from(n);
        writeln!(
            out,
            "confidence {mean:.1} % on the mean: right {:.1} % of {n}",
            share(right, n)
        )?;
    }
    let per_2000 = spent.as_secs_f64() * 2000.0 / f64::from(u32::try_from(n_characters)?);
    writeln!(
        out,
        "{:.3} ms for 2,000 characters, on the mean of {n_characters}",
        1000.0 * per_2000
    )?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a native measurement")]
fn now() -> Instant {
    Instant::now()
}
