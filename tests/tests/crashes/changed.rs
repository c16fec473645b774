//! What is changed from outside while the fleet runs and is not deployed again: the
//! policy, and the keys that notices are signed with.

use crate::ground::Ground;
use crate::rig::Rig;
use crate::story::{Script, Story, Told};
use flotilla_task::Stage;
use flotilla_tests::{PATIENCE, fresh, until};
use flotilla_wire::host::{Delivery, Launch};
use serde_json::{Value, json};

const BUNDLED: &str = include_str!("../../../functions/shipment/data/policy.toml");
const OLD: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NEW: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

fn version(number: u32) -> String {
    BUNDLED.replace("\nversion = 2\n", &format!("\nversion = {number}\n"))
}

/// What an administrator changes: parameters and documents of the local cloud.
struct Desk {
    cloud: String,
    http: reqwest::Client,
    name: String,
}

impl Desk {
    async fn open(ground: &Ground) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let desk = Self { cloud: ground.cloud.clone(), http, name: fresh("desk").to_lowercase() };
        desk.s3("", String::new()).await;
        desk
    }

    fn call(&self, service: &str, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        // The service is told by the credential's scope; nobody checks the signature here.
        let scope = format!(
            "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, \
             SignedHeaders=host, Signature=none"
        );
        let url = format!("{}/{path}", self.cloud);
        self.http.request(method, url).header("authorization", scope)
    }

    async fn s3(&self, key: &str, body: String) {
        let path = format!("{}/{key}", self.name);
        let put = self.call("s3", reqwest::Method::PUT, path.trim_end_matches('/')).body(body);
        let answer = put.send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    async fn parameter(&self, name: &str, value: &str, kind: &str) {
        let body = json!({"Name": name, "Value": value, "Type": kind, "Overwrite": true});
        let put = self.call("ssm", reqwest::Method::POST, "");
        let put = put.header("x-amz-target", "AmazonSSM.PutParameter");
        let put = put.header("content-type", "application/x-amz-json-1.1").body(body.to_string());
        let answer = put.send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    /// Writes a document and points the parameter at it.
    async fn policy(&self, key: &str, text: String) {
        self.s3(key, text).await;
        let value = format!("s3://{}/{key}", self.name);
        self.parameter(&self.policy_parameter(), &value, "String").await;
    }

    fn policy_parameter(&self) -> String {
        format!("/{}/policy", self.name)
    }
}

const ONE_BY_ONE: Delivery = Delivery { batch: 10, twice: false };

/// Sends some orders; which policy decided on each.
async fn decided(rig: &Rig) -> Vec<String> {
    let Script { then, .. } = Story::Orders.script();
    rig.tell(&then).await;
    rig.settles(&then, None).await;
    let decisions = rig.books().await.table.decisions;
    let of = |told: &Told| {
        let found = decisions.iter().find(|decided| decided.shipment == told.shipment);
        found.unwrap().concluded.decision.policy.clone()
    };
    then.iter().map(of).collect()
}

fn all(policy: &str) -> Vec<String> {
    vec![policy.to_owned(); 3]
}

pub(crate) async fn policy() {
    let ground = Ground::survey().await;
    let desk = Desk::open(&ground).await;
    let mut rig = Rig::raise(&ground).await;
    rig.work(Some(Stage::Decision), false);
    let decision: Launch = rig
        .launch(Stage::Decision)
        .with("POLICY_PARAMETER", desk.policy_parameter())
        .with("POLICY_REFRESH_SECONDS", "0");
    rig.map(Stage::Decision, ONE_BY_ONE, decision.clone(), decision.clone());
    assert_eq!(decided(&rig).await, all("default@2"), "nobody has said what the policy is");
    desk.policy("3.toml", version(3)).await;
    assert_eq!(decided(&rig).await, all("default@3"));
    // The same document, changed.
    desk.s3("3.toml", version(4)).await;
    assert_eq!(decided(&rig).await, all("default@4"));
    desk.policy("5.toml", version(5).replace("most_bookings", "most_bookngs")).await;
    assert_eq!(decided(&rig).await, all("default@4"));
    // An environment that starts now has never seen version 4.
    rig.unmap(Stage::Decision).await;
    let number = rig.map(Stage::Decision, ONE_BY_ONE, decision.clone(), decision);
    assert_eq!(decided(&rig).await, all("default@4"));
    let printed = rig.mapping(number).environment().unwrap().printed();
    let refused = printed.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut refused = refused.filter(|line| line["message"] == "policy refused");
    let refused = refused.next_back();
    let refused = refused.unwrap_or_else(|| panic!("{printed}"));
    assert_eq!(refused["policy"], "default@4");
    let problem = refused["problem"].as_str().unwrap();
    assert!(problem.contains("5.toml: line ") && problem.contains("most_book"), "{problem}");
    desk.policy("6.toml", version(6)).await;
    assert_eq!(decided(&rig).await, all("default@6"));
    rig.strike().await;
}

pub(crate) async fn keys() {
    let ground = Ground::survey().await;
    let desk = Desk::open(&ground).await;
    let mut rig = Rig::raise(&ground).await;
    let secrets = format!("/{}/communication", desk.name);
    let keep = async |keys: &str| {
        for receiver in ["dispatch", "customer"] {
            let name = format!("{secrets}/{receiver}-webhook");
            desk.parameter(&name, keys, "SecureString").await;
        }
    };
    keep(OLD).await;
    rig.work(Some(Stage::Communication), false);
    let launch = rig
        .launch(Stage::Communication)
        .with("SECRETS_PATH", secrets.clone())
        .with("SECRETS_REFRESH_SECONDS", "0");
    let number = rig.map(Stage::Communication, ONE_BY_ONE, launch.clone(), launch);
    let mut told = 0;
    let both = format!("{NEW} {OLD}");
    for (taken, kept) in [(OLD, OLD), (OLD, both.as_str()), (NEW, both.as_str()), (NEW, NEW)] {
        rig.takes_signed(taken).await;
        keep(kept).await;
        let Script { before, then, .. } = Story::Late.script();
        rig.tell(&before).await;
        rig.settles(&before, None).await;
        rig.tell(&then).await;
        rig.settles(&then, None).await;
        let notices = rig.books().await.world;
        let now = notices.notices.len() + notices.customer_events.len();
        assert!(now > told, "every step tells somebody");
        told = now;
    }
    assert_eq!(rig.refused_signatures().await, 0);
    // With a key that nobody takes any more, a notice waits for whoever mends it.
    rig.takes_signed(OLD).await;
    let Script { before, then, .. } = Story::Late.script();
    rig.tell(&before).await;
    rig.settles(&before, None).await;
    rig.tell(&then).await;
    until("a notice to be refused", PATIENCE, || async {
        (rig.refused_signatures().await > 0).then_some(())
    })
    .await;
    keep(OLD).await;
    rig.settles(&then, None).await;
    let printed = rig.mapping(number).environment().unwrap().printed();
    assert!(!printed.contains("whsec"), "keys are in no log");
    rig.strike().await;
}
