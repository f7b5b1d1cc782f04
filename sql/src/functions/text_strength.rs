//! How much a sign of damage says, and which texts show none at all.

/// Which signs of a damage are enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    #[default]
    Never,
    Strong,
    Weak,
}

/// Whether a text may be damaged at all: ordinary ones are not looked at any further.
#[inline]
pub(super) fn may_be_damaged(text: &str) -> bool {
    text.bytes().fold(false, |found, byte| found | (byte >= 0x80) | (byte == b'&') | (byte == b'?'))
}
