//! Scripts by their ISO 15924 codes.

use crate::{PpOcrSize, Reader};

/// The direction a script is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Left to right.
    Ltr,
    /// Right to left.
    Rtl,
}

impl Direction {
    /// `ltr` or `rtl`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ltr => "ltr",
            Self::Rtl => "rtl",
        }
    }
}

macro_rules! scripts {
    ($($(#[$doc:meta])* $code:ident, $name:literal, $direction:ident, [$($reader:expr),*];)*) => {
        /// A script, named by its ISO 15924 code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Script {
            $($(#[$doc])* $code,)*
        }

        impl Script {
            /// All scripts, by code.
            pub const ALL: &[Self] = &[$(Self::$code),*];

            /// The ISO 15924 code.
            pub fn code(self) -> &'static str {
                match self { $(Self::$code => stringify!($code),)* }
            }

            /// The English name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$code => $name,)* }
            }

            /// The direction it is written in.
            pub fn direction(self) -> Direction {
                match self { $(Self::$code => Direction::$direction,)* }
            }

            /// What reads the script whatever the language, the best first.
            pub fn readers(self, size: PpOcrSize) -> &'static [Reader] {
                match (self, size) {
                    // The tiny model has no kana.
                    (Self::Jpan, PpOcrSize::Tiny) => &[Lstm("Japanese"), PpOcr, Lstm("Japanese_vert")],
                    $((Self::$code, _) => &[$($reader),*],)*
                }
            }
        }
    };
}

use Reader::{Lstm, PpOcr};

scripts! {
    /// Arabic.
    Arab, "Arabic", Rtl, [Lstm("Arabic")];
    /// Armenian.
    Armn, "Armenian", Ltr, [Lstm("Armenian")];
    /// Bengali.
    Beng, "Bengali", Ltr, [Lstm("Bengali")];
    /// Unified Canadian Aboriginal Syllabics.
    Cans, "Canadian syllabics", Ltr, [Lstm("Canadian_Aboriginal")];
    /// Cherokee.
    Cher, "Cherokee", Ltr, [Lstm("Cherokee")];
    /// Cyrillic.
    Cyrl, "Cyrillic", Ltr, [Lstm("Cyrillic")];
    /// Devanagari.
    Deva, "Devanagari", Ltr, [Lstm("Devanagari")];
    /// Ethiopic.
    Ethi, "Ethiopic", Ltr, [Lstm("Ethiopic")];
    /// Georgian.
    Geor, "Georgian", Ltr, [Lstm("Georgian")];
    /// Greek.
    Grek, "Greek", Ltr, [Lstm("Greek")];
    /// Gujarati.
    Gujr, "Gujarati", Ltr, [Lstm("Gujarati")];
    /// Gurmukhi.
    Guru, "Gurmukhi", Ltr, [Lstm("Gurmukhi")];
    /// Hangul, with Han.
    Hang, "Hangul", Ltr, [Lstm("Hangul"), Lstm("Hangul_vert")];
    /// Simplified Han.
    Hans, "Han (simplified)", Ltr, [PpOcr, Lstm("HanS"), Lstm("HanS_vert")];
    /// Traditional Han.
    Hant, "Han (traditional)", Ltr, [PpOcr, Lstm("HanT"), Lstm("HanT_vert")];
    /// Hebrew.
    Hebr, "Hebrew", Rtl, [Lstm("Hebrew")];
    /// Han with Hiragana and Katakana.
    Jpan, "Japanese", Ltr, [PpOcr, Lstm("Japanese"), Lstm("Japanese_vert")];
    /// Khmer.
    Khmr, "Khmer", Ltr, [Lstm("Khmer")];
    /// Kannada.
    Knda, "Kannada", Ltr, [Lstm("Kannada")];
    /// Lao.
    Laoo, "Lao", Ltr, [Lstm("Lao")];
    /// Latin.
    Latn, "Latin", Ltr, [PpOcr, Lstm("Latin"), Lstm("Vietnamese"), Lstm("Fraktur")];
    /// Malayalam.
    Mlym, "Malayalam", Ltr, [Lstm("Malayalam")];
    /// Myanmar.
    Mymr, "Myanmar", Ltr, [Lstm("Myanmar")];
    /// Odia.
    Orya, "Odia", Ltr, [Lstm("Oriya")];
    /// Sinhala.
    Sinh, "Sinhala", Ltr, [Lstm("Sinhala")];
    /// Syriac.
    Syrc, "Syriac", Rtl, [Lstm("Syriac")];
    /// Tamil.
    Taml, "Tamil", Ltr, [Lstm("Tamil")];
    /// Telugu.
    Telu, "Telugu", Ltr, [Lstm("Telugu")];
    /// Thaana.
    Thaa, "Thaana", Rtl, [Lstm("Thaana")];
    /// Thai.
    Thai, "Thai", Ltr, [Lstm("tha"), Lstm("Thai")];
    /// Tibetan.
    Tibt, "Tibetan", Ltr, [Lstm("Tibetan")];
}

impl Script {
    /// The script of an ISO 15924 code, in any case.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|script| script.code().eq_ignore_ascii_case(code))
    }
}
