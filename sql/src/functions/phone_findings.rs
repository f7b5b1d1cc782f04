//! What is told of a cell for telephone numbers: what stands beside them, and why there is none.

use super::phone_number::Fault;

/// What was found beside the numbers, gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Beside {
    /// A part that is no valid number.
    Unread,
    /// A part that is a fax, or said to be wrong.
    NoneToCall,
    /// The short form of a second line, `/12`.
    SecondLine,
    /// Words that say that the number may not be the one to call.
    Doubtful,
    /// A country's code without its plus, where the digits could be a national number as well.
    Mended,
    Extension,
    /// Words.
    Remark,
    /// More than one number.
    Several,
    /// What a spreadsheet or an export put around the value.
    Guard,
}

impl Beside {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::NoneToCall => "none to call",
            Self::SecondLine => "second line",
            Self::Doubtful => "doubtful",
            Self::Mended => "mended",
            Self::Extension => "extension",
            Self::Remark => "remark",
            Self::Several => "several",
            Self::Guard => "guard",
        }
    }
}

/// Why a cell holds no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    /// No digits, or too few to be meant as a number.
    Nothing,
    Letters,
    Masked,
    /// Scientific notation of a spreadsheet: digits are lost.
    Rounded,
    /// The words beside it say that nobody answers there.
    Fax,
    /// The words beside it say that it is wrong.
    Wrong,
    Digits(Fault),
}

impl Problem {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Letters => "letters",
            Self::Masked => "masked",
            Self::Rounded => "rounded",
            Self::Fax => "fax",
            Self::Wrong => "wrong",
            Self::Digits(Fault::Country) => "country",
            Self::Digits(Fault::Short) => "short",
            Self::Digits(Fault::Long) => "long",
            Self::Digits(Fault::Invalid) => "invalid",
        }
    }
}
