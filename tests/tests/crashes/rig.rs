//! One row's own small world: five functions under the host, their queues, a
//! table, and partners whose ledger is this row's alone.

mod books;
mod counts;

pub(crate) use books::Books;

use crate::ground::{Ground, Pair};
use crate::story::Told;
use flotilla_runtime::store::DynamoTasks;
use flotilla_runtime::table::Table;
use flotilla_shipment::inbound;
use flotilla_task::{
    Action, AttemptId, Command, EventId, NewTask, Outcome, Payload, ShipmentId, Source, Stage,
    StatusKind, TaskRecord, TaskStore, Timestamp,
};
use flotilla_tests::{SOURCE, fresh, now, task_of, until};
use flotilla_wire::host::{Delivery, Launch, Mapping, Overrun};
use partners::{Moods, World};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Longer than anything takes that goes well, and shorter than recovery waits.
const PATIENCE: Duration = Duration::from_secs(90);
/// So long nobody believes in a message that is on its way.
const LONG_AGO_MS: u64 = 700_000_000;

/// The source that is pulled in a row, in pages of one event.
const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/crashes/sources.toml");

/// A function's time limit where nothing depends on it.
pub(crate) const AMPLE: Duration = Duration::from_secs(30);

/// A row's world.
pub(crate) struct Rig {
    cloud: String,
    name: String,
    queues: BTreeMap<Stage, Pair>,
    functions: BTreeMap<Stage, crate::ground::Function>,
    pub(crate) table: Table,
    pub(crate) tasks: DynamoTasks,
    world: partners::Running,
    http: reqwest::Client,
    mappings: Vec<(Stage, Mapping)>,
}

impl Rig {
    pub(crate) async fn raise(ground: &Ground) -> Self {
        let name = fresh("crash");
        let table = ground.table(&name).await;
        let mut queues = BTreeMap::new();
        for stage in Stage::ALL {
            queues.insert(stage, ground.queues(stage, &name).await);
        }
        let world = partners::start(World::new(1, Moods::calm())).await.unwrap();
        let functions = Stage::ALL.into_iter().map(|s| (s, ground.function(s))).collect();
        Self {
            cloud: ground.cloud.clone(),
            tasks: DynamoTasks::new(table.clone(), Duration::from_secs(86_400)),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            mappings: Vec::new(),
            name,
            table,
            queues,
            functions,
            world,
        }
    }

