//! Erases a person's data: asks the state agent, and waits until it has.

use super::change::Change;
use super::progress::Progress;
use super::words::counted;
use crate::cloud::queues::Outgoing;
use crate::cloud::reading::Unseen;
use crate::error::Error;
use crate::operator::{Operator, Wishes};
use clap::Args;
use flotilla_shipment::answers::Erased;
use flotilla_task::{ShipmentId, Stage};
use serde::Serialize;
use serde_json::json;
use std::io::Write;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The source of what operators ask for.
const SOURCE: &str = "urn:flotilla:operator";
/// How often it is looked whether it is done: a read unit each.
const LOOK: Duration = Duration::from_millis(500);

/// What can be asked for.
#[derive(Debug, Args)]
#[command(after_help = "The state agent erases it, as it does for whoever asks with a \
    flotilla.forget.v1 message, and keeps an order from before from bringing it back. What the \
    fleet cannot reach is told: refused orders in ingestion's dead-letter queue stay until SQS \
    drops them after 14 days, and backups of the table (point-in-time recovery, where the stage \
    is prod) go back 35 days.\n\n\
    Example:\n  flotilla forget SHP-000501")]
pub struct Arguments {
    /// The shipment's id, as its order names it.
    #[arg(value_name = "SHIPMENT")]
    shipment: String,
    /// Wait at most so long until it is done.
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    wait: u64,
    #[command(flatten)]
    change: Change,
}

/// The answer for a program.
#[derive(Debug, Serialize)]
struct Answer {
    shipment: String,
    dry_run: bool,
    /// Names of the personal fields that were on record.
    on_record: Vec<String>,
    /// Whether the request left.
    sent: bool,
    /// Names of the fields that were erased, once that is done.
    erased: Option<Vec<String>>,
    /// Dead letters of ingestion that name the shipment.
    letters: usize,
    /// Those that could not be read, and may name it as well.
    #[serde(flatten)]
    unseen: Unseen,
    /// Whether it was asked about, and the answer was no.
    declined: bool,
}

impl Arguments {
    /// Does it and says whether all is well.
    ///
    /// # Errors
    /// [`Error`] when it could not be done.
    pub async fn run(self, wishes: &Wishes, out: &mut dyn Write) -> Result<bool, Error> {
        let shipment = ShipmentId::new(self.shipment.as_str());
        let shipment = shipment.map_err(|error| Error::usage(error.to_string()))?;
        let operator = Operator::connect(&wishes.stack).await?;
        let tried = format!("reading what is known of {shipment}");
        let on_record = operator.records()?.personal(&shipment).await;
        let on_record =
            on_record.map_err(|error| Error::environment(&tried, error, "Try again."))?;
        let (letters, unseen) = left(&operator, &shipment).await?;
        let mut answer = Answer {
            shipment: shipment.to_string(),
            dry_run: self.change.dry_run,
            on_record,
            sent: false,
            erased: None,
            letters,
            unseen,
            declined: false,
        };
        let question = format!("erase {} of shipment {shipment} for good", answer.fields());
        if self.change.wanted(&question)? {
            let asked = send(&operator, &shipment).await?;
            answer.sent = true;
            let limit = Duration::from_secs(self.wait);
            answer.erased = done(&operator, &shipment, &asked, limit).await?.map(|it| it.fields);
        } else {
            answer.declined = !self.change.dry_run;
        }
        if wishes.json {
            super::json(&answer, out)?;
        } else {
            answer.tell(self.wait, out)?;
        }
        Ok(answer.is_well())
    }
}

/// How many dead letters of ingestion name the shipment, and how many may.
async fn left(operator: &Operator, shipment: &ShipmentId) -> Result<(usize, Unseen), Error> {
    let mut progress = Progress::of("reading the dead letters of ingestion");
    let read = operator.cloud.letters(Stage::Ingestion, |done, of| progress.at(done, of)).await?;
    let name = format!("\"{shipment}\"");
    let naming = read.letters.iter().filter(|letter| letter.body.contains(&name)).count();
    Ok((naming, read.unseen))
}

/// Asks the state agent, and says under which name.
async fn send(operator: &Operator, shipment: &ShipmentId) -> Result<String, Error> {
    let id = format!("forget-{:016x}", fastrand::u64(..));
    let body = request(&id, shipment);
    let url = operator.cloud.stack.queue(Stage::State)?;
    // In the shipment's own line where the queue keeps one.
    let message = Outgoing { body: &body, tenant: shipment.as_str(), copy: &id };
    if operator.cloud.send(url, &[message]).await? != [true] {
        let advice = "Try again; SQS says no more about a single message.";
        return Err(Error::environment(&format!("sending to {url}"), "refused", advice));
    }
    Ok(format!("{SOURCE} {id}"))
}

