//! Where places are, from a file that its users edit.

mod csv;
mod geo;
mod place;
mod zone;

pub use geo::NotCoordinates;
use geo::{Spot, great_circle_km};
use place::Form;
pub use place::{NotPlace, Place};
use std::collections::HashMap;
pub use zone::PlaceZone;

/// The starting set that is built in.
const BUNDLED: &str = include_str!("../data/places.csv");
const BUNDLED_NAME: &str = "places.csv";

/// How far coordinates may be from a known place to be that place: a large
/// city's terminals and warehouses lie within it, its neighbour's hardly do.
const SAME_PLACE_KM: u32 = 30;

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
    /// The time there.
    pub zone: PlaceZone,
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

/// The places that we know.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Places {
    /// By code.
    known: HashMap<Place, KnownPlace>,
    /// The code of a GLN.
    codes: HashMap<Place, Place>,
}

impl Places {
    /// Reads a places file.
    ///
    /// # Errors
    /// [`PlacesError`] names the file, the line and the column.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, PlacesError> {
        csv::read(text, file_name)
    }

    /// The starting set that is built in.
    ///
    /// # Errors
    /// Only if the file in the source tree was broken; a test reads it.
    pub fn bundled() -> Result<Self, PlacesError> {
        Self::parse(BUNDLED, BUNDLED_NAME)
    }

    /// The same place by its code, if it has one: a GLN that the file lists, or
    /// coordinates within 30 km of a known place, the nearest. Any other place
    /// as it is.
    #[must_use]
    pub fn resolve(&self, place: &Place) -> Place {
        let code = match place.form() {
            Form::Gln => self.codes.get(place),
            Form::At(spot) => self.nearest(spot),
            Form::Code | Form::Uri => None,
        };
        code.unwrap_or(place).clone()
    }

    fn nearest(&self, spot: Spot) -> Option<&Place> {
        let near =
            self.known.iter().map(|(code, known)| (great_circle_km(spot, known.spot()), code));
        let (_, code) = near.filter(|(km, _)| *km <= SAME_PLACE_KM).min()?;
        Some(code)
    }

    /// A place, if we know it, however it is named.
    #[must_use]
    pub fn get(&self, place: &Place) -> Option<&KnownPlace> {
        self.known.get(&self.resolve(place))
    }

    /// How many places are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether none is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Every code, in order.
    #[must_use]
    pub fn codes(&self) -> Vec<&Place> {
        let mut codes: Vec<_> = self.known.keys().collect();
        codes.sort();
        codes
    }

    /// Kilometres along the great circle, rounded; `None` when a place is
    /// unknown and is no coordinates either.
    #[must_use]
    pub fn distance_km(&self, from: &Place, to: &Place) -> Option<u32> {
        Some(great_circle_km(self.spot(from)?, self.spot(to)?))
    }

    fn spot(&self, place: &Place) -> Option<Spot> {
        match place.form() {
            Form::At(spot) => Some(spot),
            Form::Code | Form::Gln | Form::Uri => self.get(place).map(KnownPlace::spot),
        }
    }
}

impl KnownPlace {
    const fn spot(&self) -> Spot {
        Spot { lat: self.lat, lon: self.lon }
    }
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
    fn a_place_of_any_kind_resolves_to_its_code_and_has_its_distance() {
        let places = Places::bundled().unwrap();
        let berlin = code("DEBER");
        for (text, resolved, km) in [
            ("NLRTM", "NLRTM", Some(617)),
            ("9521234000013", "NLRTM", Some(617)),
            ("urn:epc:id:sgln:9521234.00001.0", "NLRTM", Some(617)),
            // The port's outer terminals, and a town between two known places.
            ("geo:51.95,4.14", "NLRTM", Some(639)),
            ("geo:52.09,5.12", "geo:52.09,5.12", Some(566)),
            // Somebody else's GLN, code and URI.
            ("9521234999997", "9521234999997", None),
            ("XXNIX", "XXNIX", None),
            ("https://example.com/docks/7", "uri:c28384795d2c8782", None),
        ] {
            let place = code(text);
            assert_eq!(places.resolve(&place).as_str(), resolved, "{text}");
            let found = places.distance_km(&place, &berlin);
            assert_eq!(found.is_some(), km.is_some(), "{text}: {found:?}");
            let off = found.zip(km).map_or(0, |(found, km)| found.abs_diff(km));
            assert!(off <= 15, "{text}: {found:?} km, expected about {km:?}");
        }
        assert_eq!(places.get(&code("9521234000013")).unwrap().city, "Rotterdam");
        assert_eq!(Places::default().resolve(&code("9521234000013")), code("9521234000013"));
    }

