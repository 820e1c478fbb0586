//! The kinds of zones, and where their fields stand.

/// One field of a zone: line, from, to.
pub(super) type Place = (usize, usize, usize);

/// A kind of zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Cards of three lines.
    Td1,
    /// Cards of two lines.
    Td2,
    /// Passports.
    Td3,
    /// Visas as wide as passports.
    MrvA,
    /// Smaller visas.
    MrvB,
}

impl Format {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Td1 => "TD1",
            Self::Td2 => "TD2",
            Self::Td3 => "TD3",
            Self::MrvA => "MRV-A",
            Self::MrvB => "MRV-B",
        }
    }

    pub(super) fn n_lines(self) -> usize {
        if self == Self::Td1 { 3 } else { 2 }
    }

    /// Characters of a line.
    pub(super) fn width(self) -> usize {
        match self {
            Self::Td1 => 30,
            Self::Td2 | Self::MrvB => 36,
            Self::Td3 | Self::MrvA => 44,
        }
    }

    /// Where the number of the document stands; its check digit follows.
    pub(super) fn number(self) -> Place {
        if self == Self::Td1 {
            (0, 5, 14)
        } else {
            (1, 0, 9)
        }
    }

    pub(super) fn nationality(self) -> Place {
        if self == Self::Td1 {
            (1, 15, 18)
        } else {
            (1, 10, 13)
        }
    }

    pub(super) fn birth(self) -> Place {
        if self == Self::Td1 {
            (1, 0, 6)
        } else {
            (1, 13, 19)
        }
    }

    pub(super) fn sex(self) -> Place {
        if self == Self::Td1 {
            (1, 7, 8)
        } else {
            (1, 20, 21)
        }
    }

    pub(super) fn expiry(self) -> Place {
        if self == Self::Td1 {
            (1, 8, 14)
        } else {
            (1, 21, 27)
        }
    }

    pub(super) fn names(self) -> Place {
        if self == Self::Td1 {
            (2, 0, 30)
        } else {
            (0, 5, self.width())
        }
    }

    /// The parts of the optional data.
    pub(super) fn optional(self) -> Vec<Place> {
        match self {
            Self::Td1 => vec![(0, 15, 30), (1, 18, 29)],
            Self::Td2 => vec![(1, 28, 35)],
            Self::Td3 => vec![(1, 28, 42)],
            Self::MrvA | Self::MrvB => vec![(1, 28, self.width())],
        }
    }

    /// What the last check digit is over, and where it stands; visas have none.
    pub(super) fn composite(self) -> Option<(Vec<Place>, Place)> {
        match self {
            Self::Td1 => Some((
                vec![(0, 5, 30), (1, 0, 7), (1, 8, 15), (1, 18, 29)],
                (1, 29, 30),
            )),
            Self::Td2 => Some((vec![(1, 0, 10), (1, 13, 20), (1, 21, 35)], (1, 35, 36))),
            Self::Td3 => Some((vec![(1, 0, 10), (1, 13, 20), (1, 21, 43)], (1, 43, 44))),
            Self::MrvA | Self::MrvB => None,
        }
    }
}
