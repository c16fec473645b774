//! What it takes to make something up: dice, names and the day.

use super::calendar::Day;
use super::codes::{COMPANY, Names, PLACES, gln};
use crate::error::Error;
use fastrand::Rng;

/// Positions of some places, as a truck's receiver reports them.
const POSITIONS: [(&str, &str, &str); 4] = [
    ("NLRTM", "51.92", "4.48"),
    ("DEHAM", "53.55", "9.99"),
    ("DEBER", "52.52", "13.40"),
    ("FRPAR", "48.86", "2.35"),
];

/// Dice, names and the day, lent to whoever makes something up.
#[derive(Debug)]
pub(crate) struct Pen<'a> {
    pub(crate) dice: &'a mut Rng,
    pub(crate) names: &'a mut Names,
    pub(crate) day: &'a Day,
}

impl Pen<'_> {
    /// One of a list that is not empty.
    pub(crate) fn pick<T: Copy + Default>(&mut self, list: &[T]) -> T {
        self.dice.choice(list).copied().unwrap_or_default()
    }

    /// Whether something of so many percent happens.
    pub(crate) fn chance(&mut self, percent: u32) -> bool {
        self.dice.u32(0..100) < percent
    }

    /// Somewhere between two shares of the day.
    pub(crate) fn between(&mut self, from: f64, to: f64) -> f64 {
        from + self.dice.f64() * (to - from).max(0.0)
    }

    /// A parcel in one of the forms in which systems name it.
    pub(crate) fn parcel(&mut self, sscc: &str) -> String {
        let urn = sscc.get(1 + COMPANY.len()..17).zip(sscc.get(..1));
        match (self.dice.u32(0..4), urn) {
            (0..=1, Some((serial, extension))) => {
                format!("urn:epc:id:sscc:{COMPANY}.{extension}{serial}")
            }
            (2, _) => format!("https://wms.example.com/goods/00/{sscc}?linkType=all"),
            _ => format!("https://id.gs1.org/00/{sscc}"),
        }
    }

    /// A place in one of the forms in which EPCIS systems name it. Those without
    /// a GLN are written as codes.
    pub(crate) fn place_uri(&mut self, code: &str) -> String {
        let Some(at) = PLACES.iter().position(|place| *place == code) else {
            return format!("https://locations.example.com/unlocode/{code}");
        };
        let position = POSITIONS.iter().find(|(place, ..)| *place == code);
        match (self.dice.u32(0..10), position) {
            (0..=1, Some((_, lat, lon))) => format!("geo:{lat},{lon}"),
            (2..=5, _) => format!("https://id.gs1.org/414/{}", gln(at + 1)),
            (6, _) => format!("https://id.gs1.org/414/{}/254/dock-{}", gln(at + 1), at + 1),
            _ => format!("urn:epc:id:sgln:{COMPANY}.{:05}.0", at + 1),
        }
    }

    /// Latitude and longitude of a place, where they are at hand.
    pub(crate) fn position(code: &str) -> Option<(&'static str, &'static str)> {
        let found = POSITIONS.iter().find(|(place, ..)| *place == code);
        found.map(|(_, lat, lon)| (*lat, *lon))
    }

    pub(crate) fn utc(&self, share: f64) -> Result<String, Error> {
        self.day.utc(share)
    }
}