    #[test]
    fn coordinates_between_two_known_places_are_the_nearer_one() {
        let places = Places::bundled().unwrap();
        // Wien and Bratislava are 55 km apart.
        assert_eq!(places.resolve(&code("geo:48.20,16.70")).as_str(), "ATVIE");
        assert_eq!(places.resolve(&code("geo:48.15,16.90")).as_str(), "SKBTS");
        // Tokyo and Yokohama are 27 km apart: both are near.
        assert_eq!(places.resolve(&code("geo:35.66,139.70")).as_str(), "JPTYO");
        assert_eq!(places.resolve(&code("geo:35.47,139.63")).as_str(), "JPYOK");
        // 30 km east of Paris, and a little more.
        assert_eq!(places.resolve(&code("geo:48.86,2.76")).as_str(), "FRPAR");
        assert_eq!(places.resolve(&code("geo:48.86,2.78")).as_str(), "geo:48.86,2.78");
    }

    #[test]
    fn every_bundled_place_has_a_zone_of_its_own_country() {
        let places = Places::bundled().unwrap();
        for (code, zone) in [
            ("CNSHA", "Asia/Shanghai"),
            ("SGSIN", "Asia/Singapore"),
            ("USNYC", "America/New_York"),
            ("USLAX", "America/Los_Angeles"),
            ("AEJEA", "Asia/Dubai"),
            ("GBLON", "Europe/London"),
        ] {
            let known = places.get(&super::tests::code(code)).unwrap();
            assert_eq!(known.zone.rules().unwrap().iana_name(), Some(zone), "{code}");
        }
    }

    fn any_place() -> impl Strategy<Value = Place> {
        let codes: Vec<Place> = Places::bundled().unwrap().codes().into_iter().cloned().collect();
        prop_oneof![
            proptest::sample::select(codes),
            (1_u32..20).prop_map(|n| {
                let body = format!("9521234{n:05}");
                let check = crate::gs1::check_digit(&body).unwrap();
                code(&format!("{body}{check}"))
            }),
            (-90.0..90.0_f64, -180.0..180.0_f64)
                .prop_map(|(lat, lon)| code(&format!("geo:{lat:.4},{lon:.4}"))),
            // Where many places are close together.
            (45.0..55.0_f64, 2.0..18.0_f64)
                .prop_map(|(lat, lon)| code(&format!("geo:{lat:.4},{lon:.4}"))),
            "[a-z]{3}:[a-z]{5}".prop_map(|uri| code(&uri)),
        ]
    }

    proptest! {
        #[test]
        fn resolving_again_changes_nothing_and_moves_no_place_far(place in any_place()) {
            let places = Places::bundled().unwrap();
            let resolved = places.resolve(&place);
            prop_assert_eq!(&places.resolve(&resolved), &resolved);
            let moved = places.distance_km(&place, &resolved);
            prop_assert!(moved.is_none_or(|km| km <= SAME_PLACE_KM), "{:?}", moved);
            prop_assert_eq!(places.get(&place), places.get(&resolved));
        }

        #[test]
        fn distance_is_the_same_both_ways(a in any_place(), b in any_place()) {
            let places = Places::bundled().unwrap();
            prop_assert_eq!(places.distance_km(&a, &b), places.distance_km(&b, &a));
        }
    }
}
