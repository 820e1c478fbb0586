//! Words of texts in any script, in the form in which they are compared.

/// Letters of a piece of a word: four, the length that serves most languages best (McNamee and Mayfield, "Character N-Gram Tokenization for
/// European Language Text Retrieval", 2004).
const PIECE: usize = 4;

/// The words of `text` as they are compared, in order. Scripts without spaces give overlapping pairs of characters.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in text.chars().map(narrow) {
        if is_part(c) {
            word.push(c);
        } else {
            push(&mut words, &mut word);
        }
    }
    push(&mut words, &mut word);
    words
}

/// `text` as it is compared, white space, punctuation and case left out: for finding a quote that was copied with small changes.
pub(crate) fn letters(text: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    text.char_indices()
        .map(|(at, c)| (at, narrow(c)))
        .filter(|(_, c)| is_part(*c))
        .flat_map(|(at, c)| c.to_lowercase().map(move |c| (at, c)))
        .filter_map(|(at, c)| fold(c).map(|c| (at, c)))
}

/// Full-width forms as the letters and figures that they are; ligatures come as OCR and fonts write them and are left.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' => ' ',
        c => c,
    }
}

/// Whether `c` can be part of a word: letters, marks, figures.
fn is_part(c: char) -> bool {
    c.is_alphanumeric() || is_mark(c)
}

/// Marks that stand with letters: of Latin, Hebrew, Arabic, the scripts of India and South-East Asia, kana.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6ed}'
        | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}' | '\u{951}'..='\u{957}' | '\u{980}'..='\u{983}' | '\u{9bc}'..='\u{9d7}' | '\u{a01}'..='\u{a03}' | '\u{a3c}'..='\u{a51}'
        | '\u{a81}'..='\u{a83}' | '\u{abc}'..='\u{acd}' | '\u{b01}'..='\u{b03}' | '\u{b3c}'..='\u{b57}' | '\u{b82}' | '\u{bbe}'..='\u{bd7}' | '\u{c00}'..='\u{c04}' | '\u{c3c}'..='\u{c56}'
        | '\u{c81}'..='\u{c83}' | '\u{cbc}'..='\u{cd6}' | '\u{d00}'..='\u{d03}' | '\u{d3b}'..='\u{d57}' | '\u{d81}'..='\u{d83}' | '\u{dca}'..='\u{ddf}' | '\u{e31}' | '\u{e33}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}'
        | '\u{eb1}' | '\u{eb3}'..='\u{ebc}' | '\u{ec8}'..='\u{ece}' | '\u{f71}'..='\u{f84}' | '\u{102b}'..='\u{103e}' | '\u{17b4}'..='\u{17d3}' | '\u{3099}' | '\u{309a}')
}

fn push(words: &mut Vec<String>, word: &mut String) {
    if word.is_empty() {
        return;
    }
    let mut run = String::new();
    let mut run_is_spaceless = false;
    for c in std::mem::take(word).chars() {
        let spaceless = is_spaceless(c);
        if spaceless != run_is_spaceless && !run.is_empty() {
            push_run(words, &run, run_is_spaceless);
            run.clear();
        }
        run_is_spaceless = spaceless;
        run.push(c);
    }
    push_run(words, &run, run_is_spaceless);
}

fn push_run(words: &mut Vec<String>, run: &str, is_spaceless: bool) {
    if !is_spaceless {
        let folded: String = run
            .chars()
            .flat_map(char::to_lowercase)
            .filter_map(fold)
            .collect();
        let folded = without_article(&folded);
        if !folded.is_empty() {
            words.push(folded.to_owned());
        }
        return;
    }
    let chars: Vec<char> = run.chars().collect();
    if chars.len() == 1 {
        words.push(run.to_owned());
    }
    words.extend(chars.windows(2).map(|pair| pair.iter().collect::<String>()));
}

