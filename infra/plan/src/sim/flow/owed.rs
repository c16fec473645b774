//! What invocations under way have asked of the table and of a local cloud, and not got yet.

use crate::bound::Limit;
use crate::network::Network;
use crate::sim::meter::Room;

/// Units, and seconds of a local cloud.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Owed {
    writes: f64,
    reads: f64,
    server: f64,
}

impl Owed {
    /// What is owed after a step in which the stages took on so many records each.
    pub(super) fn after(
        self,
        network: &Network,
        room: Room,
        records: impl Iterator<Item = f64>,
        seconds: f64,
    ) -> Self {
        let mut owed = self;
        for (place, records) in records.enumerate() {
            let units = network.stages[place].units;
            owed.writes += records * units.writes;
            owed.reads += records * units.reads;
            if let Some(server) = &network.server {
                owed.server += records * server.each.get(place).copied().unwrap_or(0.0);
            }
        }
        let capacity = network.server.map_or(0.0, |server| server.capacity);
        Self {
            writes: (owed.writes - room.writes * seconds).max(0.0),
            reads: (owed.reads - room.reads * seconds).max(0.0),
            server: (owed.server - capacity * seconds).max(0.0),
        }
    }

    /// Seconds until each would be got: writes, reads, local cloud.
    fn seconds(self, network: &Network, room: Room) -> [f64; 3] {
        let server = network.server.map_or(0.0, |server| self.server / server.capacity);
        [self.writes / room.writes, self.reads / room.reads, server]
    }

    /// Seconds that whoever asked last waits: a second's worth is given ahead, because the
    /// platform counts whole seconds.
    pub(super) fn delay(self, network: &Network, room: Room) -> f64 {
        let longest = self.seconds(network, room).into_iter().fold(0.0, f64::max);
        (longest - 1.0).max(0.0)
    }

    /// What is waited for the longest.
    pub(super) fn scarcest(self, network: &Network, room: Room) -> Limit {
        let [writes, reads, server] = self.seconds(network, room);
        if network.server.is_some() && server >= writes && server >= reads {
            Limit::Server
        } else if reads > writes {
            Limit::TableReads
        } else {
            Limit::TableWrites
        }
    }
}
