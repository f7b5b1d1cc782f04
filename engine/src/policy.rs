//! What a run does otherwise for its size. One value decides, in one place, once it is known how many rows were landed;
//! [`crate::Limits::policy`] overrides it. No policy changes a result.

/// How the queries of a run are planned and executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Waiting and planning take more time than work: queries go side by side, what they write stays at hand, keys go to the
    /// store in the order of its index, and plans are optimised once. Above its rows each query has work for all cores, and
    /// the memory of several would add up.
    Small,
    Large,
    /// The hash tables of joins would not find room in the memory there is: joins sort their sides, and sorts spill.
    Frugal,
}

/// Landed rows up to which a run is small.
const SMALL: u64 = 200_000;
/// Bytes of memory per landed row below which a run is frugal. Ten million rows were measured to go through in 768 MiB, which
/// is 80 a row; three million in 64 MiB ended in an allocation error of a hash join.
const FRUGAL: u64 = 72;

impl Policy {
    /// The policy for so many rows, with so many bytes of memory.
    pub fn of(rows: u64, memory: usize) -> Self {
        let room = u64::try_from(memory).unwrap_or(u64::MAX);
        if rows.saturating_mul(FRUGAL) > room {
            Self::Frugal
        } else if rows <= SMALL {
            Self::Small
        } else {
            Self::Large
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Policy;

    #[test]
    fn size_and_memory_decide() {
        let mib = 1 << 20;
        assert_eq!(Policy::of(10, 64 * mib), Policy::Small);
        assert_eq!(Policy::of(1_000_000, 768 * mib), Policy::Large);
        assert_eq!(Policy::of(10_000_000, 768 * mib), Policy::Large);
        assert_eq!(Policy::of(3_000_000, 64 * mib), Policy::Frugal);
        assert_eq!(Policy::of(200_000, 8 * mib), Policy::Frugal);
    }
}
