//! One queue in memory: what may be received, what is hidden and until when, and what is
//! in somebody's hand.

use aws_sdk_sqs::types::{Message, MessageAttributeValue, MessageSystemAttributeName as Name};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A message as it was sent.
#[derive(Debug, Clone, Default)]
pub(super) struct Letter {
    pub(super) body: String,
    /// On standard queues the tenant.
    pub(super) group: Option<String>,
    pub(super) attributes: HashMap<String, String>,
    /// How long nobody may receive it.
    pub(super) delay: Duration,
}

#[derive(Debug)]
struct Held {
    id: u64,
    letter: Letter,
    receives: u32,
    sent: SystemTime,
    /// How long the function wants it to be hidden.
    hidden: Option<Duration>,
}

/// A queue. It keeps time by the clock, and knows nothing of message groups but to hand
/// them on.
#[derive(Debug, Default)]
pub(super) struct Queue {
    count: u64,
    ready: VecDeque<Held>,
    later: BTreeMap<(Instant, u64), Held>,
    /// By receipt handle.
    hand: HashMap<String, Held>,
}

impl Queue {
    /// Takes a message in and gives it a number.
    pub(super) fn send(&mut self, letter: Letter, now: Instant) -> u64 {
        self.count += 1;
        let (id, delay) = (self.count, letter.delay);
        let held = Held { id, letter, receives: 0, sent: SystemTime::now(), hidden: None };
        self.put(held, delay, now);
        id
    }

    fn put(&mut self, held: Held, delay: Duration, now: Instant) {
        if delay.is_zero() {
            self.ready.push_back(held);
        } else {
            self.later.insert((now + delay, held.id), held);
        }
    }

    /// Shows what has been hidden long enough.
    fn ripen(&mut self, now: Instant) {
        while let Some(first) = self.later.first_entry().filter(|first| first.key().0 <= now) {
            self.ready.push_back(first.remove());
        }
    }

    /// How many may be received now.
    pub(super) fn ready(&mut self, now: Instant) -> usize {
        self.ripen(now);
        self.ready.len()
    }

    /// When the next hidden one shows.
    pub(super) fn due(&self) -> Option<Instant> {
        self.later.keys().next().map(|(at, _)| *at)
    }

    /// Whether it holds nothing at all.
    pub(super) fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.later.is_empty() && self.hand.is_empty()
    }

    /// Hands out at most so many.
    pub(super) fn receive(&mut self, most: usize) -> Vec<Message> {
        let count = most.min(self.ready.len());
        let taken: Vec<Held> = self.ready.drain(..count).collect();
        let hand_out = |mut held: Held| {
            held.receives += 1;
            let message = message(&held);
            let receipt = message.receipt_handle().unwrap_or_default().to_owned();
            self.hand.insert(receipt, held);
            message
        };
        taken.into_iter().map(hand_out).collect()
    }

    /// Takes out the bodies of all that is in nobody's hand, hidden or not.
    pub(super) fn take_all(&mut self) -> Vec<String> {
        let later = std::mem::take(&mut self.later).into_values();
        self.ready.drain(..).chain(later).map(|held| held.letter.body).collect()
    }

    /// Hides one in hand for so long after its invocation. False when it is not in hand.
    pub(super) fn hide(&mut self, receipt: &str, lasts: Duration) -> bool {
        let Some(held) = self.hand.get_mut(receipt) else { return false };
        held.hidden = Some(lasts);
        true
    }

    /// Deletes one in hand.
    pub(super) fn delete(&mut self, receipt: &str) {
        self.hand.remove(receipt);
    }

    /// Takes one back that was not acknowledged. Where the function has not said for how
    /// long it is hidden, it shows at once. What was received too often comes out.
    pub(super) fn take_back(&mut self, receipt: &str, most: u32, now: Instant) -> Option<Letter> {
        let mut held = self.hand.remove(receipt)?;
        if held.receives >= most {
            return Some(held.letter);
        }
        let delay = held.hidden.take().unwrap_or_default();
        self.put(held, delay, now);
        None
    }
}

/// In the shape in which a poller receives it.
fn message(held: &Held) -> Message {
    let milliseconds = |at: SystemTime| at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut message = Message::builder()
        .message_id(format!("00000000-0000-4000-8000-{:012x}", held.id))
        .receipt_handle(format!("{:x}-{}", held.id, held.receives))
        .body(&held.letter.body)
        .attributes(Name::ApproximateReceiveCount, held.receives.to_string())
        .attributes(Name::SentTimestamp, milliseconds(held.sent).as_millis().to_string());
    if let Some(group) = &held.letter.group {
        message = message.attributes(Name::MessageGroupId, group);
    }
    for (name, value) in &held.letter.attributes {
        let value = MessageAttributeValue::builder().data_type("String").string_value(value);
        if let Ok(value) = value.build() {
            message = message.message_attributes(name, value);
        }
    }
    message.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(messages: &[Message]) -> Vec<&str> {
        messages.iter().filter_map(Message::body).collect()
    }

    fn letter(body: &str, delay: u64) -> Letter {
        Letter { body: body.into(), delay: Duration::from_secs(delay), ..Letter::default() }
    }

    #[test]
    fn what_is_delayed_or_hidden_shows_when_its_time_has_come() {
        let (mut queue, now) = (Queue::default(), Instant::now());
        queue.send(letter("late", 5), now);
        queue.send(letter("first", 0), now);
        assert_eq!(queue.ready(now), 1);
        let first = queue.receive(10);
        assert_eq!(bodies(&first), ["first"]);
        let receipt = first[0].receipt_handle().unwrap();
        assert!(queue.hide(receipt, Duration::from_secs(9)) && !queue.hide("another", now - now));
        assert!(queue.take_back(receipt, 30, now).is_none());
        assert_eq!((queue.ready(now), queue.due()), (0, Some(now + Duration::from_secs(5))));
        assert_eq!(queue.ready(now + Duration::from_secs(9)), 2);
        let both = queue.receive(10);
        assert_eq!(bodies(&both), ["late", "first"]);
        assert_eq!(both[1].attributes().unwrap()[&Name::ApproximateReceiveCount], "2");
        for message in &both {
            queue.delete(message.receipt_handle().unwrap());
        }
        assert!(queue.is_empty());
    }

    #[test]
    fn what_was_received_too_often_comes_out() {
        let (mut queue, now) = (Queue::default(), Instant::now());
        queue.send(letter("bad", 0), now);
        for last in [false, true] {
            let taken = queue.receive(1);
            let out = queue.take_back(taken[0].receipt_handle().unwrap(), 2, now);
            assert_eq!(out.is_some(), last);
        }
        assert!(queue.is_empty());
    }
}
