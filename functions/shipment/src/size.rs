//! Lengths and volumes. A length is kept in whole nanometres, which holds what
//! anybody measures exactly; a sum of volumes is rounded once.

use crate::invalid::quoted;
use crate::quantity::Decimal;
use std::str::FromStr;

/// Nanometres in a metre, and cubic ones in a cubic centimetre.
const METRE: i128 = 1_000_000_000;
const CM3: i128 = 1_000_000_000_000_000_000_000;

/// A unit of length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LengthUnit {
    /// Centimetre.
    Cm,
    /// International inch: 2.54 cm exactly.
    In,
    /// Metre.
    M,
}

/// A unit that is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected cm, in or m, got {0}")]
pub struct UnknownUnit(String);

impl FromStr for LengthUnit {
    type Err = UnknownUnit;
    fn from_str(text: &str) -> Result<Self, UnknownUnit> {
        match text {
            "cm" => Ok(Self::Cm),
            "in" => Ok(Self::In),
            "m" => Ok(Self::M),
            other => Err(UnknownUnit(quoted(other))),
        }
    }
}

impl LengthUnit {
    const fn nanometres(self) -> i128 {
        match self {
            Self::Cm => METRE / 100,
            Self::In => METRE * 254 / 10_000,
            Self::M => METRE,
        }
    }
}

/// Why a number is no length of anything that is shipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotLength {
    /// Below zero.
    #[error("must not be negative")]
    Negative,
    /// Zero, or less than a nanometre.
    #[error("must be more than 0")]
    Nothing,
    /// A typing error: longer than anything that is carried in one piece.
    #[error("longer than 100 m")]
    TooLong,
}

/// The length of one side, in whole nanometres: above zero, at most 100 m.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Length(i128);

impl Length {
    /// So much of a unit, rounded to the nanometre.
    ///
    /// # Errors
    /// [`NotLength`] says what is wrong with it.
    pub fn of(amount: Decimal, unit: LengthUnit) -> Result<Self, NotLength> {
        if amount.is_negative() {
            return Err(NotLength::Negative);
        }
        match amount.times(unit.nanometres()) {
            Some(0) => Err(NotLength::Nothing),
            Some(length) if length <= 100 * METRE => Ok(Self(length)),
            Some(_) | None => Err(NotLength::TooLong),
        }
    }
}

/// A volume before rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Volume(i128);

impl Volume {
    /// The volume of a box.
    #[must_use]
    pub fn of(length: Length, width: Length, height: Length) -> Self {
        // A cube of 100 m has 10^33 cubic nanometres: far within the type.
        Self(length.0 * width.0 * height.0)
    }

    /// This volume `count` times.
    #[must_use]
    pub fn times(self, count: i64) -> Option<Self> {
        self.0.checked_mul(i128::from(count)).map(Self)
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// Whole cubic centimetres, half of one rounded up, but at least 1: what has
    /// a size takes room. `None` beyond `u64`.
    #[must_use]
    pub fn cm3(self) -> Option<u64> {
        let whole = self.0.checked_add(CM3 / 2)? / CM3;
        u64::try_from(whole).ok().map(|whole| whole.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn length(amount: &str, unit: &str) -> Result<Length, NotLength> {
        Length::of(amount.parse().unwrap(), unit.parse().unwrap())
    }

    fn cm3(sides: [&str; 3], unit: &str) -> u64 {
        let [a, b, c] = sides.map(|side| length(side, unit).unwrap());
        Volume::of(a, b, c).cm3().unwrap()
    }

    #[test]
    fn units_are_exact() {
        assert_eq!(cm3(["30", "20", "10"], "cm"), 6000);
        assert_eq!(cm3(["0.3", "0.2", "0.1"], "m"), 6000);
        // A cubic foot is 28316.846592 cm3, and 1000 of them tell the digits apart.
        assert_eq!(cm3(["12", "12", "12"], "in"), 28_317);
        assert_eq!(cm3(["120", "120", "120"], "in"), 28_316_847);
        assert_eq!(length("100", "in"), length("2.54", "m"));
        assert_eq!(length("1", "in"), length("2.54", "cm"));
        assert_eq!(cm3(["0.1", "0.1", "0.1"], "cm"), 1, "what has a size takes room");
    }

    #[test]
    fn a_sum_is_rounded_once() {
        let side = |amount| length(amount, "cm").unwrap();
        let small = Volume::of(side("1"), side("1"), side("0.4"));
        assert_eq!(small.times(5).unwrap().cm3(), Some(2));
        assert_eq!(small.plus(small).unwrap().cm3(), Some(1));
        assert_eq!(small.times(i64::MAX).and_then(|v| v.times(i64::MAX)), None);
    }

    #[test]
    fn absurd_lengths_are_named() {
        assert_eq!(length("-1", "cm"), Err(NotLength::Negative));
        assert_eq!(length("0", "m"), Err(NotLength::Nothing));
        assert_eq!(length("0.0000000001", "m"), Err(NotLength::Nothing));
        assert!(length("100", "m").is_ok());
        assert_eq!(length("100.01", "m"), Err(NotLength::TooLong));
        assert_eq!(length("99999999999999999999999999999", "m"), Err(NotLength::TooLong));
        assert_eq!(
            "foot".parse::<LengthUnit>().unwrap_err().to_string(),
            "expected cm, in or m, got \"foot\""
        );
    }

    proptest! {
        #[test]
        fn cubic_centimetres_agree_with_whole_millimetres(
            sides in proptest::array::uniform3(1_u64..10_000),
        ) {
            let text = sides.map(|mm| format!("{}.{}", mm / 10, mm % 10));
            let by_hand = (sides.iter().product::<u64>() * 2 + 1000) / 2000;
            let [a, b, c] = &text;
            prop_assert_eq!(cm3([a, b, c], "cm"), by_hand.max(1));
        }
    }
}
