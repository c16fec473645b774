//! The communication function: books with carriers and notifies dispatch.

use communication::{Communication, Guarded, PARTNERS};
use flotilla_runtime::Function;
use flotilla_runtime::outbound::Outbound;
use flotilla_runtime::partners::{Directory, HttpPartners, Signing};
use flotilla_runtime::secrets::Vault;
use flotilla_runtime::signed::Signed;
use flotilla_runtime::stage::Claiming;
use flotilla_task::{Stage, SystemClock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let mut function = Function::start(Stage::Communication).await?;
    let base = function.env.require("PARTNERS_URL", "the base URL of the partners")?;
    let directory = Directory::parse(PARTNERS, &base)?;
    function.settings.concurrency = function.settings.concurrency.max(directory.room());
    let env = &function.env;
    let (secrets, every) = (env.get("SECRETS_PATH"), Vault::<Signed, SystemClock>::interval(env)?);
    let source = function.signed()?;
    let signing = Signing::open(&directory, secrets, source, SystemClock, every).await?;
    let partners = HttpPartners::new(directory, &Outbound::read(env)?)?.signed_by(signing);
    let slots = function.records();
    let partners = Guarded::new(partners, function.records(), SystemClock, fastrand::f64)
        .counted_by(&function.meter);
    let agent = Communication { partners, slots };
    let handler = Claiming { agent, protocol: function.protocol() };
    function.run(handler).await
}
