//! Names with valid check digits, and the places of the map.

use flotilla_shipment::identifier::gs1_check_digit;
use flotilla_task::fingerprint;

/// Where shipments start and end, as UN/LOCODE.
pub const PLACES: [&str; 12] = [
    "NLRTM", "DEHAM", "DEBER", "FRPAR", "ESBCN", "PLWAW", "ITMIL", "GBLON", "SEGOT", "DKCPH",
    "ATVIE", "CZPRG",
];

/// A made-up GS1 company prefix.
const COMPANY: &str = "3456789";

/// A Serial Shipping Container Code: extension digit, company, serial number
/// and the check digit that GS1's modulo 10 asks for.
#[must_use]
pub fn sscc(serial: u64) -> String {
    let body = format!("0{COMPANY}{:09}", serial % 1_000_000_000);
    let check = gs1_check_digit(&body).unwrap_or_default();
    format!("{body}{check}")
}

/// Hands out names that no other run uses.
#[derive(Debug)]
pub(crate) struct Names {
    run: String,
    /// Serial numbers of parcels start here: far apart for different runs.
    serial: u64,
    shipments: u64,
    events: u64,
    bookings: u64,
}

impl Names {
    pub(crate) fn new(run: &str) -> Self {
        let hash = fingerprint(&["serials", run]);
        let serial = u64::from_str_radix(hash.get(..12).unwrap_or_default(), 16).unwrap_or(0);
        Self { run: run.to_owned(), serial, shipments: 0, events: 0, bookings: 0 }
    }

    pub(crate) fn shipment(&mut self) -> String {
        self.shipments += 1;
        format!("SHP-{}-{:06}", self.run, self.shipments)
    }

    pub(crate) fn event(&mut self) -> String {
        self.events += 1;
        format!("evt-{}-{:06}", self.run, self.events)
    }

    pub(crate) fn booking(&mut self) -> String {
        self.bookings += 1;
        format!("BKR-{}-{}", self.run, self.bookings)
    }

    pub(crate) fn sscc(&mut self) -> String {
        self.serial = self.serial.wrapping_add(1);
        sscc(self.serial)
    }
}
