//! Carriers with their rate cards, and the hubs they go over.

use crate::places::Place;
use crate::quantity::Currency;

/// A carrier and its rate card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carrier {
    /// Its id, which is also its address at the partners.
    pub id: String,
    /// Its name, for words.
    pub name: String,
    /// The currency of its rate card and its bills.
    pub currency: Currency,
    /// What it offers.
    pub services: Vec<Service>,
}

/// A line of a rate card. Prices are in cents of the carrier's currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Price of any shipment.
    pub base_cents: i64,
    /// Price of a kilogram.
    pub per_kg_cents: i64,
    /// Price of 100 km.
    pub per_100km_cents: i64,
    /// Time that passes whatever the distance.
    pub fixed_minutes: i64,
    /// Distance covered in a day.
    pub km_per_day: i64,
}

/// A place over which goods can go instead of straight to their destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hub {
    /// Where it is.
    pub place: Place,
    /// Its name, for words.
    pub name: String,
    /// How long the goods are handled there.
    pub handling_minutes: i64,
    /// What that costs, in cents of the policy's currency.
    pub handling_cents: i64,
    /// Who goes on from there.
    pub lines: Vec<Line>,
}

/// A carrier's service from a hub to the destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The carrier's id.
    pub carrier: String,
    /// Its service.
    pub service: String,
    /// Distance covered in a day.
    pub km_per_day: i64,
}

impl Service {
    /// The price in cents, half a cent rounded up.
    #[must_use]
    pub fn cost_cents(&self, weight_g: u64, km: u32) -> i64 {
        // In thousandths of a cent per gram and 100 km: everything is whole.
        let fine = i128::from(self.base_cents) * 100_000
            + i128::from(self.per_kg_cents) * i128::from(weight_g) * 100
            + i128::from(self.per_100km_cents) * i128::from(km) * 1000;
        i64::try_from((fine + 50_000) / 100_000).unwrap_or(i64::MAX)
    }

    /// The quoted time in minutes, rounded up.
    #[must_use]
    pub fn minutes(&self, km: u32) -> i64 {
        self.fixed_minutes.saturating_add(on_the_way(km, self.km_per_day))
    }
}

impl Hub {
    /// The line of a carrier's service, if it uses the hub.
    #[must_use]
    pub fn line(&self, carrier: &str, service: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.carrier == carrier && line.service == service)
    }

    /// The quoted time over this hub in minutes, rounded up.
    #[must_use]
    pub fn minutes(&self, service: &Service, line: &Line, to_km: u32, from_km: u32) -> i64 {
        service
            .minutes(to_km)
            .saturating_add(self.handling_minutes)
            .saturating_add(on_the_way(from_km, line.km_per_day))
    }
}

/// Minutes for a distance at a speed, rounded up.
#[must_use]
pub fn on_the_way(km: u32, km_per_day: i64) -> i64 {
    let speed = km_per_day.max(1);
    (i64::from(km) * 1440 + speed - 1) / speed
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn service(base: i64, per_kg: i64, per_100km: i64) -> Service {
        Service {
            name: "s".into(),
            base_cents: base,
            per_kg_cents: per_kg,
            per_100km_cents: per_100km,
            fixed_minutes: 60,
            km_per_day: 500,
        }
    }

    #[test]
    fn prices_round_half_a_cent_up_and_times_round_up() {
        assert_eq!(
            service(100, 55, 70).cost_cents(1500, 250),
            100 + 83 + 175,
            "82.5 cents a weight"
        );
        assert_eq!(service(0, 1, 0).cost_cents(500, 0), 1, "half a cent");
        assert_eq!(service(0, 1, 0).cost_cents(499, 0), 0);
        assert_eq!(service(0, 0, 1).cost_cents(0, 50), 1);
        assert_eq!(service(0, 0, 0).minutes(1), 60 + 3, "2.88 minutes");
        assert_eq!(service(0, 0, 0).minutes(500), 60 + 1440);
    }

    #[test]
    fn a_hub_adds_its_handling_and_goes_on_at_the_lines_speed() {
        let line = Line { carrier: "c".into(), service: "s".into(), km_per_day: 2000 };
        let hub = Hub {
            place: "DELEJ".parse().unwrap(),
            name: "Leipzig".into(),
            handling_minutes: 180,
            handling_cents: 250,
            lines: vec![line.clone()],
        };
        assert_eq!(hub.minutes(&service(0, 0, 0), &line, 500, 1000), 60 + 1440 + 180 + 720);
        assert_eq!(hub.line("c", "s"), Some(&line));
        assert_eq!((hub.line("c", "t"), hub.line("d", "s")), (None, None));
    }

    proptest! {
        #[test]
        fn more_weight_or_distance_never_costs_or_takes_less(
            base in 0_i64..10_000, per_kg in 0_i64..1000, per_100km in 0_i64..1000,
            g in 0_u64..1_000_000, more_g in 0_u64..1000, km in 0_u32..20_000, more_km in 0_u32..1000,
        ) {
            let service = service(base, per_kg, per_100km);
            prop_assert!(service.cost_cents(g, km) >= base);
            prop_assert!(service.cost_cents(g + more_g, km + more_km) >= service.cost_cents(g, km));
            prop_assert!(service.minutes(km + more_km) >= service.minutes(km));
        }
    }
}
