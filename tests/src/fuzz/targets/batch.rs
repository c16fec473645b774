//! A Lambda event through the batch loop: every record is accounted for.

use super::{is_short, runtime};
use flotilla_runtime::batch::{BatchLoop, Call, Handled, Handler, SqsEvent};
use flotilla_runtime::meter::Meter;
use flotilla_runtime::queue::{MAX_MESSAGE_BYTES, NotSent, Outgoing, Queues};
use flotilla_runtime::settings::{Environment, Settings};
use flotilla_task::{Clock, StageMessage, SystemClock};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Takes calls for work, and refuses the rest with its reason.
struct Reader;

impl Handler for Reader {
    async fn handle(&self, call: Call<'_>) -> Handled {
        match StageMessage::from_envelope(call.envelope) {
            Ok(_) => Handled::DONE,
            Err(reason) => Handled::dead_letter(reason),
        }
    }
}

/// Keeps what is sent.
#[derive(Clone, Default)]
struct Sent(Arc<Mutex<Vec<Outgoing>>>);

impl Queues for Sent {
    async fn send(&self, _: &str, messages: &[Outgoing]) -> Vec<Result<(), NotSent>> {
        self.0.lock().unwrap().extend(messages.iter().cloned());
        messages.iter().map(|_| Ok(())).collect()
    }

    async fn give_back(&self, _: &str, _: &[(String, Duration)]) {}
}

pub(super) fn check() -> impl Fn(&[u8]) {
    let sent = Sent::default();
    let environment = [("TABLE_NAME", "t"), ("QUEUE_URL", "q"), ("DEAD_LETTER_QUEUE_URL", "d")];
    let batch = BatchLoop {
        handler: Reader,
        queues: sent.clone(),
        clock: SystemClock,
        settings: Settings::read(&Environment::from(environment)).unwrap(),
        meter: Arc::new(Meter::default()),
    };
    let runtime = runtime();
    move |bytes| {
        let Ok(event) = serde_json::from_slice::<SqsEvent>(bytes) else { return };
        let ids: BTreeSet<_> = event.records.iter().map(|record| record.id.clone()).collect();
        let records = event.records.len();
        let deadline = SystemClock.now().plus(Duration::from_secs(60));
        let Ok(answer) = runtime.block_on(batch.run(event, deadline)) else { return };
        let failed: Vec<_> =
            answer.batch_item_failures.iter().map(|failure| &failure.item_identifier).collect();
        assert!(failed.iter().all(|id| ids.contains(*id)), "{failed:?} of {ids:?}");
        let letters = std::mem::take(&mut *sent.0.lock().unwrap());
        assert!(letters.len() + failed.len() <= records, "{records} records");
        for letter in letters {
            assert!(letter.bytes() <= MAX_MESSAGE_BYTES, "{} bytes", letter.bytes());
            for (name, value) in &letter.attributes {
                assert!(!value.is_empty(), "{name} is empty");
                is_short(value, 4 * 512);
            }
        }
    }
}
