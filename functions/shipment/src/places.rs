//! Where places are, from a file that its users edit.

mod csv;

use crate::invalid::quoted;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

/// The starting set that is built in.
const BUNDLED: &str = include_str!("../data/places.csv");
const BUNDLED_NAME: &str = "places.csv";

/// The longest place code, in bytes: room for other systems of codes than the
/// five characters of UN/LOCODE.
const MAX_CODE: usize = 32;

/// A place's code, in capitals and without spaces: `NLRTM`. It need not be a
/// place that we know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Place(String);

/// Text that is no place code. A retry does not help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a place code of 1 to {MAX_CODE} letters and digits such as NLRTM, got {0}")]
pub struct NotPlace(String);

impl Place {
    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Place {
    type Err = NotPlace;
    fn from_str(text: &str) -> Result<Self, NotPlace> {
        // UN/LOCODE is often written with a space: "NL RTM".
        let code: String =
            text.chars().filter(|c| *c != ' ').map(|c| c.to_ascii_uppercase()).collect();
        if code.is_empty()
            || code.len() > MAX_CODE
            || !code.bytes().all(|b| b.is_ascii_alphanumeric())
        {
            return Err(NotPlace(quoted(text)));
        }
        Ok(Self(code))
    }
}

impl TryFrom<String> for Place {
    type Error = NotPlace;
    fn try_from(text: String) -> Result<Self, NotPlace> {
        text.parse()
    }
}

impl From<Place> for String {
    fn from(code: Place) -> Self {
        code.0
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A place that we know.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownPlace {
    /// The city, for words.
    pub city: String,
    /// Two letters of ISO 3166.
    pub country: String,
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
}

/// A places file that cannot be read, with the spot to mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: line {line}, column {column}: {problem}")]
pub struct PlacesError {
    /// The file.
    pub file: String,
    /// Its line, counted from 1.
    pub line: usize,
    /// The name of the column, or `header`.
    pub column: String,
    /// What was expected and found.
    pub problem: String,
}

/// The places that we know, by code.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Places(HashMap<Place, KnownPlace>);

impl Places {
    /// Reads a places file.
    ///
    /// # Errors
    /// [`PlacesError`] names the file, the line and the column.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, PlacesError> {
        csv::read(text, file_name).map(Self)
    }

    /// The starting set that is built in.
    ///
    /// # Errors
    /// Only if the file in the source tree was broken; a test reads it.
    pub fn bundled() -> Result<Self, PlacesError> {
        Self::parse(BUNDLED, BUNDLED_NAME)
    }

    /// A place, if we know it.
    #[must_use]
    pub fn get(&self, code: &Place) -> Option<&KnownPlace> {
        self.0.get(code)
    }

    /// How many places are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every code, in order.
    #[must_use]
    pub fn codes(&self) -> Vec<&Place> {
        let mut codes: Vec<_> = self.0.keys().collect();
        codes.sort();
        codes
    }

    /// Kilometres along the great circle, rounded; `None` when a place is unknown.
    #[must_use]
    pub fn distance_km(&self, from: &Place, to: &Place) -> Option<u32> {
        Some(great_circle_km(self.get(from)?, self.get(to)?))
    }
}

/// Haversine on a sphere of the mean earth radius: within 0.6 % of the real
/// figure of the earth, and stable for points close together.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "0 to 20016, half the earth's girth"
)]
fn great_circle_km(a: &KnownPlace, b: &KnownPlace) -> u32 {
    const MEAN_EARTH_RADIUS_KM: f64 = 6371.0088;
    let (lat_a, lat_b) = (a.lat.to_radians(), b.lat.to_radians());
    let half_lat = ((lat_b - lat_a) / 2.0).sin();
    let half_lon = ((b.lon - a.lon).to_radians() / 2.0).sin();
    let h = half_lat.mul_add(half_lat, lat_a.cos() * lat_b.cos() * half_lon * half_lon);
    (2.0 * MEAN_EARTH_RADIUS_KM * h.clamp(0.0, 1.0).sqrt().asin()).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(text: &str) -> Place {
        text.parse().unwrap()
    }

    #[test]
    fn the_bundled_file_holds_the_places_of_the_demo() {
        let places = Places::bundled().unwrap();
        for known in [
            "NLRTM", "DEHAM", "DEBER", "FRPAR", "ESBCN", "PLWAW", "ITMIL", "GBLON", "SEGOT",
            "DKCPH", "ATVIE", "CZPRG",
        ] {
            let place = places.get(&code(known)).unwrap_or_else(|| panic!("{known}"));
            assert_eq!(place.country, known[..2], "{known}");
        }
        assert!(!places.is_empty() && places.codes().len() == places.len());
    }

    #[test]
    fn distances_of_known_pairs() {
        let places = Places::bundled().unwrap();
        // Against published great-circle distances, with room for where a city is said to be.
        for (from, to, km) in
            [("NLRTM", "DEBER", 617), ("GBLON", "FRPAR", 344), ("SEGOT", "ITMIL", 1380)]
        {
            let found = places.distance_km(&code(from), &code(to)).unwrap();
            assert!(found.abs_diff(km) <= 15, "{from}-{to}: {found} km, expected about {km}");
        }
        assert_eq!(places.distance_km(&code("NLRTM"), &code("NLRTM")), Some(0));
        assert_eq!(places.distance_km(&code("NLRTM"), &code("XXXXX")), None);
    }

    #[test]
    fn codes_are_normalised_and_checked() {
        assert_eq!(code("nl rtm").as_str(), "NLRTM");
        assert_eq!(
            "NL-RTM".parse::<Place>().unwrap_err().to_string(),
            "expected a place code of 1 to 32 letters and digits such as NLRTM, got \"NL-RTM\""
        );
        for bad in ["", " ", "Zürich", "A#B", &"X".repeat(33)] {
            assert!(bad.parse::<Place>().is_err(), "{bad}");
        }
    }

    fn spot() -> impl Strategy<Value = KnownPlace> {
        (-90.0..90.0, -180.0..180.0).prop_map(|(lat, lon)| KnownPlace {
            city: String::new(),
            country: String::new(),
            lat,
            lon,
        })
    }

    proptest! {
        #[test]
        fn distance_is_a_distance(a in spot(), b in spot(), c in spot()) {
            prop_assert_eq!(great_circle_km(&a, &a), 0);
            prop_assert_eq!(great_circle_km(&a, &b), great_circle_km(&b, &a));
            prop_assert!(great_circle_km(&a, &b) <= 20_016);
            let detour = great_circle_km(&a, &c) + great_circle_km(&c, &b);
            prop_assert!(great_circle_km(&a, &b) <= detour + 2, "each is rounded");
        }
    }
}
