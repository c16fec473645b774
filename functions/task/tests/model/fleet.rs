//! The model: where it starts, what may happen, and what must hold.

use crate::bounds::Bounds;
use crate::outside::{Act, act, acts, is_scan_due};
use crate::properties;
use crate::store::{EARLY, LEASE_END};
use crate::the_task::{new_task, next_stage, outcome_of, task};
use crate::world::{Body, Memory, World};
use flotilla_task::{
    Action, AttemptId, Command, Fence, Stage, StageMessage, TaskRecord, Transition, transition,
};
use stateright::{Model, Property};
use std::sync::Arc;

/// One task's way through the fleet, within bounds.
#[derive(Debug, Clone)]
pub(crate) struct Fleet(pub(crate) Bounds);

impl Fleet {
    /// Whether nothing more will happen by itself.
    pub(crate) fn is_at_rest(&self, world: &World) -> bool {
        world.is_quiet() && !is_scan_due(&self.0, world)
    }

    /// The record as it arrives at the stage where the search starts.
    fn arrived(&self) -> Option<TaskRecord> {
        let write = |record: Option<&TaskRecord>, action| {
            let by = AttemptId::from_bits(0);
            match transition(record, &Command { task: task(), by, now: EARLY, action }) {
                Transition::Applied(after) => after,
                Transition::Refused(refusal) => panic!("{refusal:?}"),
            }
        };
        if self.0.start == Stage::Ingestion {
            return None;
        }
        let mut record = write(None, Action::Create(new_task()));
        while record.stage != self.0.start {
            if record.stage.claims() {
                let claim = Action::Claim { stage: record.stage, lease_until: LEASE_END };
                record = write(Some(&record), claim);
            }
            let next = outcome_of(0, next_stage(&self.0, record.stage));
            record = write(Some(&record), Action::Commit { fence: Fence::of(&record), next });
        }
        Some(record)
    }
}

impl Model for Fleet {
    type State = World;
    type Action = Act;

    fn init_states(&self) -> Vec<World> {
        let record = self.arrived();
        let body = match &record {
            Some(record) => Body::Stage(Arc::new(StageMessage::stored_in(record))),
            None => Body::Event,
        };
        let committed = record.as_ref().map_or(0, |record| (1 << record.hops) - 1);
        let mut world = World {
            record: record.map(Arc::new),
            messages: vec![],
            workers: vec![],
            late: vec![],
            operator: None,
            booked: vec![],
            left: self.0.budget,
            memory: Memory { committed, ..Memory::default() },
            next: 0,
        };
        world.put(body);
        vec![world]
    }

    fn actions(&self, world: &World, all: &mut Vec<Act>) {
        acts(&self.0, world, all);
    }

    fn next_state(&self, world: &World, it: Act) -> Option<World> {
        let mut world = world.clone();
        act(&self.0, &mut world, it);
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all(self.0.reaches)
    }
}
