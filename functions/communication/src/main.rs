//! The communication function: books with carriers and notifies dispatch.

use communication::{Communication, PARTNERS};
use flotilla_runtime::Function;
use flotilla_runtime::partners::{Directory, HttpPartners};
use flotilla_runtime::stage::Claiming;
use flotilla_task::Stage;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let function = Function::start(Stage::Communication).await?;
    let base = function.env.require("PARTNERS_URL", "the base URL of the partners")?;
    let partners = HttpPartners::new(Directory::parse(PARTNERS, &base)?)?;
    let slots = function.records();
    let agent = Communication { partners, slots };
    let handler = Claiming { agent, protocol: function.protocol() };
    function.run(handler).await
}
