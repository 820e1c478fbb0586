//! LaTeX as models write it: taken out of its wrapping, and checked before anybody sees it. What does not pass is no formula: the picture says more.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::guard::loop_start;

/// Longest formula that is taken, in bytes. A page of derivations has 2,000.
const MAX_BYTES: usize = 4_000;

/// A stretch of tokens that comes this often in a row is a loop, not a series; matrices repeat `0 &`, so short ones may come more often.
const MAX_REPEATS: usize = 12;
const MAX_REPEATS_OF_SHORT: usize = 40;

/// Tokens of the longest stretch that is looked for, and of a short one.
const MAX_STRETCH: usize = 24;
const SHORT_STRETCH: usize = 2;

/// Most of the letters that may stand in words, 0 to 1: more is a sentence about a formula.
const MAX_WORDS: f32 = 0.5;

/// Letters from which a run outside of commands is a word.
const WORD_LETTERS: usize = 4;

/// Why LaTeX is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LatexError {
    /// There is nothing.
    #[error("it is empty")]
    Empty,
    /// It is longer than formulas are.
    #[error("it is too long")]
    TooLong,
    /// Braces, environments or `\left` and `\right` do not match.
    #[error("its braces, environments or delimiters do not match")]
    Unbalanced,
    /// A command or an environment that no formula needs, or that does not exist.
    #[error("it has an unknown command")]
    Unknown,
    /// The same again and again.
    #[error("it repeats itself")]
    Repetition,
    /// Words, a comment, signs that LaTeX does not allow there.
    #[error("it is no formula")]
    NotFormula,
}

/// The formula in `answer`, without delimiters.
///
/// # Errors
/// [`LatexError`], which says nothing of the document.
pub fn checked(answer: &str) -> Result<String, LatexError> {
    let latex = unwrapped(answer);
    if latex.is_empty() {
        return Err(LatexError::Empty);
    }
    if latex.len() > MAX_BYTES {
        return Err(LatexError::TooLong);
    }
    let tokens = tokens(&latex);
    check_structure(&tokens)?;
    if loop_start(&latex).is_some() || has_loop(&tokens) {
        return Err(LatexError::Repetition);
    }
    if words(&tokens) > MAX_WORDS {
        return Err(LatexError::NotFormula);
    }
    Ok(latex)
}

/// What stands inside of fences and delimiters.
fn unwrapped(answer: &str) -> String {
    let mut rest = answer.trim();
    if let Some(inner) = rest.strip_prefix("```") {
        let inner = inner.strip_suffix("```").unwrap_or(inner);
        rest = inner
            .strip_prefix("latex")
            .or_else(|| inner.strip_prefix("tex"))
            .or_else(|| inner.strip_prefix("math"))
            .unwrap_or(inner)
            .trim();
    }
    let pairs = [
        ("$$", "$$"),
        ("\\[", "\\]"),
        ("\\(", "\\)"),
        ("$", "$"),
        ("\\begin{equation}", "\\end{equation}"),
        ("\\begin{equation*}", "\\end{equation*}"),
        ("\\begin{displaymath}", "\\end{displaymath}"),
        ("\\begin{math}", "\\end{math}"),
    ];
    // One may stand in another.
    for _ in 0..3 {
        for (open, close) in pairs {
            if let Some(inner) = rest
                .strip_prefix(open)
                .and_then(|rest| rest.strip_suffix(close))
            {
                rest = inner.trim();
            }
        }
    }
    // Between `$$` an alignment has another name.
    let mut latex = rest.to_owned();
    for name in ["align", "gather", "split", "eqnarray", "multline"] {
        let inner = match name {
            "gather" | "multline" => "gathered",
            _ => "aligned",
        };
        for name in [format!("{name}*"), name.to_owned()] {
            latex = latex
                .replace(
                    &format!("\\begin{{{name}}}"),
                    &format!("\\begin{{{inner}}}"),
                )
                .replace(&format!("\\end{{{name}}}"), &format!("\\end{{{inner}}}"));
        }
    }
    latex
}

/// Commands with their backslash, braces, and each other character that is no space.
fn tokens(latex: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = latex;
    while let Some(c) = rest.chars().next() {
        let length = if c == '\\' {
            let behind = &rest[1..];
            let n_letters = behind.bytes().take_while(u8::is_ascii_alphabetic).count();
            let n_other = behind.chars().next().map_or(0, char::len_utf8);
            1 + if n_letters > 0 { n_letters } else { n_other }
        } else {
            c.len_utf8()
        };
        let (token, behind) = rest.split_at(length);
        if !token.trim().is_empty() {
            tokens.push(token);
        }
        rest = behind;
    }
    tokens
}

