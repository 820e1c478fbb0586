//! What a line's characters say of it: signs and letters of mathematics, or words.
//!
//! The recognisers know no formulas: what they write of one is close to its signs in their order from left to right, subscripts and superscripts on the line.

/// Names that are words by their letters and mathematics by their use.
const FUNCTIONS: [&str; 34] = [
    "sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan",
    "log", "exp", "lim", "max", "min", "sup", "inf", "arg", "det", "dim", "ker", "deg", "gcd",
    "mod", "argmax", "argmin", "rank", "diag", "sgn", "sign", "cov", "var",
];

/// Signs that say that two things are related; a formula of one line nearly always has one.
const RELATIONS: &str = "=≠≡≈≃≅∼≤≥≦≧⩽⩾≪≫∝∈∉⊂⊆⊃⊇";

/// Signs that stand in formulas alone.
const SYMBOLS: &str = "∫∬∮∑∏√∂∇∞±∓∀∃∪∩⊕⊗⋅∘†ℏℝℂℤℕℚ⟨⟩〈〉∧∨¬⇒⇔↦";

/// Signs that stand in formulas and elsewhere.
const OPERATORS: &str = "+−×÷·*/^|<>→∗";

/// Superscript digits and signs.
const RAISED: &str = "²³¹⁰⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱ";

/// Signs and runs of signs of prices, shares, addresses, programs and lists. A line with one is no formula.
const FOREIGN: [&str; 32] = [
    "%", "$", "€", "£", "¥", "₹", "฿", "@", "#", "&", "©", "®", "™", "•", "●", "■", "□", "☐", "→ ",
    "\"", "“", "”", "==", "!=", "//", "/*", "::", "->", "=>", "<<", ">>", "();",
];

/// Letters from which a run of them is a word.
const WORD_LETTERS: usize = 4;

/// What a line looks like.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Signs {
    /// Characters but spaces.
    pub(super) n_chars: usize,
    /// Letters that stand in words, those of three letters by half.
    n_of_words: f32,
    n_relations: usize,
    n_symbols: usize,
    n_operators: usize,
    n_raised: usize,
    /// Runs of one or two letters, and names of functions.
    n_variables: usize,
    is_foreign: bool,
}

impl Signs {
    /// The signs of `text`; Greek letters are words on a page that `is_greek`.
    pub(super) fn of(text: &str, is_greek: bool) -> Self {
        let mut signs = Self {
            is_foreign: FOREIGN.iter().any(|sign| text.contains(sign)) || text.ends_with(';'),
            ..Self::default()
        };
        let mut run: Vec<char> = Vec::new();
        for c in text.chars() {
            if !c.is_whitespace() {
                signs.n_chars += 1;
            }
            if c.is_alphabetic() && !SYMBOLS.contains(c) && !RAISED.contains(c) {
                run.push(c);
                continue;
            }
            signs.take_run(&mut run, is_greek);
            signs.n_relations += usize::from(RELATIONS.contains(c));
            signs.n_symbols += usize::from(SYMBOLS.contains(c));
            signs.n_operators += usize::from(OPERATORS.contains(c));
            signs.n_raised += usize::from(RAISED.contains(c));
        }
        signs.take_run(&mut run, is_greek);
        signs
    }

    /// Counts a run of letters.
    fn take_run(&mut self, run: &mut Vec<char>, is_greek: bool) {
        let n = run.len();
        let n_greek = run.iter().filter(|c| is_greek_letter(**c)).count();
        let n_latin = run.iter().filter(|c| is_latin(**c)).count();
        let word: String = run.drain(..).flat_map(char::to_lowercase).collect();
        match n {
            0 => {}
            // Letters of other scripts are never variables.
            _ if n_greek + n_latin < n || (is_greek && n_greek > 0) => self.n_of_words += n as f32,
            _ if FUNCTIONS.contains(&word.as_str()) => self.n_variables += 1,
            // Greek letters among others, or in a row: variables that stand close.
            _ if n_greek > 0 => self.n_variables += n_greek,
            1 | 2 => self.n_variables += 1,
            3 => self.n_of_words += 1.5,
            _ if n >= WORD_LETTERS => self.n_of_words += n as f32,
            _ => {}
        }
    }

