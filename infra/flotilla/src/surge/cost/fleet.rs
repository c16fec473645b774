//! What a deployment's parameters decide about the price of a load.

use serde::{Deserialize, Serialize};

/// The parameters of the stack that prices depend on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Fleet {
    /// `Architecture`.
    pub architecture: Architecture,
    /// `MemorySize`.
    pub memory_mb: f64,
    /// `QueueType`.
    pub queues: Queues,
    /// Whether messages name their tenant as message group on standard queues. AWS asks
    /// a little more for those, and the fleet sets it wherever a message has a tenant.
    pub tenants: bool,
}

/// A processor that Lambda offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Lambda's own names")]
pub enum Architecture {
    Arm64,
    X86_64,
}

/// A kind of SQS queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "SQS's own names")]
pub enum Queues {
    Standard,
    Fifo,
}

impl Default for Fleet {
    /// The template's defaults.
    fn default() -> Self {
        Self {
            architecture: Architecture::Arm64,
            memory_mb: 128.0,
            queues: Queues::Standard,
            tenants: true,
        }
    }
}

impl Fleet {
    /// The template's defaults on queues of that type: `standard` or `fifo`.
    #[must_use]
    pub fn on(queue_type: &str) -> Self {
        let queues = if queue_type == "fifo" { Queues::Fifo } else { Queues::Standard };
        Self { queues, ..Self::default() }
    }

    /// In words, such as `128 MB arm64, standard queues`.
    #[must_use]
    pub fn words(&self) -> String {
        let architecture = match self.architecture {
            Architecture::Arm64 => "arm64",
            Architecture::X86_64 => "x86_64",
        };
        let queues = match self.queues {
            Queues::Standard => "standard queues",
            Queues::Fifo => "FIFO queues",
        };
        format!("{} MB {architecture}, {queues}", self.memory_mb)
    }
}