    /// How to start a function: as it is deployed, in this world.
    pub(crate) fn launch(&self, stage: Stage) -> Launch {
        let function = &self.functions[&stage];
        let mut variables = function.variables.clone();
        for value in variables.values_mut() {
            for pair in self.queues.values() {
                for (stacks, own) in pair.stacks.iter().zip([&pair.live.url, &pair.dead.url]) {
                    if value == stacks {
                        value.clone_from(own);
                    }
                }
            }
        }
        for name in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            variables.insert(name.to_owned(), std::env::var(name).unwrap());
        }
        Launch {
            bootstrap: function.bootstrap.clone(),
            function: function.name.clone(),
            variables,
            timeout: AMPLE,
            overrun: Overrun::Ends,
        }
        .with("TABLE_NAME", &self.name)
        .with("PARTNERS_URL", &self.world.url)
        .with("SOURCES_URL", &self.world.url)
        .with("SOURCES_FILE", SOURCES)
        .with("AWS_ENDPOINT_URL", &self.cloud)
        .with("AWS_LAMBDA_LOG_LEVEL", "INFO")
    }

    /// Lets every agent but one work, as deployed.
    pub(crate) fn work(&mut self, but: Option<Stage>, twice: bool) {
        for stage in Stage::ALL.into_iter().filter(|stage| Some(*stage) != but) {
            let launch = self.launch(stage);
            self.map(stage, Delivery { batch: 10, twice }, launch.clone(), launch);
        }
    }

    /// Puts a function on an agent's queue; returns its number.
    pub(crate) fn map(
        &mut self,
        stage: Stage,
        delivery: Delivery,
        first: Launch,
        next: Launch,
    ) -> usize {
        let queue = self.queues[&stage].live.clone();
        self.mappings.push((stage, Mapping::start(queue, delivery, first, next)));
        self.mappings.len() - 1
    }

    pub(crate) fn mapping(&self, number: usize) -> &Mapping {
        &self.mappings[number].1
    }

    /// Takes an agent's functions off its queue.
    pub(crate) async fn unmap(&mut self, stage: Stage) {
        for (_, mapping) in self.mappings.extract_if(.., |(of, _)| *of == stage) {
            mapping.retire().await;
        }
    }

    /// Sends messages to an agent, in batches.
    pub(crate) async fn send(&self, stage: Stage, bodies: &[&str]) {
        let queue = &self.queues[&stage].live;
        for run in bodies.chunks(10) {
            queue.send(run).await.unwrap();
        }
    }

    /// Waits until an agent's queue holds so many messages.
    pub(crate) async fn holds(&self, stage: Stage, messages: usize) {
        let queue = &self.queues[&stage].live;
        until(&format!("{messages} messages for {stage}"), PATIENCE, || async {
            (queue.depth().await.unwrap().visible as usize == messages).then_some(())
        })
        .await;
    }

    /// Sends what is said to ingestion.
    pub(crate) async fn tell(&self, told: &[Told]) {
        let bodies: Vec<_> = told.iter().map(|told| told.body.as_str()).collect();
        self.send(Stage::Ingestion, &bodies).await;
    }

    /// Makes an order's task as ingestion did long ago, whose message then was lost.
    pub(crate) async fn strand(&self, told: &Told) {
        let kind = inbound::kind_of("flotilla.order.v1").unwrap();
        let body: Value = serde_json::from_str(&told.body).unwrap();
        let received = inbound::read(kind, &body["data"].to_string()).unwrap().received;
        let new = NewTask {
            shipment: ShipmentId::new(&told.shipment).unwrap(),
            tenant: None,
            source: Source::new(SOURCE).unwrap(),
            event: EventId::new(&told.event).unwrap(),
            payload: Payload::write(&received).unwrap(),
            trace: None,
        };
        let at = Timestamp::from_millis(now().as_millis() - LONG_AGO_MS);
        let task = task_of(&told.event, &told.shipment);
        let by = AttemptId::new(fresh("strand")).unwrap();
        let command = Command { task, by, now: at, action: Action::Create(new) };
        let created = self.tasks.apply(&command).await.unwrap();
        assert!(matches!(created, Outcome::Applied(_)), "{created:?}");
        let call = json!({"specversion": "1.0", "id": "recover", "source": "urn:flotilla:schedule",
            "type": "flotilla.recover.v1", "data": {}});
        self.send(Stage::State, &[&call.to_string()]).await;
    }

    /// Has the tracking system tell it, and calls for a pull.
    pub(crate) async fn have_pulled(&self, told: &[Told]) {
        let events: Vec<Value> =
            told.iter().map(|told| serde_json::from_str(&told.body).unwrap()).collect();
        let url = format!("{}/tracking/v2/events", self.world.url);
        let answer = self.http.post(url).json(&events).send().await.unwrap();
        assert!(answer.status().is_success());
        let call = json!({"specversion": "1.0", "id": "pull", "source": "urn:flotilla:schedule",
            "type": "flotilla.pull.v1", "data": {"source": SOURCE}});
        self.send(Stage::Ingestion, &[&call.to_string()]).await;
    }

    /// The tasks of what was said.
    pub(crate) async fn records(&self, told: &[Told]) -> Vec<TaskRecord> {
        let mut records = Vec::new();
        for told in told {
            records.extend(self.tasks.get(&task_of(&told.event, &told.shipment)).await.unwrap());
        }
        records
    }

    /// Waits until every task has ended or is held, and no queue holds anything.
    /// A process that is stopped keeps nobody waiting.
    pub(crate) async fn settles(&self, told: &[Told], stopped: Option<usize>) {
        let what = format!("{} tasks of {} to end and the queues to empty", told.len(), self.name);
        until(&what, PATIENCE, || async {
            for (number, (stage, mapping)) in self.mappings.iter().enumerate() {
                assert_eq!(mapping.trouble(), None, "{stage}");
                if mapping.is_at_work() && Some(number) != stopped {
                    return None;
                }
            }
            for pair in self.queues.values() {
                if !pair.live.depth().await.unwrap().is_empty() {
                    return None;
                }
            }
            let records = self.records(told).await;
            let open = |record: &TaskRecord| match record.status.kind() {
                StatusKind::Pending | StatusKind::Running => true,
                StatusKind::Held
                | StatusKind::Completed
                | StatusKind::Failed
                | StatusKind::Cancelled => false,
            };
            (records.len() == told.len() && !records.iter().any(open)).then_some(())
        })
        .await;
    }

    /// Changes a partner's mood.
    pub(crate) async fn mood(&self, partner: &str, mood: &Value) {
        let url = format!("{}/moods/{partner}", self.world.url);
        let answer = self.http.post(url).json(mood).send().await.unwrap();
        assert!(answer.status().is_success());
    }

    /// Gives those who are told the keys whose signatures they take from now on.
    pub(crate) async fn takes_signed(&self, keys: &str) {
        for receiver in ["dispatch", "customer"] {
            let url = format!("{}/signatures/{receiver}", self.world.url);
            let answer = self.http.post(url).body(json!({"keys": keys}).to_string()).send().await;
            assert!(answer.unwrap().status().is_success());
        }
    }

    /// How many notices they did not take, for their signature.
    pub(crate) async fn refused_signatures(&self) -> u64 {
        let calls = self.books().await.world.calls;
        let refused = |receiver: &str| calls.get(receiver)?.get("401").copied();
        ["dispatch", "customer"].into_iter().filter_map(refused).sum()
    }

    /// Removes queues and table.
    pub(crate) async fn strike(mut self) {
        self.mappings.clear();
        for pair in self.queues.values() {
            pair.live.remove().await.unwrap();
            pair.dead.remove().await.unwrap();
        }
        self.table.client.delete_table().table_name(&self.table.name).send().await.unwrap();
    }
}
