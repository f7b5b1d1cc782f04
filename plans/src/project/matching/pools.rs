//! A better level never weighs less than a worse one.

/// Levels that pooled neighbours share.
struct Pool {
    m: f64,
    u: f64,
    /// The last of them.
    end: usize,
}

/// Pools neighbours, by code, until `m / u` never falls; what they share is split as `u` is, so that sums stay. Code 0 is
/// no level; levels of `fixed` stay as they are and bound nothing.
pub(crate) fn isotonic(m: &mut [f64], u: &[f64], fixed: &[bool]) {
    let free: Vec<usize> = (1..m.len()).filter(|code| !fixed.get(*code).copied().unwrap_or(false)).collect();
    let mut pools: Vec<Pool> = Vec::new();
    for (place, code) in free.iter().enumerate() {
        let mut pool = Pool { m: m[*code], u: u[*code], end: place };
        // Multiplied out, so that nothing is divided by nothing.
        while let Some(worse) = pools.pop_if(|worse| worse.m * pool.u > pool.m * worse.u) {
            pool = Pool { m: pool.m + worse.m, u: pool.u + worse.u, end: place };
        }
        pools.push(pool);
    }
    let mut begin = 0;
    for pool in pools {
        if pool.end > begin {
            for code in &free[begin..=pool.end] {
                m[*code] = if pool.u > 0.0 { pool.m * u[*code] / pool.u } else { m[*code] };
            }
        }
        begin = pool.end + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_never_fall_and_sums_stay() {
        let u = [0.0, 0.5, 0.3, 0.1, 0.1];
        for m in [
            [0.0, 0.1, 0.2, 0.3, 0.4],
            [0.0, 0.4, 0.3, 0.2, 0.1],
            [0.0, 0.1, 0.6, 0.1, 0.2],
            [0.0, 0.0, 0.0, 1.0, 0.0],
        ] {
            let mut pooled = m;
            isotonic(&mut pooled, &u, &[]);
            let ratios: Vec<f64> = (1..5).map(|code| pooled[code] / u[code]).collect();
            assert!(ratios.windows(2).all(|pair| pair[0] <= pair[1] + 1e-12), "{m:?} gives {ratios:?}");
            assert!(
                (pooled.iter().sum::<f64>() - m.iter().sum::<f64>()).abs() < 1e-12,
                "{m:?} gives {pooled:?}"
            );
        }
    }

    #[test]
    fn what_rises_stays_as_it_is() {
        let (u, mut m) = ([0.0, 0.9, 0.1], [0.0, 0.2, 0.8]);
        isotonic(&mut m, &u, &[]);
        assert_eq!(m, [0.0, 0.2, 0.8]);
    }

    #[test]
    fn neighbours_are_pooled_by_what_strangers_have() {
        let (u, mut m) = ([0.0, 0.6, 0.2, 0.2], [0.0, 0.2, 0.6, 0.2]);
        isotonic(&mut m, &u, &[]);
        let far = m.iter().zip([0.0, 0.2, 0.4, 0.4]).any(|(found, wanted)| (found - wanted).abs() > 1e-12);
        assert!(!far, "{m:?}");
    }

    #[test]
    fn fixed_levels_stay() {
        let (u, mut m) = ([0.0, 0.4, 0.3, 0.3], [0.0, 0.5, 0.1, 0.4]);
        isotonic(&mut m, &u, &[false, true, false, false]);
        assert_eq!(m, [0.0, 0.5, 0.1, 0.4]);
    }
}
