//! Exact quantities: decimals as they were written, weights in grams, money in
//! cents. No float: 0.1 + 0.2 must weigh 0.3.

use crate::invalid::quoted;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Decimals that are kept. Senders that compute in floats send up to 17.
const MAX_SCALE: u32 = 18;

/// A decimal number exactly as its digits say: `mantissa / 10^scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    mantissa: i128,
    scale: u32,
}

/// Text that is not a decimal number, or one with absurdly many digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a decimal number such as 49.90, got {0}")]
pub struct NotDecimal(String);

impl FromStr for Decimal {
    type Err = NotDecimal;
    fn from_str(text: &str) -> Result<Self, NotDecimal> {
        parse_decimal(text).ok_or_else(|| NotDecimal(quoted(text)))
    }
}

fn parse_decimal(text: &str) -> Option<Decimal> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (digits, exponent) = match rest.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
        None => (rest, 0),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let only_digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !only_digits(whole) || !only_digits(fraction) || whole.len() + fraction.len() > 30 {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let mut mantissa = format!("{whole}{fraction}").parse::<i128>().ok()?;
    let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
    let scale = match u32::try_from(scale) {
        Ok(scale) => scale,
        Err(_) => {
            let up = 10_i128.checked_pow(scale.unsigned_abs())?;
            mantissa = mantissa.checked_mul(up)?;
            0
        }
    };
    if scale > MAX_SCALE {
        return None;
    }
    Some(Decimal { mantissa: if negative { -mantissa } else { mantissa }, scale })
}

impl Decimal {
    /// Whether it is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    /// The number times `10^places` when that is whole and fits: `49.90` at two
    /// places is 4990; `49.905` has no such number.
    #[must_use]
    pub fn exactly(self, places: u32) -> Option<i64> {
        let up = self.mantissa.checked_mul(10_i128.checked_pow(places)?)?;
        let down = 10_i128.checked_pow(self.scale)?;
        if up % down != 0 {
            return None;
        }
        i64::try_from(up / down).ok()
    }

    /// The number so many times, rounded to a whole one, half away from zero.
    /// `None` when that is beyond 38 digits.
    #[must_use]
    pub fn times(self, factor: i128) -> Option<i128> {
        let fine = self.mantissa.checked_mul(factor)?;
        let one = 10_i128.checked_pow(self.scale)?;
        let half = if fine < 0 { -one / 2 } else { one / 2 };
        Some(fine.checked_add(half)? / one)
    }
}

/// A unit of weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeightUnit {
    /// Kilogram.
    Kg,
    /// Gram.
    G,
    /// International avoirdupois pound: 453.59237 g exactly.
    Lb,
    /// International avoirdupois ounce: 28.349523125 g exactly.
    Oz,
}

/// A unit that is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected kg, g, lb or oz, got {0}")]
pub struct UnknownUnit(String);

impl FromStr for WeightUnit {
    type Err = UnknownUnit;
    fn from_str(text: &str) -> Result<Self, UnknownUnit> {
        match text {
            "kg" => Ok(Self::Kg),
            "g" => Ok(Self::G),
            "lb" => Ok(Self::Lb),
            "oz" => Ok(Self::Oz),
            other => Err(UnknownUnit(quoted(other))),
        }
    }
}

impl WeightUnit {
    /// One unit in nanograms: whole for all of them, by definition.
    const fn nanograms(self) -> i128 {
        match self {
            Self::Kg => 1_000_000_000_000,
            Self::G => 1_000_000_000,
            Self::Lb => 453_592_370_000,
            Self::Oz => 28_349_523_125,
        }
    }
}

/// A weight before rounding, in 10^-27 g, so that a sum is rounded only once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Weight(i128);

const PER_GRAM: i128 = 1_000_000_000_000_000_000_000_000_000;

impl Weight {
    /// So much of a unit. `None` when it is beyond 100,000 tonnes.
    #[must_use]
    pub fn of(amount: Decimal, unit: WeightUnit) -> Option<Self> {
        let finer = 10_i128.checked_pow(MAX_SCALE.checked_sub(amount.scale)?)?;
        amount.mantissa.checked_mul(finer)?.checked_mul(unit.nanograms()).map(Self)
    }

    /// This weight `count` times.
    #[must_use]
    pub fn times(self, count: i64) -> Option<Self> {
        self.0.checked_mul(i128::from(count)).map(Self)
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// Whole grams, half a gram rounded up. `None` below zero.
    #[must_use]
    pub fn grams(self) -> Option<u64> {
        u64::try_from(self.0.checked_add(PER_GRAM / 2)?.div_euclid(PER_GRAM)).ok()
    }
}

/// A currency's three letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Text that is not a currency code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a currency code of three capital letters such as EUR, got {0}")]
pub struct NotCurrency(String);

impl FromStr for Currency {
    type Err = NotCurrency;
    fn from_str(text: &str) -> Result<Self, NotCurrency> {
        <[u8; 3]>::try_from(text.as_bytes())
            .ok()
            .filter(|letters| letters.iter().all(u8::is_ascii_uppercase))
            .map(Self)
            .ok_or_else(|| NotCurrency(quoted(text)))
    }
}

/// An amount of money, in JSON and in words `"49.90 EUR"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Money {
    /// Hundredths of the currency.
    pub cents: i64,
    /// The currency.
    pub currency: Currency,
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.cents < 0 { "-" } else { "" };
        let cents = self.cents.unsigned_abs();
        write!(f, "{sign}{}.{:02} {}", cents / 100, cents % 100, self.currency)
    }
}

