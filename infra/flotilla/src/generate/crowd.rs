//! How unevenly a day's events are spread, for a load test: one loud tenant, one
//! shipment that much happens to, one lane that most goes over.

use super::pen::Pen;
use crate::error::Error;

/// Whose shipments they are.
pub const TENANTS: [&str; 3] = ["acme", "globex", "initech"];

/// What is more than usual. The usual day has nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Crowd {
    /// A tenant that is louder than the others.
    pub noisy: Option<Noisy>,
    /// So many percent of what happens to single shipments happens to one of them.
    pub hot_shipment: u32,
    /// So many percent of the orders go over one lane.
    pub hot_lane: u32,
    /// What comes late comes a tenth as late, and nothing goes round until its
    /// receives are used up: such waits would be taken for the fleet's.
    pub prompt: bool,
}

/// A tenant that is louder than the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noisy {
    /// One of [`TENANTS`].
    pub tenant: &'static str,
    /// How many of its orders there are for each of another tenant's.
    pub factor: u32,
}

impl Noisy {
    /// From the words of an option, such as `acme=10`.
    ///
    /// # Errors
    /// [`Error::Usage`] says what is wrong with them.
    pub fn read(words: &str) -> Result<Self, Error> {
        let wrong = |problem: &str| {
            let tenants = TENANTS.join(", ");
            let text = format!("--noisy {words}: {problem} (NAME=FACTOR, of {tenants})");
            Error::usage(text)
        };
        let (name, factor) = words.split_once('=').ok_or_else(|| wrong("there is no ="))?;
        let tenant = TENANTS.into_iter().find(|tenant| *tenant == name);
        let factor = factor.parse().ok().filter(|factor| (1..=1000).contains(factor));
        Ok(Self {
            tenant: tenant.ok_or_else(|| wrong("there is no such tenant"))?,
            factor: factor.ok_or_else(|| wrong("the factor is no number from 1 to 1000"))?,
        })
    }
}

impl Crowd {
    /// Whose the next order is.
    pub(crate) fn tenant(&self, pen: &mut Pen<'_>) -> &'static str {
        let Some(noisy) = self.noisy else { return pen.pick(&TENANTS) };
        let others: Vec<_> = TENANTS.into_iter().filter(|name| *name != noisy.tenant).collect();
        let all = noisy.factor.saturating_add(u32::try_from(others.len()).unwrap_or(u32::MAX));
        if pen.dice.u32(0..all) < noisy.factor { noisy.tenant } else { pen.pick(&others) }
    }

    /// From where to where the next order goes, if it goes over the hot lane.
    pub(crate) fn lane(&self, pen: &mut Pen<'_>) -> Option<(&'static str, &'static str)> {
        let hot = self.hot_lane > 0 && pen.chance(self.hot_lane);
        hot.then_some(("NLRTM", "DEBER"))
    }

    /// A share of the day by which something comes late.
    pub(crate) fn late(&self, share: f64) -> f64 {
        if self.prompt { share / 10.0 } else { share }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_noisy_tenant_is_read_and_nonsense_is_named() {
        assert_eq!(Noisy::read("globex=10").unwrap(), Noisy { tenant: "globex", factor: 10 });
        for (wrong, why) in [
            ("acme", "no ="),
            ("umbrella=10", "no such tenant"),
            ("acme=0", "no number from 1 to 1000"),
            ("acme=-3", "no number from 1 to 1000"),
            ("acme=NaN", "no number from 1 to 1000"),
        ] {
            let error = Noisy::read(wrong).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("--noisy {wrong}: ")) && error.contains(why),
                "{error}"
            );
        }
    }
}
