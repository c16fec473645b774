//! From loads to shipments: a load is registered for one, or holds loads that are.

use crate::SIDE_BY_SIDE;
use flotilla_shipment::identifier::Identifier;
use flotilla_shipment::ports::Loads;
use flotilla_task::{Failure, Reason, ReasonCode, ShipmentId, StoreError};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// The most loads that one event may concern: parcels on pallets in a container.
const MAX_LOADS: usize = 2000;

/// Whom an event concerns.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Resolved {
    /// Those whose loads it names, or had in them what it names.
    pub(crate) shipments: BTreeSet<ShipmentId>,
    /// Loads of which nobody knows whose they are or what is in them.
    pub(crate) unknown: BTreeSet<Identifier>,
    /// Loads that hold others. More may turn out to have been in them.
    pub(crate) holders: BTreeSet<Identifier>,
    /// Everything that was looked up.
    pub(crate) seen: BTreeSet<Identifier>,
}

/// Follows the loads down to those that were in them at that moment. Each load is
/// looked at once, so that packing events that contradict each other end.
pub(crate) async fn resolve(
    index: &impl Loads,
    loads: &[Identifier],
    at: Timestamp,
) -> Result<Resolved, Failure> {
    let mut resolved = Resolved::default();
    resolved.look(index, loads.iter().cloned().collect(), at).await?;
    Ok(resolved)
}

impl Resolved {
    /// Looks at these loads, once more where they were looked at before, and at
    /// those in them that are new.
    pub(crate) async fn look(
        &mut self,
        index: &impl Loads,
        loads: BTreeSet<Identifier>,
        at: Timestamp,
    ) -> Result<(), Failure> {
        self.seen.extend(loads.iter().cloned());
        let mut level: Vec<Identifier> = loads.into_iter().collect();
        while !level.is_empty() {
            let known: Vec<_> = stream::iter(level)
                .map(|name| async move {
                    let load = index.load(&name).await?;
                    Ok::<_, StoreError>((name, load))
                })
                .buffered(SIDE_BY_SIDE)
                .try_collect()
                .await?;
            level = Vec::new();
            for (name, load) in known {
                if !load.is_known() {
                    self.unknown.insert(name);
                    continue;
                }
                self.unknown.remove(&name);
                if load.holds() {
                    self.holders.insert(name);
                }
                for child in load.inside(at) {
                    if self.seen.insert(child.clone()) {
                        level.push(child.clone());
                    }
                }
                self.shipments.extend(load.owner);
            }
            if self.seen.len() > MAX_LOADS {
                let text = format!("concerns {} loads, the limit is {MAX_LOADS}", self.seen.len());
                return Err(Failure::Permanent(Reason::new(ReasonCode::TooLarge, text)));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flotilla_shipment::load::{Load, Stay};
    use futures_util::FutureExt;
    use std::collections::BTreeMap;

    /// Everything at hand, so that each look-up is done at once.
    #[derive(Default)]
    struct Known(BTreeMap<Identifier, Load>);

    impl Loads for Known {
        async fn load(&self, load: &Identifier) -> Result<Load, StoreError> {
            Ok(self.0.get(load).cloned().unwrap_or_default())
        }
        async fn pack(
            &self,
            _: &Identifier,
            _: &Identifier,
            _: Timestamp,
            _: &str,
        ) -> Result<bool, StoreError> {
            Err(StoreError::Rejected("only looked at".to_owned()))
        }
        async fn unpack(
            &self,
            _: &Identifier,
            _: Option<&Identifier>,
            _: Timestamp,
        ) -> Result<(), StoreError> {
            Err(StoreError::Rejected("only looked at".to_owned()))
        }
    }

    impl Known {
        fn owned(mut self, load: &str, shipment: &str) -> Self {
            let owner = Some(ShipmentId::new(shipment).unwrap());
            self.0.entry(name(load)).or_default().owner = owner;
            self
        }

        fn packed(mut self, parent: &str, child: &str, packed: i64, unpacked: Option<i64>) -> Self {
            let stay = Stay { packed: Some(at(packed)), unpacked: unpacked.map(at) };
            self.0.entry(name(parent)).or_default().contents.insert(name(child), stay);
            self
        }

        fn resolve(&self, loads: &[&str], moment: i64) -> Result<Resolved, Failure> {
            let loads: Vec<_> = loads.iter().map(|load| name(load)).collect();
            resolve(self, &loads, at(moment)).now_or_never().unwrap()
        }
    }

    fn name(text: &str) -> Identifier {
        format!("waybill:{text}").parse().unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn told(resolved: &Resolved) -> (Vec<&str>, Vec<&str>) {
        let unknown = resolved.unknown.iter().map(Identifier::value).collect();
        (resolved.shipments.iter().map(ShipmentId::as_str).collect(), unknown)
    }

    #[test]
    fn a_container_concerns_the_shipments_in_it_at_the_time() {
        let known = Known::default()
            .packed("BOX", "P1", 10, None)
            .packed("BOX", "P2", 10, Some(20))
            .packed("BOX", "P3", 30, None)
            .packed("P1", "A", 5, None)
            .packed("P1", "B", 5, None)
            .owned("A", "SHP-A")
            .owned("P2", "SHP-2")
            .owned("P3", "SHP-3");
        assert_eq!(
            told(&known.resolve(&["BOX"], 15).unwrap()),
            (vec!["SHP-2", "SHP-A"], vec!["B"])
        );
        assert_eq!(told(&known.resolve(&["BOX"], 25).unwrap()), (vec!["SHP-A"], vec!["B"]));
        let late = known.resolve(&["BOX", "P2", "NEW"], 35).unwrap();
        assert_eq!(told(&late), (vec!["SHP-2", "SHP-3", "SHP-A"], vec!["B", "NEW"]));
        assert_eq!(told(&known.resolve(&["BOX"], 9).unwrap()), (vec![], vec![]), "still empty");
        let holders: Vec<_> = late.holders.iter().map(Identifier::value).collect();
        assert_eq!(holders, ["BOX", "P1"]);
        assert_eq!(late.seen.len(), 7);
    }

    #[test]
    fn loads_in_a_circle_are_looked_at_once() {
        let known = Known::default()
            .packed("A", "B", 1, None)
            .packed("B", "A", 1, None)
            .packed("B", "C", 1, None)
            .owned("C", "SHP-C");
        assert_eq!(told(&known.resolve(&["A"], 2).unwrap()), (vec!["SHP-C"], vec![]));
    }

    #[test]
    fn more_loads_than_any_container_holds_are_refused_with_their_number() {
        let known = (0..2001)
            .fold(Known::default(), |known, n| known.packed("BOX", &format!("P{n}"), 1, None));
        let Err(Failure::Permanent(reason)) = known.resolve(&["BOX"], 2) else { panic!("refused") };
        assert_eq!(reason.text, "concerns 2002 loads, the limit is 2000");
    }
}
