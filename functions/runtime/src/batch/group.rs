//! Which records must keep their order.

use super::Incoming;
use flotilla_task::Reason;
use flotilla_task::envelope::Envelope;
use std::collections::HashMap;

/// The records' positions, grouped so that records of one shipment are in one
/// group, in the order they came. On a FIFO queue the group is SQS's own; else
/// it is the shipment. A record that names neither is a group of its own.
pub(super) fn in_order(
    parsed: &[(&Incoming, Result<Envelope<'_>, Reason>)],
    fifo: bool,
) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut of_key: HashMap<&str, usize> = HashMap::new();
    for (at, (incoming, envelope)) in parsed.iter().enumerate() {
        let key = if fifo {
            incoming.group.as_deref()
        } else {
            envelope.as_ref().ok().and_then(|envelope| envelope.subject.as_deref())
        };
        match key.and_then(|key| of_key.get(key)).and_then(|group| groups.get_mut(*group)) {
            Some(group) => group.push(at),
            None => {
                if let Some(key) = key {
                    of_key.insert(key, groups.len());
                }
                groups.push(vec![at]);
            }
        }
    }
    groups
}
