//! The name of a place: a code, a GLN, coordinates, or a URI that nobody here
//! can read.
//!
//! Systems name the same place in different ways. Each way has one canonical
//! text, so that equal places are equal text, also in the table's keys.

use super::geo;
use crate::gs1;
use crate::invalid::quoted;
use flotilla_task::fingerprint;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The longest place code, in bytes: room for other systems of codes than the
/// five characters of UN/LOCODE.
const MAX_CODE: usize = 32;

/// Digits of a Global Location Number.
const GLN_DIGITS: usize = 13;

/// Before the coordinates of RFC 5870.
const GEO: &str = "geo:";

/// Before the fingerprint of a URI that says nothing to us.
const URI: &str = "uri:";
/// Digits of such a fingerprint: 64 bits.
const FINGERPRINT: usize = 16;

/// A place, which need not be one that we know. Canonical forms:
///
/// - a code in capitals without spaces: `NLRTM`;
/// - a GS1 Global Location Number of 13 digits: `9521234000013`;
/// - coordinates in degrees, rounded to 0.01, which is about a kilometre:
///   `geo:51.92,4.48`. Finer ones could be somebody's address;
/// - for any other URI a fingerprint: `uri:0f3a5be07c214d96`. It has no distance,
///   but is the same place when it comes again, and stays short.
///
/// No form has a space or `>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Place(String);

/// Text that is no place. A retry does not help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotPlace {
    /// Neither a code nor a number nor a URI.
    #[error(
        "expected a place code of 1 to {MAX_CODE} letters and digits such as NLRTM, a GLN, \
         geo:latitude,longitude or another URI, got {0}"
    )]
    Form(String),
    /// Coordinates that are no numbers, or not on earth.
    #[error(transparent)]
    Coordinates(#[from] geo::NotCoordinates),
    /// A GLN with a wrong check digit, or a GS1 URI not as its standard says.
    #[error(transparent)]
    Gs1(#[from] gs1::Error),
}

/// Which of its forms a place has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Form {
    Code,
    Gln,
    At(geo::Spot),
    Uri,
}

impl Place {
    /// The canonical text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn form(&self) -> Form {
        if let Some(Ok(Some(spot))) = self.0.strip_prefix(GEO).map(geo::parse) {
            Form::At(spot)
        } else if self.0.starts_with(URI) {
            Form::Uri
        } else if is_gln_like(&self.0) {
            Form::Gln
        } else {
            Form::Code
        }
    }
}