fn request(id: &str, shipment: &ShipmentId) -> String {
    let event = json!({
        "specversion": "1.0",
        "id": id,
        "source": SOURCE,
        "type": "flotilla.forget.v1",
        "datacontenttype": "application/json",
        "data": {"shipment": shipment},
    });
    event.to_string()
}

/// Waits until the request is carried out; `None` when that takes longer.
async fn done(
    operator: &Operator,
    shipment: &ShipmentId,
    asked: &str,
    limit: Duration,
) -> Result<Option<Erased>, Error> {
    let records = operator.records()?;
    let begun = Instant::now();
    loop {
        let erased = records.forgotten(shipment, asked).await.map_err(|error| {
            let advice =
                "The request was sent. Asking again is safe, and tells whether it is done.";
            Error::environment(&format!("looking whether {shipment} is forgotten"), error, advice)
        })?;
        if erased.is_some() || begun.elapsed() >= limit {
            return Ok(erased);
        }
        sleep(LOOK).await;
    }
}

impl Answer {
    fn fields(&self) -> String {
        if self.on_record.is_empty() {
            "what an order from before may still bring".to_owned()
        } else {
            self.on_record.join(", ")
        }
    }

    /// Whether nothing of the person is left that is known of, and nothing unknown.
    const fn is_well(&self) -> bool {
        let is_left = self.sent && self.erased.is_none();
        !is_left && !self.declined && self.letters == 0 && self.unseen.count == 0
    }

    fn tell(&self, waited: u64, out: &mut dyn Write) -> Result<(), Error> {
        match &self.erased {
            Some(erased) if erased.is_empty() => writeln!(
                out,
                "Shipment {}: nothing personal was on record, and an order from before brings \
                 nothing back.",
                self.shipment
            )?,
            Some(erased) => {
                writeln!(out, "Shipment {}: erased {}.", self.shipment, erased.join(", "))?;
            }
            None if self.sent => writeln!(
                out,
                "Shipment {}: asked, and not done within {waited} s. Is the state agent behind? \
                 `flotilla status` tells; asking again is safe.",
                self.shipment
            )?,
            None => {}
        }
        if self.letters > 0 {
            writeln!(
                out,
                "{} of ingestion name it and may hold what its sender wrote: `flotilla dlq show \
                 ingestion`. SQS drops them 14 days after they were sent.",
                counted(self.letters, "dead letter")
            )?;
        }
        if let Some(unseen) = self.unseen.words(Stage::Ingestion) {
            writeln!(out, "{unseen}. They may name it as well: ask again then.")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::reading::Because;
    use serde_json::Value;

    /// The agent refuses a request with a field that it does not know.
    #[test]
    fn the_request_is_the_samples() {
        let sample = include_str!("../../../../events/send/state/forget.json");
        let sample: Value = serde_json::from_str(sample).unwrap();
        let shipment = ShipmentId::new("SHP-000501").unwrap();
        let request: Value = serde_json::from_str(&request("forget-1", &shipment)).unwrap();
        assert_eq!(request["type"], sample["type"]);
        assert_eq!(request["data"]["shipment"], sample["data"]["shipment"]);
        assert_eq!(request["data"].as_object().unwrap().len(), 1, "no answer is asked for");
    }

    #[test]
    fn what_is_left_is_told() {
        let mut answer = Answer {
            shipment: "SHP-1".into(),
            dry_run: false,
            on_record: vec!["contact.email".into()],
            sent: true,
            erased: Some(vec!["contact.email".into()]),
            letters: 2,
            unseen: Unseen::default(),
            declined: false,
        };
        let told = |answer: &Answer| {
            let mut out = Vec::new();
            answer.tell(60, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let said = told(&answer);
        assert!(
            said.starts_with("Shipment SHP-1: erased contact.email.\n2 dead letters"),
            "{said}"
        );
        answer.erased = None;
        assert!(told(&answer).contains("not done within 60 s"));
        answer.sent = false;
        assert!(!told(&answer).contains("Shipment"), "a dry run erases nothing");
        (answer.letters, answer.sent) = (0, true);
        answer.erased = Some(Vec::new());
        assert!(answer.is_well());
        answer.unseen = Unseen { count: 1, because: Some(Because::Hidden) };
        assert!(told(&answer).contains("They may name it as well"));
        assert!(!answer.is_well(), "nobody knows what it holds");
    }
}
