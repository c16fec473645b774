//! One row's own small world: five functions under the host, their queues, a
//! table, and partners whose ledger is this row's alone.

use crate::ground::{Ground, Pair};
use crate::story::Told;
use flotilla::books::{TableBook, WorldBook, items};
use flotilla_runtime::store::DynamoTasks;
use flotilla_runtime::table::Table;
use flotilla_shipment::inbound;
use flotilla_task::{
    Action, AttemptId, Command, EventId, NewTask, Outcome, Payload, ShipmentId, Source, Stage,
    StatusKind, TaskRecord, TaskStore, Timestamp,
};
use flotilla_tests::{SOURCE, fresh, now, task_of, until};
use flotilla_wire::host::{Delivery, Launch, Mapping, Overrun, Tally};
use partners::{Moods, World};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Longer than anything takes that goes well, and shorter than recovery waits.
const PATIENCE: Duration = Duration::from_secs(90);
/// So long nobody believes in a message that is on its way.
const LONG_AGO_MS: u64 = 700_000_000;

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

/// What the table and the partners say.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Books {
    pub(crate) table: TableBook,
    pub(crate) world: WorldBook,
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

    /// What the table and the partners say now.
    pub(crate) async fn books(&self) -> Books {
        let mut table = TableBook::default();
        let (client, name) = (&self.table.client, &self.table.name);
        let scan = client.scan().table_name(name).consistent_read(true);
        for item in scan.send().await.unwrap().items() {
            items::file(item, &mut table).unwrap();
        }
        table.tasks.sort_by(|a, b| a.id.cmp(&b.id));
        table.slots.sort_by(|a, b| a.shipment.cmp(&b.shipment));
        table.decisions.sort_by(|a, b| a.task.cmp(&b.task));
        table.parked.sort_by(|a, b| (&a.identifier, &a.event).cmp(&(&b.identifier, &b.event)));
        for (stage, pair) in &self.queues {
            if pair.dead.depth().await.unwrap().is_empty() {
                continue;
            }
            let letters = pair.dead.receive(100, Duration::from_secs(1)).await.unwrap();
            let filed = letters.iter().map(|letter| items::dead_letter(*stage, letter));
            table.dead_letters.extend(filed);
            pair.dead.show(&letters).await.unwrap();
        }
        let ledger = self.http.get(format!("{}/ledger", self.world.url)).send().await.unwrap();
        let world = serde_json::from_slice(&ledger.bytes().await.unwrap()).unwrap();
        Books { table, world }
    }

    /// Changes a partner's mood.
    pub(crate) async fn mood(&self, partner: &str, mood: &Value) {
        let url = format!("{}/moods/{partner}", self.world.url);
        let answer = self.http.post(url).json(mood).send().await.unwrap();
        assert!(answer.status().is_success());
    }

    /// What happened to messages and processes.
    pub(crate) fn tally(&self) -> Tally {
        self.mappings.iter().map(|(_, mapping)| mapping.tally()).fold(
            Tally::default(),
            |sum, one| Tally {
                started: sum.started + one.started,
                died: sum.died + one.died,
                redelivered: sum.redelivered + one.redelivered,
                late: sum.late + one.late,
                failed: sum.failed + one.failed,
            },
        )
    }

    /// What the functions have counted under a name, such as `resent`.
    pub(crate) fn counted(&self, name: &str) -> u64 {
        let environments = self.mappings.iter().flat_map(|(_, mapping)| mapping.environments());
        let logs: Vec<String> = environments.map(|environment| environment.printed()).collect();
        let lines = logs.iter().flat_map(|log| log.lines());
        let counts = lines.filter_map(|line| {
            let line: Value = serde_json::from_str(line).ok()?;
            (line["fields"]["message"] == "invocation").then(|| line["fields"][name].as_u64())?
        });
        counts.sum()
    }

    /// Everything that the functions have logged, for whoever has to find out why.
    pub(crate) fn logs(&self) -> String {
        let mut all = String::new();
        for (stage, mapping) in &self.mappings {
            for environment in mapping.environments() {
                all += &format!("--- {stage}, pid {}\n{}", environment.pid, environment.printed());
            }
        }
        all
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