/// A character as it is compared; `None` for marks that writers leave out: accents of Latin, Greek and Cyrillic, vowel points of Arabic and Hebrew.
fn fold(c: char) -> Option<char> {
    match c {
        '\u{300}'..='\u{36f}'
        | '\u{5b0}'..='\u{5c7}'
        | '\u{64b}'..='\u{65f}'
        | '\u{640}'
        | '\u{670}' => None,
        'أ' | 'إ' | 'آ' | 'ٱ' => Some('ا'),
        'ى' => Some('ي'),
        'ة' => Some('ه'),
        'ß' => Some('s'),
        'ё' => Some('е'),
        '\u{c0}'..='\u{24f}' | '\u{370}'..='\u{52f}' | '\u{1e00}'..='\u{1fff}' => Some(bare(c)),
        '٠'..='٩' => digit(c, '٠'),
        '۰'..='۹' => digit(c, '۰'),
        '०'..='९' => digit(c, '०'),
        '๐'..='๙' => digit(c, '๐'),
        c => Some(c),
    }
}

/// The figure that `c` is, in any of the scripts whose figures are compared.
pub(crate) fn digit_value(c: char) -> Option<u32> {
    fold(narrow(c)).and_then(|c| c.to_digit(10))
}

/// A letter of Latin, Greek or Cyrillic without its accents.
fn bare(c: char) -> char {
    let row = ACCENTED.iter().find(|(_, accented)| accented.contains(c));
    row.map_or(c, |(bare, _)| *bare)
}

/// Letters and those that are they with accents, small ones alone (canonical decompositions of Unicode 15).
#[rustfmt::skip]
const ACCENTED: &[(char, &str)] = &[
    ('a', "àáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặ"),
    ('b', "ḃḅḇ"),
    ('c', "çćĉċčḉ"),
    ('d', "ďḋḍḏḑḓ"),
    ('e', "èéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ"),
    ('f', "ḟ"),
    ('g', "ĝğġģǧǵḡ"),
    ('h', "ĥȟḣḥḧḩḫẖ"),
    ('i', "ìíîïĩīĭįǐȉȋḭḯỉị"),
    ('j', "ĵǰ"),
    ('k', "ķǩḱḳḵ"),
    ('l', "ĺļľḷḹḻḽ"),
    ('m', "ḿṁṃ"),
    ('n', "ñńņňǹṅṇṉṋ"),
    ('o', "òóôõöōŏőơǒǫǭȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợ"),
    ('p', "ṕṗ"),
    ('r', "ŕŗřȑȓṙṛṝṟ"),
    ('s', "śŝşšșṡṣṥṧṩ"),
    ('t', "ţťțṫṭṯṱẗ"),
    ('u', "ùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự"),
    ('v', "ṽṿ"),
    ('w', "ŵẁẃẅẇẉẘ"),
    ('x', "ẋẍ"),
    ('y', "ýÿŷȳẏẙỳỵỷỹ"),
    ('z', "źżžẑẓẕ"),
    ('¨', "΅῁῭΅"),
    ('æ', "ǣǽ"),
    ('ø', "ǿ"),
    ('ſ', "ẛ"),
    ('ʒ', "ǯ"),
    ('α', "άἀἁἂἃἄἅἆἇὰάᾀᾁᾂᾃᾄᾅᾆᾇᾰᾱᾲᾳᾴᾶᾷ"),
    ('ε', "έἐἑἒἓἔἕὲέ"),
    ('η', "ήἠἡἢἣἤἥἦἧὴήᾐᾑᾒᾓᾔᾕᾖᾗῂῃῄῆῇ"),
    ('ι', "ΐίϊἰἱἲἳἴἵἶἷὶίῐῑῒΐῖῗ"),
    ('ο', "όὀὁὂὃὄὅὸό"),
    ('ρ', "ῤῥ"),
    ('υ', "ΰϋύὐὑὒὓὔὕὖὗὺύῠῡῢΰῦῧ"),
    ('ω', "ώὠὡὢὣὤὥὦὧὼώᾠᾡᾢᾣᾤᾥᾦᾧῲῳῴῶῷ"),
    ('ϒ', "ϓϔ"),
    ('а', "ӑӓ"),
    ('г', "ѓ"),
    ('е', "ѐёӗ"),
    ('ж', "ӂӝ"),
    ('з', "ӟ"),
    ('и', "йѝӣӥ"),
    ('к', "ќ"),
    ('о', "ӧ"),
    ('у', "ўӯӱӳ"),
    ('ч', "ӵ"),
    ('ы', "ӹ"),
    ('э', "ӭ"),
    ('і', "ї"),
    ('ѵ', "ѷ"),
    ('ә', "ӛ"),
    ('ө', "ӫ"),
    ('᾿', "῍῎῏"),
    ('῾', "῝῞῟"),
];

