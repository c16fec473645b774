//! Which traces are kept: `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`.
//!
//! What an event's own `traceparent` says counts first, unless a sampler says
//! otherwise. Where there is none, the trace's id decides, so that all five agents
//! come to the same answer.

use super::{Parent, TraceId};
use crate::settings::{Environment, SettingError};

const NAME: &str = "OTEL_TRACES_SAMPLER";
const RATIO: &str = "OTEL_TRACES_SAMPLER_ARG";

/// Decides for a trace.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampler {
    follows_parent: bool,
    ratio: f64,
}

impl Default for Sampler {
    /// `parentbased_always_on`, the specification's default.
    fn default() -> Self {
        Self { follows_parent: true, ratio: 1.0 }
    }
}

impl Sampler {
    /// Reads the two variables.
    ///
    /// # Errors
    /// [`SettingError`] for a sampler or a ratio that the specification does not have.
    pub fn read(env: &Environment) -> Result<Self, SettingError> {
        let ratio: f64 = env.parse_or(RATIO, 1.0, "a ratio from 0 to 1")?;
        if !(0.0..=1.0).contains(&ratio) {
            let got = format!("{ratio}");
            return Err(SettingError {
                name: RATIO.to_owned(),
                expected: "a ratio from 0 to 1",
                got,
            });
        }
        let name = env.get(NAME).unwrap_or("parentbased_always_on");
        let (follows_parent, root) = match name.strip_prefix("parentbased_") {
            Some(root) => (true, root),
            None => (false, name),
        };
        let ratio = match root {
            "always_on" => 1.0,
            "always_off" => 0.0,
            "traceidratio" => ratio,
            _ => {
                return Err(SettingError {
                    name: NAME.to_owned(),
                    expected: "always_on, always_off or traceidratio, or one of them after parentbased_",
                    got: format!("{name:?}"),
                });
            }
        };
        Ok(Self { follows_parent, ratio })
    }

    /// Whether the spans of this trace are kept.
    #[must_use]
    pub fn keeps(self, trace: TraceId, parent: Option<&Parent>) -> bool {
        match parent {
            Some(parent) if self.follows_parent => parent.sampled,
            Some(_) | None => self.draws(trace),
        }
    }

    /// By 63 bits of the id, as OpenTelemetry's own libraries do.
    #[allow(clippy::cast_precision_loss, reason = "a ratio is not that precise")]
    fn draws(self, trace: TraceId) -> bool {
        self.ratio >= 1.0 || ((trace.lower_half() >> 1) as f64) < self.ratio * (1_u64 << 63) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parent(trace: u64, sampled: bool) -> Parent {
        let text = format!("00-{trace:032x}-0000000000000001-{:02x}", u8::from(sampled));
        Parent::parse(&text).unwrap()
    }

    fn sampler(name: &'static str, ratio: &'static str) -> Sampler {
        Sampler::read(&Environment::from([(NAME, name), (RATIO, ratio)])).unwrap()
    }

    #[test]
    fn the_parent_counts_and_a_root_is_drawn_by_its_id() {
        let (low, high) = (parent(2, false), parent(u64::MAX, true));
        for (name, ratio, of_low, of_high, root) in [
            ("", "", false, true, true),
            ("always_on", "", true, true, true),
            ("always_off", "", false, false, false),
            ("parentbased_always_off", "", false, true, false),
            ("traceidratio", "0.5", true, false, true),
            ("parentbased_traceidratio", "0.5", false, true, true),
            ("traceidratio", "0", false, false, false),
        ] {
            let sampler = sampler(name, ratio);
            assert_eq!(sampler.keeps(low.trace, Some(&low)), of_low, "{name} {ratio}");
            assert_eq!(sampler.keeps(high.trace, Some(&high)), of_high, "{name} {ratio}");
            assert_eq!(sampler.keeps(low.trace, None), root, "{name} {ratio}");
        }
    }

    #[test]
    fn half_of_the_traces_is_about_half() {
        let half = sampler("traceidratio", "0.5");
        let mut dice = fastrand::Rng::with_seed(7);
        let kept = (0..2_000).filter(|_| half.keeps(parent(dice.u64(1..), true).trace, None));
        assert!((900..1_100).contains(&kept.count()));
    }

    #[test]
    fn what_the_specification_does_not_have_is_named() {
        let wrong = |name, ratio| {
            Sampler::read(&Environment::from([(NAME, name), (RATIO, ratio)])).unwrap_err()
        };
        assert_eq!(wrong("jaeger_remote", "").name, NAME);
        assert_eq!(wrong("parentbased_", "").got, "\"parentbased_\"");
        assert_eq!((wrong("", "2").name.as_str(), wrong("", "2").got.as_str()), (RATIO, "2"));
        assert_eq!(wrong("", "all").got, "\"all\"");
    }
}
