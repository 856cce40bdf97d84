//! Seeds of random tests, and messages that say how to repeat a failed case.

#![allow(dead_code, reason = "each test uses only a part of this module")]
#![allow(clippy::panic, clippy::print_stderr, reason = "a failed test prints how to repeat it")]

use std::hash::{BuildHasher, RandomState};

use proptest::test_runner::{Config, RngSeed};

/// The environment variable with the seed. `proptest` reads the same one.
const VARIABLE: &str = "PROPTEST_RNG_SEED";

/// The factor of a seed from the environment, so that the cases of neighbouring seeds differ. The seed 0 stays 0.
const SEED_FACTOR: u64 = 0xD6E8_FEB8_6659_FD93;

/// Returns the seed that the environment sets; `None` without one.
fn seed_from_env() -> Option<u64> {
    let text = std::env::var(VARIABLE).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{VARIABLE} must be an integer ≥ 0, not {text:?}")))
}

/// Returns the settings of a property test with `count` cases. Prints the seed of the cases, which the
/// test harness shows when the test fails. Failed cases are not stored in a file.
pub(crate) fn cases(count: u32) -> Config {
    let seed = seed_from_env().unwrap_or_else(|| RandomState::new().hash_one(0_u8));
    eprintln!("To repeat these cases, set {VARIABLE}={seed}");
    Config {
        cases: count,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..Config::default()
    }
}

/// Returns the seed of a test's first random case; each later case has the next seed. The first seed is 0
/// unless the environment sets a seed.
pub(crate) fn first_seed() -> u64 {
    seed_from_env().unwrap_or(0).wrapping_mul(SEED_FACTOR)
}

/// A random case with its name. If the test panics before the case is dropped, prints how to repeat the case.
pub(crate) struct SeededCase<'n> {
    pub(crate) name: &'n str,
    pub(crate) seed: u64,
}

impl Drop for SeededCase<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Self { name, seed } = self;
            let initial = seed_from_env().unwrap_or(0);
            eprintln!(
                "Failed in {name:?} with the seed {seed}. To repeat it, set {VARIABLE}={initial}"
            );
        }
    }
}

/// A random number generator: SplitMix64, with the same numbers for the same seed.
#[derive(Clone, Debug)]
pub(crate) struct SplitMix64(pub(crate) u64);

impl SplitMix64 {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Returns a number from 0 up to, not including, `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Returns a number from 0 up to, not including, 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}
