//! Coordinates on earth, as the `geo` URI of RFC 5870 writes them, and distances.

use crate::invalid::quoted;
use crate::quantity::Decimal;
use std::fmt;

/// Text after `geo:` that is no spot on earth. A retry does not help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected geo:latitude,longitude in degrees from -90 to 90 and -180 to 180 such as \
     geo:51.92,4.48, got {0}"
)]
pub struct NotCoordinates(String);

/// A spot on earth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spot {
    /// Degrees north.
    pub(super) lat: f64,
    /// Degrees east.
    pub(super) lon: f64,
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2},{:.2}", self.lat, self.lon)
    }
}

/// Reads what follows `geo:`, rounded to 0.01 degrees. Altitude and parameters
/// are left out, except that `None` comes of another reference system than
/// WGS 84: its numbers mean another spot.
pub(super) fn parse(text: &str) -> Result<Option<Spot>, NotCoordinates> {
    let wrong = || NotCoordinates(quoted(text));
    let (numbers, parameters) = text.split_once(';').unwrap_or((text, ""));
    for parameter in parameters.split(';') {
        if let Some((name, value)) = parameter.split_once('=')
            && name.eq_ignore_ascii_case("crs")
            && !value.eq_ignore_ascii_case("wgs84")
        {
            return Ok(None);
        }
    }
    let numbers: Vec<Option<i32>> = numbers.split(',').map(hundredths).collect();
    let (lat, lon) = match numbers.as_slice() {
        [Some(lat), Some(lon)] | [Some(lat), Some(lon), Some(_)] => (*lat, *lon),
        _ => return Err(wrong()),
    };
    if !(-9_000..=9_000).contains(&lat) || !(-18_000..=18_000).contains(&lon) {
        return Err(wrong());
    }
    // A pole has every longitude, and 180 degrees west are 180 degrees east.
    let lon = match (lat.abs(), lon) {
        (9_000, _) => 0,
        (_, -18_000) => 18_000,
        (_, lon) => lon,
    };
    Ok(Some(Spot { lat: f64::from(lat) / 100.0, lon: f64::from(lon) / 100.0 }))
}

/// `num` of RFC 5870: no exponent, no plus.
fn hundredths(number: &str) -> Option<i32> {
    let plain = |byte: u8| byte.is_ascii_digit() || byte == b'.' || byte == b'-';
    if !number.bytes().all(plain) {
        return None;
    }
    number.parse::<Decimal>().ok()?.times(100).and_then(|whole| i32::try_from(whole).ok())
}

/// Kilometres along the great circle. Haversine on a sphere of the mean earth
/// radius: within 0.6 % of the real figure of the earth, and stable for points
/// close together.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "0 to 20016, half the earth's girth"
)]
pub(super) fn great_circle_km(a: Spot, b: Spot) -> u32 {
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

    fn text(uri: &str) -> String {
        parse(uri).unwrap().unwrap().to_string()
    }

    #[test]
    fn coordinates_are_rounded_to_about_a_kilometre() {
        for (uri, rounded) in [
            ("51.9249,4.4751", "51.92,4.48"),
            ("51.925,-4.475", "51.93,-4.48"),
            ("-0.001,-0.004,99.5", "0.00,0.00"),
            ("48.2010,16.3695,183", "48.20,16.37"),
            ("13.4125,103.8667;u=35;x", "13.41,103.87"),
            ("90,77", "90.00,0.00"),
            ("-90,-180", "-90.00,0.00"),
            ("5,-180", "5.00,180.00"),
            ("5,-179.999", "5.00,180.00"),
        ] {
            assert_eq!(text(uri), rounded, "{uri}");
        }
    }

    #[test]
    fn what_is_not_on_earth_is_refused() {
        for bad in [
            "",
            "51.92",
            "51.92,",
            ",4.48",
            "51.92,4.48,1,2",
            "90.01,0",
            "-91,0",
            "0,180.01",
            "0,-181",
            "NaN,0",
            "inf,0",
            "1e1,0",
            "+1,0",
            "51,92,4,48",
            "51.92 ,4.48",
            "a,b",
            "99999999999999999999999999999,0",
            "-,0",
            "--1,0",
        ] {
            assert_eq!(parse(bad), Err(NotCoordinates(quoted(bad))), "{bad}");
        }
        assert_eq!(
            parse("north,0").unwrap_err().to_string(),
            "expected geo:latitude,longitude in degrees from -90 to 90 and -180 to 180 such as geo:51.92,4.48, got \"north,0\""
        );
    }

    #[test]
    fn another_reference_system_is_another_spot() {
        assert_eq!(parse("323482,4306480;crs=EPSG:32618"), Ok(None));
        assert_eq!(text("51.92,4.48;CRS=wgs84;u=1"), "51.92,4.48");
    }

    fn spot() -> impl Strategy<Value = Spot> {
        (-90.0..90.0, -180.0..180.0).prop_map(|(lat, lon)| Spot { lat, lon })
    }

    proptest! {
        #[test]
        fn distance_is_a_distance(a in spot(), b in spot(), c in spot()) {
            prop_assert_eq!(great_circle_km(a, a), 0);
            prop_assert_eq!(great_circle_km(a, b), great_circle_km(b, a));
            prop_assert!(great_circle_km(a, b) <= 20_016);
            let detour = great_circle_km(a, c) + great_circle_km(c, b);
            prop_assert!(great_circle_km(a, b) <= detour + 2, "each is rounded");
        }
    }
}
