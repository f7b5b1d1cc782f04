//! Numbers out of hashes: no state, so any value can be drawn at any time.

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// A source of numbers. `key` is what the number is about, `salt` which of its numbers is meant.
#[derive(Debug, Clone, Copy)]
pub struct Draw {
    seed: u64,
}

impl Draw {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    #[must_use]
    pub fn bits(self, key: u64, salt: u32) -> u64 {
        xxh3_64_with_seed(&key.to_le_bytes(), self.seed ^ (u64::from(salt) << 40))
    }

    /// At least 0, less than 1.
    #[must_use]
    pub fn unit(self, key: u64, salt: u32) -> f64 {
        // 53 bits fit into a float exactly.
        (self.bits(key, salt) >> 11) as f64 / (1_u64 << 53) as f64
    }

    #[must_use]
    pub fn chance(self, key: u64, salt: u32, part: f64) -> bool {
        self.unit(key, salt) < part
    }

    /// A whole number below `bound`, all alike.
    #[must_use]
    pub fn below(self, key: u64, salt: u32, bound: u64) -> u64 {
        (self.unit(key, salt) * bound as f64) as u64
    }

    /// An entry of a list, the first ones more often: the larger `skew`, the more so; 1 is all alike.
    #[must_use]
    pub fn pick<'a, T: ?Sized>(self, key: u64, salt: u32, skew: f64, list: &[&'a T]) -> &'a T {
        let at = (self.unit(key, salt).powf(skew) * list.len() as f64) as usize;
        list[at.min(list.len() - 1)]
    }
}

#[cfg(test)]
mod tests {
    use super::Draw;

    #[test]
    fn draws_are_repeatable_and_spread() {
        let draw = Draw::new(7);
        assert_eq!(draw.bits(1, 2), Draw::new(7).bits(1, 2));
        assert_ne!(draw.bits(1, 2), draw.bits(2, 1));
        let hits = (0..10_000).filter(|key| draw.chance(*key, 3, 0.25)).count();
        assert!((2_300..2_700).contains(&hits), "{hits}");
        assert!((0..1_000).all(|key| draw.below(key, 4, 10) < 10));
    }
}