fn is_gln_like(text: &str) -> bool {
    text.len() == GLN_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl FromStr for Place {
    type Err = NotPlace;
    fn from_str(text: &str) -> Result<Self, NotPlace> {
        match text.split_once(':') {
            Some((scheme, rest)) if is_uri(scheme, rest) => uri(scheme, rest, text),
            Some(_) | None => code(text),
        }
        .map(Self)
    }
}

fn code(text: &str) -> Result<String, NotPlace> {
    // UN/LOCODE is often written with a space: "NL RTM".
    let code: String = text.chars().filter(|c| *c != ' ').map(|c| c.to_ascii_uppercase()).collect();
    if code.is_empty() || code.len() > MAX_CODE || !code.bytes().all(|b| b.is_ascii_alphanumeric())
    {
        return Err(NotPlace::Form(quoted(text)));
    }
    if is_gln_like(&code) {
        gs1::key("414", &code)?;
    }
    Ok(code)
}

/// RFC 3986: a scheme, and after it no space and no control character.
fn is_uri(scheme: &str, rest: &str) -> bool {
    let in_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(in_scheme)
        && !rest.is_empty()
        && !rest.contains(|c: char| c.is_whitespace() || c.is_control())
}

fn uri(scheme: &str, rest: &str, whole: &str) -> Result<String, NotPlace> {
    if scheme.eq_ignore_ascii_case("geo") {
        if let Some(spot) = geo::parse(rest)? {
            return Ok(format!("{GEO}{spot}"));
        }
    } else if let Some(gln) = gs1::gln(whole)? {
        return Ok(gln);
    }
    let known = whole.strip_prefix(URI).filter(|digits| is_fingerprint(digits));
    Ok(match known {
        Some(_) => whole.to_owned(),
        None => {
            let print: String = fingerprint(&[whole]).chars().take(FINGERPRINT).collect();
            format!("{URI}{print}")
        }
    })
}

fn is_fingerprint(digits: &str) -> bool {
    digits.len() == FINGERPRINT
        && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

impl TryFrom<String> for Place {
    type Error = NotPlace;
    fn try_from(text: String) -> Result<Self, NotPlace> {
        text.parse()
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        place.0
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place(text: &str) -> String {
        text.parse::<Place>().unwrap_or_else(|error| panic!("{text}: {error}")).into()
    }

    fn error(text: &str) -> String {
        text.parse::<Place>().unwrap_err().to_string()
    }

    #[test]
    fn every_way_to_name_a_place_has_one_form() {
        for (text, canonical) in [
            ("nl rtm", "NLRTM"),
            ("9521234000013", "9521234000013"),
            ("95 21234 00001 3", "9521234000013"),
            ("urn:epc:id:sgln:9521234.00001.0", "9521234000013"),
            ("urn:epc:id:sgln:9521234.00001.DOCK-7", "9521234000013"),
            ("urn:epc:id:pgln:9521234.00001", "9521234000013"),
            ("https://id.gs1.org/414/9521234000013", "9521234000013"),
            ("https://example.com/414/9521234000013/254/32a", "9521234000013"),
            ("geo:51.92,4.48", "geo:51.92,4.48"),
            ("GEO:51.9249,4.4751,17;u=35", "geo:51.92,4.48"),
            ("geo:51.92,4.48;crs=WGS84", "geo:51.92,4.48"),
        ] {
            assert_eq!(place(text), canonical, "{text}");
        }
    }

    #[test]
    fn a_uri_that_says_nothing_to_us_is_a_place_all_the_same() {
        let dock = place("https://example.com/docks/7");
        assert_eq!(dock.len(), URI.len() + FINGERPRINT);
        assert_eq!(dock, place("https://example.com/docks/7"));
        for other in [
            "https://example.com/docks/8",
            "urn:uuid:6a5a1c9e-7f0b-4b6e-9a39-6e2b0f0a5c11",
            "urn:epc:id:giai:9521234.77",
            "geo:51.92,4.48;crs=moon-2011",
            "uri:not-a-fingerprint",
        ] {
            let other = place(other);
            assert!(other.starts_with("uri:") && other != dock, "{other}");
        }
        assert_eq!(place(&format!("https://example.com/{}", "x".repeat(5000))).len(), dock.len());
    }

    #[test]
    fn what_is_no_place_says_what_was_expected() {
        assert_eq!(
            error("NL-RTM"),
            "expected a place code of 1 to 32 letters and digits such as NLRTM, a GLN, geo:latitude,longitude or another URI, got \"NL-RTM\""
        );
        for bad in ["", " ", "Zürich", "A#B", "51.92,4.48", "7:30", "a:", "see: dock 7"] {
            assert!(error(bad).starts_with("expected a place code"), "{bad}");
        }
        assert!(error(&"X".repeat(33)).starts_with("expected a place code"));
        assert_eq!(
            error("9521234000014"),
            "wrong check digit in GLN 9521234000014: expected 3, got 4"
        );
        assert_eq!(
            error("https://id.gs1.org/414/9521234000014"),
            "wrong check digit in GLN 9521234000014: expected 3, got 4"
        );
        assert!(error("urn:epc:id:sgln:9521234").starts_with("expected urn:epc:id:sgln:"));
    }

    fn any_text() -> impl Strategy<Value = String> {
        let coordinates = (-90.0..=90.0_f64, -180.0..=180.0_f64);
        prop_oneof![
            "[A-Za-z0-9 ]{0,34}",
            "[0-9]{13}",
            "[a-z]{2,4}:[!-~]{0,40}",
            "urn:epc:id:(sgln|pgln):[0-9.]{12,14}",
            "geo:[-0-9.,;]{0,20}",
            coordinates.prop_map(|(lat, lon)| format!("geo:{lat:.6},{lon:.6},12.5")),
        ]
    }

    proptest! {
        #[test]
        fn the_canonical_form_is_its_own(text in any_text()) {
            if let Ok(place) = text.parse::<Place>() {
                let again: Place = place.as_str().parse().unwrap();
                prop_assert_eq!(&again, &place);
                prop_assert!(place.as_str().len() <= MAX_CODE);
                prop_assert!(!place.as_str().contains(['>', ' ']));
                let json = serde_json::to_string(&place).unwrap();
                prop_assert_eq!(serde_json::from_str::<Place>(&json).unwrap(), place);
            }
        }

        #[test]
        fn one_wrong_digit_of_a_gln_is_always_found(
            body in "[0-9]{12}", at in 0_usize..13, by in 1_u8..10,
        ) {
            let good = format!("{body}{}", gs1::check_digit(&body).unwrap());
            prop_assert_eq!(place(&good), good.clone());
            let mut bytes = good.into_bytes();
            bytes[at] = b'0' + (bytes[at] - b'0' + by) % 10;
            let bad = String::from_utf8(bytes).unwrap();
            prop_assert!(error(&bad).starts_with("wrong check digit in GLN"), "{}", bad);
        }
    }
}
