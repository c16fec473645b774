//! Short texts: names of loads and places, quantities, weeks, ids, written forms.

use super::is_short;
use flotilla_shipment::decision::Scored;
use flotilla_shipment::gs1;
use flotilla_shipment::identifier::{Identifier, Scheme};
use flotilla_shipment::inbound::kind_of;
use flotilla_shipment::memory::Stamp;
use flotilla_shipment::places::Place;
use flotilla_shipment::quantity::{Decimal, Money};
use flotilla_shipment::week::Week;
use flotilla_task::{ShipmentId, Tenant};
use std::fmt::{Debug, Display};
use std::str::FromStr;

/// Longer than any error about a text.
const ERROR: usize = 400;

pub(super) fn samples() -> Vec<Vec<u8>> {
    [
        "sscc:003456789012345670",
        "container:CSQU3054383",
        "asset:8003/04012345678901ABC",
        "ginc:0345678ABC",
        "urn:epc:id:sscc:0345678.0901234567",
        "urn:epc:id:grai:0345678.90123.ABC%2F1",
        "urn:epc:id:bic:CSQU3054383",
        "https://id.gs1.org/00/003456789012345670",
        "https://id.example.com/414/9521234000013/254/A%2Fb?17=261231",
        "NLRTM",
        "geo:52.52,13.405",
        "urn:epc:id:sgln:0614141.07346.1234",
        "99.80 EUR",
        "-0.000000000000000001",
        "2026W48",
        "flotilla.epcis.v2",
        "swift/express@DELEJ 2981 2026-11-30T02:30Z safe 5%",
        "2026-11-28T08:00:00Z 0f3a5be07c21",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

pub(super) fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    returns::<Identifier>(text, |name| name.index_key());
    returns::<Place>(text, |place| place.as_str().to_owned());
    returns::<Money>(text, Money::to_string);
    returns::<Week>(text, Week::to_string);
    match Scored::try_from(text.to_owned()) {
        // Its time is written to the minute.
        Ok(option) => {
            let written = String::from(option);
            let again = Scored::try_from(written.clone()).unwrap();
            assert_eq!(String::from(again), written);
        }
        Err(error) => is_short(&error, ERROR),
    }
    for scheme in Scheme::ALL {
        if let Err(error) = Identifier::new(scheme, text) {
            is_short(&error, ERROR);
        }
    }
    if let Err(error) = gs1::parse(text) {
        is_short(&error, ERROR);
    }
    if let Err(error) = text.parse::<Decimal>() {
        is_short(&error, ERROR);
    }
    if let Err(error) = kind_of(text) {
        is_short(&error, ERROR);
    }
    if let Ok(stamp) = Stamp::try_from(text.to_owned()) {
        assert_eq!(Stamp::try_from(String::from(stamp.clone())).as_ref(), Ok(&stamp));
    }
    for error in [ShipmentId::new(text).err(), Tenant::new(text).err()].into_iter().flatten() {
        is_short(&error, ERROR);
    }
}

/// What is read is read again as the same from what it is written as.
fn returns<T>(text: &str, write: impl Fn(&T) -> String)
where
    T: FromStr + PartialEq + Debug,
    T::Err: Display + Debug,
{
    match text.parse::<T>() {
        Ok(value) => assert_eq!(write(&value).parse::<T>().as_ref().ok(), Some(&value)),
        Err(error) => is_short(&error, ERROR),
    }
}