fn digit(c: char, zero: char) -> Option<char> {
    char::from_digit(u32::from(c) - u32::from(zero), 10)
}

/// An Arabic word without the article and the letters that are written together with what follows.
fn without_article(word: &str) -> &str {
    let n_chars = word.chars().count();
    for prefix in ["وال", "بال", "كال", "فال", "لل", "ال"] {
        if let Some(rest) = word.strip_prefix(prefix)
            && n_chars >= prefix.chars().count() + 3
        {
            return rest;
        }
    }
    word
}

/// Whether words of the script of `c` are not parted by spaces: Thai, Lao, Burmese, Khmer, Tibetan, Chinese, Japanese.
pub(crate) fn is_spaceless(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{e4f}' | '\u{e5a}'..='\u{ecf}' | '\u{f00}'..='\u{fff}' | '\u{1000}'..='\u{103f}' | '\u{1780}'..='\u{17dd}' | '\u{3005}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// How alike two words are, 0 to 1: 1 for the same; figures are the same or not; of other words, the share of pieces of four letters that they have in
/// common, so that forms of a word and small misreadings count.
pub(crate) fn likeness(a: &[char], b: &[char]) -> f32 {
    if a == b {
        return 1.0;
    }
    let has_figures = |word: &[char]| word.iter().any(char::is_ascii_digit);
    let n_shorter = a.len().min(b.len());
    if has_figures(a)
        || has_figures(b)
        || n_shorter < 3
        || a.iter().chain(b).any(|c| is_spaceless(*c))
    {
        return 0.0;
    }
    // Short words have no pieces: all but their ending has to be the same.
    let n_same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let n_longer = a.len().max(b.len());
    let by_beginning = if n_same >= 3 && n_same + 1 >= n_shorter {
        n_same as f32 / n_longer as f32
    } else {
        0.0
    };
    if n_shorter < PIECE + 1 {
        return if by_beginning >= 0.6 {
            by_beginning
        } else {
            0.0
        };
    }
    let pieces =
        |word: &[char]| -> Vec<Vec<char>> { word.windows(PIECE).map(<[char]>::to_vec).collect() };
    let (pieces_a, mut pieces_b) = (pieces(a), pieces(b));
    let total = pieces_a.len() + pieces_b.len();
    let n_shared = pieces_a
        .iter()
        .filter(|piece| {
            let found = pieces_b.iter().position(|other| other == *piece);
            found
                .map(|position| pieces_b.swap_remove(position))
                .is_some()
        })
        .count();
    let dice = 2.0 * n_shared as f32 / total as f32;
    // A common beginning of most of both is the same word with another ending.
    let by_stem = if n_same >= PIECE && n_same * 10 >= n_shorter * 7 {
        0.5 + 0.5 * n_same as f32 / n_longer as f32
    } else {
        0.0
    };
    let alike = dice.max(by_stem).max(by_beginning);
    if alike >= 0.45 { alike.min(0.95) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(a: &str, b: &str) -> f32 {
        let chars = |word: &str| words(word)[0].chars().collect::<Vec<_>>();
        likeness(&chars(a), &chars(b))
    }

    #[test]
    fn words_are_folded_and_scripts_without_spaces_come_in_pairs() {
        assert_eq!(
            words("Über Größe: 12,5 m²"),
            ["uber", "grose", "12", "5", "m²"]
        );
        assert_eq!(words("เลขที่"), ["เล", "ลข", "ขท", "ที", "ี่"]);
        assert_eq!(words("総額は¥100です"), ["総額", "額は", "100", "です"]);
        assert_eq!(words("الإيجار"), ["ايجار"]);
        assert_eq!(words("๒๕๖๗"), ["2567"]);
    }

    #[test]
    fn forms_of_a_word_are_alike_and_other_words_are_not() {
        assert!(alike("kündigen", "Kündigung") > 0.5);
        assert!(alike("month", "monthly") > 0.5);
        assert!(alike("rent", "rents") > 0.5);
        assert!(alike("insurance", "insured") > 0.4);
        assert_eq!(alike("2023", "2024"), 0.0);
        assert_eq!(alike("form", "farm"), 0.0);
        assert_eq!(alike("station", "nation"), alike("nation", "station"));
        assert_eq!(alike("price", "prince"), 0.0);
    }
}