    /// Share of the characters that stand in words, 0 to 1.
    pub(super) fn words(&self) -> f32 {
        self.n_of_words / self.n_chars.max(1) as f32
    }

    /// How much of mathematics there is: signs count one, those that stand in formulas alone two.
    pub(super) fn weight(&self) -> usize {
        self.n_relations + 2 * self.n_symbols + self.n_operators + self.n_raised + self.n_variables
    }

    /// Whether it has a sign that most formulas have, and letters or signs that make it more than a sum of figures.
    pub(super) fn is_statement(&self) -> bool {
        let has_letters = self.n_variables + self.n_symbols > 0;
        !self.is_foreign && self.n_relations + self.n_symbols > 0 && has_letters
    }

    /// Whether it has a sign of prices, addresses, programs or lists.
    pub(super) fn is_foreign(&self) -> bool {
        self.is_foreign
    }
}

/// Share of the letters of a page that are Greek; 0 where there are too few to tell.
pub(super) fn greek_share<'a>(texts: impl Iterator<Item = &'a str>) -> f32 {
    let (mut n_letters, mut n_greek) = (0_usize, 0_usize);
    for c in texts.flat_map(str::chars).filter(|c| c.is_alphabetic()) {
        n_letters += 1;
        n_greek += usize::from(is_greek_letter(c));
    }
    if n_letters < 40 {
        0.0
    } else {
        n_greek as f32 / n_letters as f32
    }
}

/// Whether `text` is the number that stands beside a formula: `(3)`, `(2.14a)`, `(A-1)`.
pub(super) fn is_number(text: &str) -> bool {
    let text: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let [first, inner @ .., last] = text.as_slice() else {
        return false;
    };
    matches!(first, '(' | '（' | '[')
        && matches!(last, ')' | '）' | ']')
        && (1..=8).contains(&inner.len())
        && inner.iter().any(char::is_ascii_digit)
        && inner.iter().filter(|c| c.is_alphabetic()).count() <= 1
        && inner
            .iter()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '–' | '\'' | '*'))
}

fn is_greek_letter(c: char) -> bool {
    matches!(c, '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}')
}

fn is_latin(c: char) -> bool {
    // Letters with accents are of words; mathematical letters are what they say.
    matches!(c, 'a'..='z' | 'A'..='Z' | '\u{1d400}'..='\u{1d7ff}' | 'ℓ' | 'ℒ' | 'ℋ')
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn formulas_as_recognisers_write_them_are_statements() {
        for text in [
            "eiπ + 1 = 0",
            "a² + b² = c2",
            "∇ · B = 0",
            "∫ f(x) dx = F (b) − F (a)",
            "F12 = 2πi/(L1L2)τ3 , F34 = 2πi/(L3L4)τ3",
            "ξ = θαλα ·",
            "q = sin x + cos y",
        ] {
            let signs = Signs::of(text, false);
            assert!(
                signs.is_statement() && signs.words() < 0.25 && signs.weight() >= 3,
                "{text}: {signs:?}"
            );
        }
    }

    #[test]
    fn sums_prices_programs_and_words_are_none() {
        for text in [
            "2 x 3.50 = 7.00 $",
            "12.50 + 3.00",
            "12 + 30 = 42",
            "S = SR 6%",
            "if (a == b) return;",
            "P<USADOE<<JOHN",
            "https://a.b/?x=1",
            "Qty = 3 # A",
        ] {
            let signs = Signs::of(text, false);
            assert!(
                !(signs.is_statement() && signs.words() < 0.25 && signs.weight() >= 3),
                "{text}: {signs:?}"
            );
        }
        assert!(Signs::of("where x is the distance = a", false).words() > 0.4);
        assert!(Signs::of("η τιμή = 5", true).words() > 0.5);
    }

    #[test]
    fn numbers_of_formulas() {
        for text in ["(3)", "(2.14a)", "(A-1)", "[7]", "( 12 )"] {
            assert!(is_number(text), "{text}");
        }
        for text in ["3", "(see 3)", "()", "(a)", "(x+1)", "(1) (2) (3)"] {
            assert!(!is_number(text), "{text}");
        }
    }
}