/// Text that is not an amount of money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an amount such as \"49.90 EUR\", got {0}")]
pub struct NotMoney(String);

impl FromStr for Money {
    type Err = NotMoney;
    fn from_str(text: &str) -> Result<Self, NotMoney> {
        let parsed = text.split_once(' ').and_then(|(amount, currency)| {
            let cents = amount.parse::<Decimal>().ok()?.exactly(2)?;
            Some(Self { cents, currency: currency.parse().ok()? })
        });
        parsed.ok_or_else(|| NotMoney(quoted(text)))
    }
}

impl TryFrom<String> for Money {
    type Error = NotMoney;
    fn try_from(text: String) -> Result<Self, NotMoney> {
        text.parse()
    }
}

impl From<Money> for String {
    fn from(money: Money) -> Self {
        money.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn grams(amount: &str, unit: WeightUnit) -> u64 {
        Weight::of(amount.parse().unwrap(), unit).unwrap().grams().unwrap()
    }

    #[test]
    fn units_are_exact_and_half_a_gram_rounds_up() {
        assert_eq!(grams("1.2", WeightUnit::Kg), 1200);
        assert_eq!(grams("1", WeightUnit::Lb), 454);
        assert_eq!(grams("1", WeightUnit::Oz), 28);
        assert_eq!(grams("16", WeightUnit::Oz), grams("1", WeightUnit::Lb));
        // Only exact constants give these: 453.59237 kg and 28.349523125 t.
        assert_eq!(grams("100000", WeightUnit::Lb), 45_359_237);
        assert_eq!(grams("1000000000", WeightUnit::Oz), 28_349_523_125);
        assert_eq!(grams("0.5", WeightUnit::G), 1);
        assert_eq!(grams("0.499999999999999999", WeightUnit::G), 0);
    }

    #[test]
    fn a_sum_is_rounded_once() {
        let light = Weight::of("0.4".parse().unwrap(), WeightUnit::G).unwrap();
        assert_eq!(light.grams(), Some(0));
        assert_eq!(light.times(5).unwrap().grams(), Some(2));
        assert_eq!(light.plus(light).unwrap().grams(), Some(1));
    }

    #[test]
    fn decimals_are_read_as_written() {
        let cents = |text: &str| text.parse::<Decimal>().unwrap().exactly(2);
        assert_eq!(cents("49.90"), Some(4990));
        assert_eq!(cents("49.9000"), Some(4990));
        assert_eq!(cents("-0.01"), Some(-1));
        assert_eq!(cents("49.905"), None);
        assert_eq!(cents("1e3"), Some(100_000));
        assert_eq!(cents("5e-2"), Some(5));
        for bad in ["", "-", ".", "1.", ".5", "1,5", "NaN", "1e999", "0x1", "1e-19", " 1"] {
            assert!(bad.parse::<Decimal>().is_err(), "{bad}");
        }
        assert_eq!(
            "1,5".parse::<Decimal>().unwrap_err().to_string(),
            "expected a decimal number such as 49.90, got \"1,5\""
        );
        assert_eq!(
            "stone".parse::<WeightUnit>().unwrap_err().to_string(),
            "expected kg, g, lb or oz, got \"stone\""
        );
    }

    #[test]
    fn a_multiple_is_rounded_half_away_from_zero() {
        let of = |text: &str, factor| text.parse::<Decimal>().unwrap().times(factor);
        assert_eq!(of("1.25", 10), Some(13));
        assert_eq!(of("-1.25", 10), Some(-13));
        assert_eq!(of("1.249999999999999999", 10), Some(12));
        assert_eq!(of("-0.049", 10), Some(0));
        assert_eq!(of("7", 3), Some(21));
        assert_eq!(of("99999999999999999999", i128::MAX / 10), None);
    }

    #[test]
    fn too_much_is_none_not_a_wrong_number() {
        let huge: Decimal = "999999999999999999999".parse().unwrap();
        assert_eq!(Weight::of(huge, WeightUnit::Kg), None);
        assert_eq!("99999999999999999999".parse::<Decimal>().unwrap().exactly(2), None);
    }

    proptest! {
        #[test]
        fn money_reads_back_what_it_prints(cents in -10_000_000_000_i64..10_000_000_000) {
            let money = Money { cents, currency: "EUR".parse().unwrap() };
            prop_assert_eq!(money.to_string().parse::<Money>().unwrap(), money);
        }

        #[test]
        fn grams_agree_with_wide_arithmetic(milli in 0_i128..10_000_000_000) {
            // milli-pounds: 0.45359237 g each, rounded half up by hand.
            let text = format!("{}.{:03}", milli / 1000, milli % 1000);
            let by_hand = (milli * 45_359_237 * 2 + 100_000_000) / 200_000_000;
            prop_assert_eq!(i128::from(grams(&text, WeightUnit::Lb)), by_hand);
        }
    }
}