/// Checks nesting, commands, and signs that have no place in a formula.
fn check_structure(tokens: &[&str]) -> Result<(), LatexError> {
    let mut open: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(&token) = tokens.get(at) {
        at += 1;
        match token {
            "{" => open.push("{".to_owned()),
            "}" => close(&mut open, "{")?,
            "\\left" => {
                open.push("\\left".to_owned());
                at += 1;
            }
            "\\right" => {
                close(&mut open, "\\left")?;
                at += 1;
            }
            "\\begin" | "\\end" => {
                let name = name_at(tokens, &mut at).ok_or(LatexError::Unbalanced)?;
                if !ENVIRONMENTS.contains(&name.as_str()) {
                    return Err(LatexError::Unknown);
                }
                if token == "\\begin" {
                    open.push(name);
                } else {
                    close(&mut open, &name)?;
                }
            }
            // Columns outside of anything that has some.
            "&" if !open
                .iter()
                .any(|name| ENVIRONMENTS.contains(&name.as_str())) =>
            {
                return Err(LatexError::NotFormula);
            }
            "%" | "#" | "$" => return Err(LatexError::NotFormula),
            "\\" => return Err(LatexError::Unbalanced),
            _ if token.starts_with('\\') => {
                let name = &token[1..];
                let is_sign = !name.starts_with(|c: char| c.is_ascii_alphabetic());
                if is_sign && !SIGNS.contains(name) || !is_sign && !KNOWN.contains(name) {
                    return Err(LatexError::Unknown);
                }
            }
            _ => {}
        }
    }
    if open.is_empty() {
        Ok(())
    } else {
        Err(LatexError::Unbalanced)
    }
}

fn close(open: &mut Vec<String>, expected: &str) -> Result<(), LatexError> {
    match open.pop() {
        Some(name) if name == expected => Ok(()),
        _ => Err(LatexError::Unbalanced),
    }
}

/// The name in braces at `at`, which is moved behind it.
fn name_at(tokens: &[&str], at: &mut usize) -> Option<String> {
    if tokens.get(*at) != Some(&"{") {
        return None;
    }
    let length = tokens[*at..]
        .iter()
        .take(16)
        .position(|token| *token == "}")?;
    let name = tokens[*at + 1..*at + length].concat();
    *at += length + 1;
    Some(name)
}

/// Whether a stretch of tokens comes too often in a row.
fn has_loop(tokens: &[&str]) -> bool {
    (1..=MAX_STRETCH).any(|length| {
        let most = if length <= SHORT_STRETCH {
            MAX_REPEATS_OF_SHORT
        } else {
            MAX_REPEATS
        };
        let mut n_same = 0;
        (length..tokens.len()).any(|at| {
            n_same = if tokens[at] == tokens[at - length] {
                n_same + 1
            } else {
                0
            };
            n_same >= length * most
        })
    })
}

/// The share of the letters outside of commands that stand in words, 0 to 1.
fn words(tokens: &[&str]) -> f32 {
    let (mut n_letters, mut n_of_words, mut run) = (0_usize, 0_usize, 0_usize);
    let mut in_name = false;
    for token in tokens.iter().chain(&["{"]) {
        // Names of environments are no words.
        in_name = matches!(*token, "\\begin" | "\\end") || in_name && *token != "}";
        if in_name {
            continue;
        }
        let is_letter = token.chars().all(char::is_alphabetic);
        n_letters += usize::from(is_letter);
        if is_letter {
            run += 1;
            continue;
        }
        n_of_words += if run >= WORD_LETTERS { run } else { 0 };
        run = 0;
    }
    // Few letters are not many words, and a sentence has no sign.
    let n_signs = tokens.len() - n_letters;
    if n_of_words <= 12 && n_signs > 0 {
        return 0.0;
    }
    n_of_words as f32 / n_letters.max(1) as f32
}

/// How much of what was read, `signs`, is in `latex`, too: the share of its Latin letters and digits, 0 to 1; `None` where there are too few to tell.
pub fn agreement(signs: &str, latex: &str) -> Option<f32> {
    const FEW: usize = 4;
    let is_plain = |c: &char| c.is_ascii_alphanumeric();
    let read: Vec<char> = signs
        .chars()
        .filter(is_plain)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    if read.len() < FEW {
        return None;
    }
    let mut written: Vec<char> = Vec::new();
    for token in tokens(latex) {
        // A function's name is read as letters; other commands are signs.
        let text = token
            .strip_prefix('\\')
            .filter(|name| FUNCTIONS.contains(name));
        let letters = text.unwrap_or(if token.starts_with('\\') { "" } else { token });
        written.extend(
            letters
                .chars()
                .filter(is_plain)
                .map(|c| c.to_ascii_lowercase()),
        );
    }
    let mut n_found = 0;
    for c in &read {
        if let Some(at) = written.iter().position(|other| other == c) {
            written.swap_remove(at);
            n_found += 1;
        }
    }
    Some(n_found as f32 / read.len() as f32)
}

