//! The fleet as an operator holds it: the cloud, and the task protocol's own writes.

mod find;

pub use find::USUAL_LIMIT;

use crate::cloud::Cloud;
use crate::error::Error;
use flotilla_runtime::records::Records;
use flotilla_runtime::store::DynamoTasks;

/// What the person asked for besides the command itself.
#[derive(Debug, Clone)]
pub struct Wishes {
    /// The deployed stack.
    pub stack: String,
    /// Whether the answer is for a program.
    pub json: bool,
}

/// A connected fleet.
#[derive(Debug, Clone)]
pub struct Operator {
    /// What can be read.
    pub cloud: Cloud,
    /// The task protocol's writes: the functions' own, fence and all.
    pub tasks: DynamoTasks,
}

impl Operator {
    /// Finds the stack. Ended tasks are kept as long as the functions keep them.
    ///
    /// # Errors
    /// [`Error::Environment`] when the cloud does not answer or has no such stack.
    pub async fn connect(stack: &str) -> Result<Self, Error> {
        let cloud = Cloud::connect(stack).await?;
        let tasks = DynamoTasks::new(cloud.shared_table()?, cloud.stack.horizon()?);
        Ok(Self { cloud, tasks })
    }

    /// What the fleet remembers besides its tasks, through the functions' own reads.
    ///
    /// # Errors
    /// [`Error::Environment`] when the stack lacks an output or a parameter.
    pub fn records(&self) -> Result<Records, Error> {
        Ok(Records::new(self.cloud.shared_table()?, self.cloud.stack.horizon()?))
    }
}
