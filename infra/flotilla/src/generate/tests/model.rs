//! A small model of the rules by which an event concerns shipments, to check the
//! expectations against: names are registered, packing is learned, what nobody
//! knows waits, and is looked at again whenever something becomes known.

use flotilla_shipment::identifier::Identifier;
use flotilla_shipment::inbound::{Contents, Inbound, Subject};
use flotilla_shipment::process::check;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

type Name = (String, String);

#[derive(Default)]
pub(super) struct Model {
    owners: BTreeMap<Identifier, String>,
    /// By parent and child: put in, taken out.
    packed: BTreeMap<Identifier, BTreeMap<Identifier, [Option<Timestamp>; 2]>>,
    tasks: BTreeMap<Name, BTreeSet<String>>,
    waiting: BTreeMap<Identifier, BTreeMap<Name, (Vec<Identifier>, Timestamp)>>,
}

impl Model {
    pub(super) fn take(&mut self, (source, id): (&str, &str), inbound: &Inbound) {
        let name = (source.to_owned(), id.to_owned());
        let at = check(&inbound.received, super::places(), Timestamp::MAX).unwrap();
        match &inbound.subject {
            Subject::Order { shipment, names } => {
                for load in names {
                    self.owners.insert(load.clone(), shipment.to_string());
                }
                self.tasks.entry(name).or_default().insert(shipment.to_string());
                names.iter().for_each(|load| self.release(load));
            }
            Subject::Loads { loads, packing } => {
                if let Some(packing) = packing {
                    let Contents::These(children) = &packing.contents else {
                        panic!("{name:?}: what was emptied is not known in any order")
                    };
                    let contents = self.packed.entry(packing.parent.clone()).or_default();
                    for child in children {
                        let ends = contents.entry(child.clone()).or_default();
                        let end = &mut ends[usize::from(!packing.inside)];
                        assert!(end.is_none_or(|end| end == at), "{name:?}: packed once");
                        *end = Some(at);
                    }
                    self.release(&packing.parent);
                }
                self.resolve(&name, loads, at);
            }
            Subject::Nobody(_) => {}
        }
    }

    fn resolve(&mut self, name: &Name, loads: &[Identifier], at: Timestamp) {
        let mut open = loads.to_vec();
        while let Some(load) = open.pop() {
            let contents = self.packed.get(&load).cloned().unwrap_or_default();
            let is_packed = contents.values().any(|[packed, _]| packed.is_some());
            match self.owners.get(&load) {
                Some(owner) => {
                    self.tasks.entry(name.clone()).or_default().insert(owner.clone());
                }
                None if !is_packed => {
                    let waiting = self.waiting.entry(load.clone()).or_default();
                    waiting.insert(name.clone(), (loads.to_vec(), at));
                }
                None => {}
            }
            let inside = |[from, to]: &[Option<Timestamp>; 2]| {
                from.is_some_and(|from| from <= at) && to.is_none_or(|to| at < to)
            };
            open.extend(
                contents.into_iter().filter(|(_, ends)| inside(ends)).map(|(load, _)| load),
            );
        }
    }

    fn release(&mut self, load: &Identifier) {
        for (name, (loads, at)) in self.waiting.remove(load).unwrap_or_default() {
            self.resolve(&name, &loads, at);
        }
    }

    pub(super) fn tasks(&self, (source, id): (&str, &str)) -> BTreeSet<String> {
        self.tasks.get(&(source.to_owned(), id.to_owned())).cloned().unwrap_or_default()
    }

    pub(super) fn waits(&self, (source, id): (&str, &str)) -> BTreeSet<String> {
        let name = (source.to_owned(), id.to_owned());
        let here = self.waiting.iter().filter(|(_, waiting)| waiting.contains_key(&name));
        here.map(|(load, _)| load.index_key()).collect()
    }
}
