//! When each message is sent: mostly as things happened, with the disorder of
//! real feeds. Some orders come after their first tracking events, some
//! milestones overtake later ones, and some messages come twice or thrice.

use super::crowd::Crowd;
use super::{Draft, Message, Plan, body_hash};
use crate::books::{Entry, Fate};
use fastrand::Rng;

pub(crate) fn arrange(dice: &mut Rng, drafts: Vec<Draft>, crowd: &Crowd) -> Plan {
    let mut plan =
        Plan { entries: Vec::new(), bodies: Vec::new(), tenants: Vec::new(), messages: Vec::new() };
    for (number, draft) in drafts.into_iter().enumerate() {
        let luck = dice.u32(0..100);
        let delay = match draft.what {
            // Every twelfth order comes late: its tracking events must wait for it.
            "order" if luck < 8 => 0.1 + dice.f64() * 0.3,
            "order" => 0.0,
            _ if luck < 6 => 0.1 + dice.f64() * 0.2,
            _ => dice.f64() * 0.01,
        };
        let share = (draft.at + crowd.late(delay)).clamp(0.0, 1.0);
        plan.messages.push(Message { entry: number, share });
        for _ in 0..copies(dice, &draft) {
            let again = (share + dice.f64() * dice.f64() * 0.4).clamp(0.0, 1.0);
            plan.messages.push(Message { entry: number, share: again });
        }
        plan.entries.push(Entry {
            number,
            source: draft.source,
            events: draft.events,
            body_hash: body_hash(&draft.body),
            bytes: draft.body.len(),
            sent: 0,
            sent_at_ms: None,
        });
        plan.bodies.push(draft.body);
        plan.tenants.push(draft.tenant);
    }
    plan.messages.sort_by(|a, b| a.share.total_cmp(&b.share));
    plan
}

/// How often a message comes again. One that is refused as a whole comes once,
/// since each copy would be refused.
fn copies(dice: &mut Rng, draft: &Draft) -> u32 {
    let refused = |fate: &Fate| matches!(fate, Fate::Rejected { .. });
    if draft.events.iter().any(|event| refused(&event.expected)) {
        return 0;
    }
    match dice.u32(0..100) {
        0..=1 => 2,
        2..=6 => 1,
        7..=20 if draft.what == "orphan" => 1,
        _ => 0,
    }
}
