//! What a line can be written in, as far as a picture tells.

use ocr_chat_language::Script;

/// What a line is written in. Finer than a script where another recogniser reads the style, coarser where only reading tells
/// two scripts apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Writing {
    /// A script in its usual style.
    Script(Script),
    /// Latin letters with Vietnamese diacritics.
    Vietnamese,
    /// Latin in broken type.
    Fraktur,
    /// Arabic in the sloping style of Urdu.
    Nastaliq,
    /// Han without kana: Chinese, simplified or traditional.
    Han,
    /// Digits, punctuation and signs only.
    Symbols,
}

impl Writing {
    /// In the order of the network's classes (`script.classes.txt` beside its weights).
    pub const ALL: [Self; 34] = {
        use Writing::{Fraktur, Han, Nastaliq, Symbols, Vietnamese};
        const fn of(script: Script) -> Writing {
            Writing::Script(script)
        }
        [
            of(Script::Latn),
            Vietnamese,
            Fraktur,
            of(Script::Cyrl),
            of(Script::Grek),
            of(Script::Armn),
            of(Script::Geor),
            of(Script::Hebr),
            of(Script::Arab),
            Nastaliq,
            of(Script::Syrc),
            of(Script::Thaa),
            of(Script::Ethi),
            of(Script::Deva),
            of(Script::Beng),
            of(Script::Guru),
            of(Script::Gujr),
            of(Script::Orya),
            of(Script::Taml),
            of(Script::Telu),
            of(Script::Knda),
            of(Script::Mlym),
            of(Script::Sinh),
            of(Script::Thai),
            of(Script::Laoo),
            of(Script::Khmr),
            of(Script::Mymr),
            of(Script::Tibt),
            of(Script::Cher),
            of(Script::Cans),
            of(Script::Hang),
            Han,
            of(Script::Jpan),
            Symbols,
        ]
    };

    /// The script, where one is certain; Chinese counts as simplified until it is read.
    pub fn script(self) -> Option<Script> {
        match self {
            Self::Script(script) => Some(script),
            Self::Vietnamese | Self::Fraktur => Some(Script::Latn),
            Self::Nastaliq => Some(Script::Arab),
            Self::Han => Some(Script::Hans),
            Self::Symbols => None,
        }
    }
}
