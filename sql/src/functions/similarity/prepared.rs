//! What a measure makes of the left text of a pair, once for all rows in a stretch that have it.

/// A measure that prepares one side.
pub(super) trait Prepare {
    /// Takes a text on as the left side.
    fn prepare(&mut self, left: &str);
}

/// A measure with the left text that it was prepared for.
pub(super) struct Prepared<'a, M> {
    measure: M,
    left: Option<&'a str>,
}

impl<'a, M: Prepare> Prepared<'a, M> {
    pub(super) fn new(measure: M) -> Self {
        Self { measure, left: None }
    }

    /// The measure, prepared for this text.
    #[inline]
    pub(super) fn for_left(&mut self, left: &'a str) -> &mut M {
        if self.left != Some(left) {
            self.measure.prepare(left);
            self.left = Some(left);
        }
        &mut self.measure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counted(usize);

    impl Prepare for Counted {
        fn prepare(&mut self, _left: &str) {
            self.0 += 1;
        }
    }

    #[test]
    fn a_text_that_repeats_is_prepared_once() {
        let mut measure = Prepared::new(Counted(0));
        let seen: Vec<usize> =
            ["anna", "anna", "anna", "otto", "anna", ""].map(|left| measure.for_left(left).0).to_vec();
        assert_eq!(seen, [1, 1, 1, 2, 3, 4]);
    }
}
