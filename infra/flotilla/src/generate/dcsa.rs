//! DCSA Track & Trace 2.2 events: what a container line says.

use super::epcis::{Of, set};
use super::happening::{Happening, Standard};
use super::pen::Pen;
use crate::error::Error;
use serde_json::{Value, json};

/// What a line calls the goods by.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Goods<'a> {
    /// The container that they are in.
    Container(&'a str),
    /// The booking under which they travel.
    Booking(&'a str),
}

impl Pen<'_> {
    /// Something really happened to a container.
    pub(crate) fn handled(
        &mut self,
        of: Of,
        code: &str,
        container: &str,
        empty: bool,
        place: &str,
    ) -> Result<Happening, Error> {
        let time = self.utc(of.at)?;
        let own = json!({
            "eventClassifierCode": "ACT",
            "eventDateTime": time,
            "equipmentEventTypeCode": code,
            "equipmentReference": container,
            "ISOEquipmentCode": "42G1",
            "emptyIndicatorCode": if empty { "EMPTY" } else { "LADEN" },
            "transportCall": self.call(place),
        });
        self.dcsa(of, "EQUIPMENT", own)
    }

    /// A ship or truck with the goods really arrived or departed.
    pub(crate) fn moved(
        &mut self,
        of: Of,
        code: &str,
        goods: Goods<'_>,
        place: &str,
    ) -> Result<Happening, Error> {
        let time = self.utc(of.at)?;
        let mut own = json!({
            "eventClassifierCode": "ACT",
            "eventDateTime": time,
            "transportEventTypeCode": code,
            "transportCall": self.call(place),
        });
        name(&mut own, goods);
        self.dcsa(of, "TRANSPORT", own)
    }

    /// The line says when the goods will be somewhere.
    pub(crate) fn estimated(
        &mut self,
        of: Of,
        goods: Goods<'_>,
        place: &str,
        arrival: f64,
    ) -> Result<Happening, Error> {
        let classifier = if self.chance(90) { "EST" } else { "PLN" };
        let mut own = json!({
            "eventClassifierCode": classifier,
            "eventDateTime": self.utc(arrival)?,
            "transportEventTypeCode": "ARRI",
            "delayReasonCode": "WEA",
            "transportCall": self.call(place),
        });
        name(&mut own, goods);
        self.dcsa(of, "TRANSPORT", own)
    }

    /// Something happened to a booking's papers.
    pub(crate) fn papers(&mut self, of: Of, code: &str, booking: &str) -> Result<Happening, Error> {
        let time = self.utc(of.at)?;
        let own = json!({
            "eventClassifierCode": "ACT",
            "eventDateTime": time,
            "shipmentEventTypeCode": code,
            "documentTypeCode": "BKG",
            "documentID": booking,
        });
        self.dcsa(of, "SHIPMENT", own)
    }

    /// An event of a type, created when it happened or was estimated.
    pub(crate) fn dcsa(&mut self, of: Of, kind: &str, mut own: Value) -> Result<Happening, Error> {
        let id = self.names.uuid();
        set(&mut own, "eventID", json!(id));
        set(&mut own, "eventType", json!(kind));
        let created = self.utc(of.at)?;
        set(&mut own, "eventCreatedDateTime", json!(created));
        let Of { what, tenant, at, expected } = of;
        Ok(Happening { what, standard: Standard::Dcsa, id, data: own, tenant, expected, at })
    }

    /// The call of a ship at a place: by code, or by position where a line has no
    /// code at hand.
    fn call(&mut self, place: &str) -> Value {
        let mut call = json!({
            "transportCallID": self.names.uuid(),
            "modeOfTransport": "VESSEL",
            "vessel": {"vesselIMONumber": "9321483", "vesselName": "EXAMPLE FEEDER"},
        });
        match Self::position(place).filter(|_| self.chance(15)) {
            Some((lat, lon)) => {
                set(&mut call, "location", json!({"latitude": lat, "longitude": lon}));
            }
            None => set(&mut call, "UNLocationCode", json!(place)),
        }
        call
    }
}

fn name(own: &mut Value, goods: Goods<'_>) {
    match goods {
        Goods::Container(number) => {
            set(own, "references", json!([{"referenceType": "EQ", "referenceValue": number}]));
        }
        Goods::Booking(booking) => {
            let document =
                json!({"documentReferenceType": "BKG", "documentReferenceValue": booking});
            set(own, "documentReferences", json!([document]));
        }
    }
}