/// Environments inside of a formula.
const ENVIRONMENTS: [&str; 16] = [
    "matrix",
    "pmatrix",
    "bmatrix",
    "Bmatrix",
    "vmatrix",
    "Vmatrix",
    "smallmatrix",
    "cases",
    "rcases",
    "aligned",
    "alignedat",
    "gathered",
    "array",
    "subarray",
    "split",
    "dcases",
];

/// What may follow a backslash and is no letter.
const SIGNS: &str = "{}[]()|,;:!> \\&%#$_'.-=/^\"`~*+<";

/// Commands that print their own names.
const FUNCTIONS: [&str; 34] = [
    "arccos", "arcsin", "arctan", "arg", "cos", "cosh", "cot", "coth", "csc", "deg", "det", "dim",
    "exp", "gcd", "hom", "inf", "ker", "lg", "lim", "liminf", "limsup", "ln", "log", "max", "min",
    "Pr", "sec", "sin", "sinh", "sup", "tan", "tanh", "injlim", "projlim",
];

/// The commands of LaTeX and amsmath that formulas use, but for the functions' names.
const COMMANDS: &str = "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa varkappa lambda mu nu xi omicron pi varpi rho varrho sigma \
varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega digamma aleph beth gimel hbar hslash ell wp Re Im imath \
jmath partial nabla infty emptyset varnothing angle measuredangle triangle square Box diamond Diamond bot top forall exists nexists neg lnot flat natural sharp \
clubsuit diamondsuit heartsuit spadesuit prime backprime degree surd mho eth \
frac dfrac tfrac cfrac sqrt root over atop choose binom dbinom tbinom genfrac stackrel overset underset sideset substack overline underline overbrace \
underbrace overrightarrow overleftarrow overleftrightarrow underrightarrow underleftarrow widehat widetilde hat check tilde acute grave dot ddot dddot ddddot \
breve bar vec mathring boxed fbox cancel bcancel xcancel not phantom hphantom vphantom smash \
sum prod coprod int iint iiint iiiint oint oiint oiiint bigcap bigcup bigsqcup bigvee bigwedge bigodot bigotimes bigoplus biguplus intop smallint limits \
nolimits displaylimits varlimsup varliminf varinjlim varprojlim \
pm mp times div ast star circ bullet cdot cap cup uplus sqcap sqcup vee wedge lor land setminus smallsetminus wr amalg dagger ddagger bigtriangleup \
bigtriangledown triangleleft triangleright lhd rhd unlhd unrhd oplus ominus otimes oslash odot bigcirc dotplus ltimes rtimes leftthreetimes rightthreetimes \
boxplus boxminus boxtimes boxdot barwedge veebar circledast circledcirc circleddash centerdot intercal \
leq le leqq leqslant geq ge geqq geqslant ll lll gg ggg lt gt neq ne equiv sim simeq approx approxeq cong doteq propto varpropto asymp bowtie models prec succ \
preceq succeq precsim succsim subset subseteq subseteqq subsetneq supset supseteq supseteqq supsetneq sqsubset sqsubseteq sqsupset sqsupseteq in ni notin \
owns vdash dashv Vdash vDash Vvdash perp mid nmid parallel nparallel smile frown lesssim gtrsim lessgtr gtrless triangleq coloneqq eqqcolon backsim between \
nleq ngeq nless ngtr nsubseteq nsupseteq ncong nsim lneq gneq trianglelefteq trianglerighteq therefore because colon \
leftarrow gets rightarrow to leftrightarrow Leftarrow Rightarrow Leftrightarrow iff implies impliedby mapsto longmapsto longleftarrow longrightarrow \
longleftrightarrow Longleftarrow Longrightarrow Longleftrightarrow hookleftarrow hookrightarrow leftharpoonup leftharpoondown rightharpoonup \
rightharpoondown rightleftharpoons leftrightharpoons rightleftarrows leftrightarrows rightrightarrows leftleftarrows twoheadrightarrow \
twoheadleftarrow rightsquigarrow leadsto uparrow downarrow updownarrow Uparrow Downarrow Updownarrow nearrow searrow swarrow nwarrow xrightarrow xleftarrow \
nrightarrow nleftarrow nRightarrow nLeftarrow upharpoonright restriction \
langle rangle lceil rceil lfloor rfloor lbrace rbrace lbrack rbrack vert Vert lvert rvert lVert rVert backslash ulcorner urcorner lgroup rgroup lmoustache \
rmoustache middle big Big bigg Bigg bigl Bigl biggl Biggl bigr Bigr biggr Biggr bigm Bigm biggm Biggm \
ldots cdots vdots ddots dots dotsc dotsb dotsm dotsi dotso hdots iddots quad qquad hspace vspace mspace hskip kern mkern thinspace medspace thickspace \
negthinspace negmedspace negthickspace enspace nobreakspace hfill space \
mathrm mathbf mathbb mathcal mathscr mathfrak mathsf mathtt mathit mathnormal boldsymbol bm pmb bold rm bf it cal tt sf text textrm textbf textit textsf texttt \
textnormal textup mbox hbox operatorname operatornamewithlimits mathop mathrel mathbin mathord mathopen mathclose mathpunct mathinner mathstrut strut \
displaystyle textstyle scriptstyle scriptscriptstyle \
tag notag nonumber label hline hdashline cline newline cr pmod bmod mod pod injlim llbracket rrbracket lsqb rsqb S P dag ddag copyright pounds euro complement \
ulcorner blacksquare blacktriangle blacklozenge lozenge bigstar circledR circledS checkmark maltese Bbbk Finv Game hslash nonumber arraystretch multicolumn";

