//! Lines as OCR wrote them, put right where what a place may hold or a check digit leaves one reading.

use crate::mrz::format::{Format, Place};
use crate::mrz::{check_digit, checks};

/// What a place of a zone may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Letters,
    Digits,
}

/// A row as the characters of a zone; `None` when it is none: too short, or with letters that a zone does not have.
pub(super) fn zone_line(text: &str) -> Option<Vec<char>> {
    let mut line = Vec::new();
    let mut n_foreign = 0;
    for c in text.chars() {
        match c {
            'A'..='Z' | '0'..='9' | '<' => line.push(c),
            '«' | '≪' | '《' => line.extend(['<', '<']),
            '‹' | '〈' | '＜' | '(' | '{' | '[' | '∠' | '≤' => line.push('<'),
            'a'..='z' => {
                line.push(c.to_ascii_uppercase());
                n_foreign += 1;
            }
            c if c.is_whitespace() => {}
            _ => n_foreign += 1,
        }
    }
    let has_fillers = line.iter().filter(|c| **c == '<').count() >= 1;
    let has_figures = line.iter().filter(|c| c.is_ascii_digit()).count() >= 8;
    (line.len() >= 24
        && line.len() <= 48
        && n_foreign * 8 <= line.len()
        && (has_fillers || has_figures))
        .then_some(line)
}

/// `line` at `width` characters: fillers that OCR took for too many or too few are put right in the longest run of them; `None` when more than that is wrong.
pub(super) fn fitted(line: &[char], width: usize) -> Option<Vec<char>> {
    let difference = width.abs_diff(line.len());
    if difference == 0 {
        return Some(line.to_vec());
    }
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (position, c) in line.iter().enumerate() {
        match runs.last_mut() {
            Some((start, len)) if *c == '<' && *start + *len == position => *len += 1,
            _ if *c == '<' => runs.push((position, 1)),
            _ => {}
        }
    }
    let (start, len) = runs.into_iter().max_by_key(|(_, len)| *len)?;
    // Long runs of fillers are counted badly; the rest of a line is not.
    let is_likely = difference <= 2 || (len >= 6 && difference <= 8);
    let mut fitted = line.to_vec();
    if line.len() < width {
        fitted.splice(start..start, std::iter::repeat_n('<', difference));
    } else if len > difference {
        fitted.drain(start..start + difference);
    } else {
        return None;
    }
    is_likely.then_some(fitted)
}

/// The zone with each place holding what it may.
pub(super) fn corrected(format: Format, mut lines: Vec<Vec<char>>) -> Vec<Vec<char>> {
    let mut set = |(line, from, to): Place, class: Class| {
        for c in &mut lines[line][from..to] {
            *c = as_class(*c, class);
        }
    };
    set((0, 0, 1), Class::Letters);
    set((0, 2, 5), Class::Letters);
    set(format.names(), Class::Letters);
    set(format.nationality(), Class::Letters);
    set(format.sex(), Class::Letters);
    for (line, from, to) in [format.birth(), format.expiry()] {
        // The check digit follows.
        set((line, from, to + 1), Class::Digits);
    }
    let (line, _, end) = format.number();
    set((line, end, end + 1), Class::Digits);
    if let Some((_, place)) = format.composite() {
        set(place, Class::Digits);
    }
    // Names end with fillers; OCR takes some of the last for letters that look alike.
    let (line, from, to) = format.names();
    unfilled(&mut lines[line][from..to]);
    choose(format, &mut lines, format.number());
    lines
}

/// Letters among the fillers at the end of a line of names that are fillers themselves: `K`, `C`, `L`, `E` and `S` alone between two.
fn unfilled(names: &mut [char]) {
    let Some(end) = (1..names.len()).find(|&at| {
        names[at] == '<'
            && names[at - 1] == '<'
            && names[at..].iter().filter(|c| **c == '<').count() * 3 >= (names.len() - at) * 2
    }) else {
        return;
    };
    // Behind the two fillers after the given names nothing follows but fillers; the surname's two come first.
    let is_after_given = names[..end - 1].windows(2).any(|pair| pair == ['<', '<']);
    if is_after_given {
        for c in &mut names[end..] {
            if matches!(c, 'K' | 'C' | 'L' | 'E' | 'S' | 'X') {
                *c = '<';
            }
        }
    }
}

/// Looks for the reading of a field that fits its check digit: each letter and figure that looks like another one may be it, one at a time.
fn choose(format: Format, lines: &mut [Vec<char>], (line, from, to): Place) {
    let wanted = lines[line][to];
    let fits = |field: &[char]| char::from_digit(check_digit(field), 10) == Some(wanted);
    if !wanted.is_ascii_digit() || fits(&lines[line][from..to]) {
        return;
    }
    let field = lines[line][from..to].to_vec();
    let mut fitting = Vec::new();
    for position in 0..field.len() {
        if let Some(other) = twin(field[position]) {
            let mut changed = field.clone();
            changed[position] = other;
            if fits(&changed) {
                fitting.push(changed);
            }
        }
    }
    // All at once: a reader that takes one zero for a letter takes the others, too.
    let digits: Vec<char> = field.iter().map(|c| as_class(*c, Class::Digits)).collect();
    if fitting.is_empty() && fits(&digits) {
        fitting.push(digits);
    }
    let agrees = |changed: &Vec<char>| {
        let mut whole = lines.to_vec();
        whole[line].splice(from..to, changed.iter().copied());
        checks(format, &whole)
            .iter()
            .all(|check| check.over != "composite" || check.is_right)
    };
    if fitting.len() > 1 {
        fitting.retain(agrees);
    }
    if fitting.len() > 1 {
        // Numbers have more figures than letters.
        let n_digits = |field: &[char]| field.iter().filter(|c| c.is_ascii_digit()).count();
        fitting.retain(|changed| n_digits(changed) > n_digits(&field));
    }
    if let [only] = fitting.as_slice() {
        lines[line].splice(from..to, only.iter().copied());
    }
}

/// The character of the other kind that looks like `c`.
fn twin(c: char) -> Option<char> {
    Some(match c {
        '0' => 'O',
        'O' | 'Q' | 'D' => '0',
        '1' => 'I',
        'I' | 'L' => '1',
        '2' => 'Z',
        'Z' => '2',
        '5' => 'S',
        'S' => '5',
        '8' => 'B',
        'B' => '8',
        '6' => 'G',
        'G' => '6',
        _ => return None,
    })
}

fn as_class(c: char, class: Class) -> char {
    match (class, c) {
        (Class::Digits, 'O' | 'Q' | 'D' | 'U') => '0',
        (Class::Digits, 'I' | 'L' | 'J') => '1',
        (Class::Digits, 'Z') => '2',
        (Class::Digits, 'A') => '4',
        (Class::Digits, 'S') => '5',
        (Class::Digits, 'G') => '6',
        (Class::Digits, 'T') => '7',
        (Class::Digits, 'B') => '8',
        (Class::Letters, '0') => 'O',
        (Class::Letters, '1') => 'I',
        (Class::Letters, '2') => 'Z',
        (Class::Letters, '5') => 'S',
        (Class::Letters, '6') => 'G',
        (Class::Letters, '8') => 'B',
        _ => c,
    }
}