static KNOWN: LazyLock<BTreeSet<&'static str>> =
    LazyLock::new(|| COMMANDS.split_whitespace().chain(FUNCTIONS).collect());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_come_out_of_their_wrapping() {
        for (answer, latex) in [
            ("$$\nE = mc^2\n$$", "E = mc^2"),
            ("\\[ \\frac{a}{b} \\]", "\\frac{a}{b}"),
            ("```latex\n\\sqrt[3]{x}\n```", "\\sqrt[3]{x}"),
            (
                "$\\left( \\frac{1}{2} \\right)$",
                "\\left( \\frac{1}{2} \\right)",
            ),
            (
                "\\begin{equation}\n x \\in \\mathbb{R}\\end{equation}",
                "x \\in \\mathbb{R}",
            ),
            (
                "\\begin{align*} a &= b \\\\ c &= d \\end{align*}",
                "\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}",
            ),
            (
                "f(x) = \\begin{cases} 1 & x > 0 \\\\ 0 & \\text{otherwise} \\end{cases}",
                "",
            ),
            ("\\left. \\frac{df}{dx} \\right|_{x=0} \\tag{2.1}", ""),
            ("\\left\\{ x \\mid x \\neq 0 \\right\\}", ""),
            (
                "\\operatorname{argmax}_\\theta \\sum_{i=1}^{n} \\log p(x_i)",
                "",
            ),
            (
                "\\begin{pmatrix} 1 & 0 & 0 & 0 \\\\ 0 & 1 & 0 & 0 \\end{pmatrix}",
                "",
            ),
        ] {
            let expected = if latex.is_empty() { answer } else { latex };
            assert_eq!(checked(answer).as_deref(), Ok(expected), "{answer}");
        }
    }

    #[test]
    fn what_is_no_formula_is_refused() {
        use LatexError::*;
        for (answer, error) in [
            ("", Empty),
            ("$$ $$", Empty),
            ("\\frac{a}{b", Unbalanced),
            ("a}", Unbalanced),
            ("\\left( x", Unbalanced),
            ("x \\right)", Unbalanced),
            ("\\begin{cases} 1 \\end{matrix}", Unbalanced),
            ("\\left( { \\right) }", Unbalanced),
            ("x \\", Unbalanced),
            ("\\begin{document}x\\end{document}", Unknown),
            ("\\input{/etc/passwd}", Unknown),
            ("\\href{https://a.b}{x}", Unknown),
            ("\\fraction{a}{b}", Unknown),
            ("a & b", NotFormula),
            ("a % b", NotFormula),
            ("x $ y", NotFormula),
            (
                "The picture shows an equation that relates energy and mass.",
                NotFormula,
            ),
        ] {
            assert_eq!(checked(answer), Err(error), "{answer}");
        }
        assert_eq!(checked(&"x+".repeat(2_100)), Err(TooLong));
        assert_eq!(checked(&"\\alpha_{1}+".repeat(30)), Err(Repetition));
        assert_eq!(checked(&"1".repeat(60)), Err(Repetition));
    }

    #[test]
    fn agreement_is_of_letters_and_digits() {
        assert_eq!(agreement("E = mc2 + 1", "E = mc^{2} + 1"), Some(1.0));
        assert_eq!(agreement("sin x = 12", "\\sin x = 12"), Some(1.0));
        assert!(agreement("E = mc2 + 1", "\\int f(t)\\,dt").unwrap() < 0.15);
        assert_eq!(agreement("∫ x", "x"), None);
    }
}
