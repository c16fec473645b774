//! What a function needs around it to start and to work: the store, the queues and the
//! partners of the [rig](crate::rig), behind doors that speak TLS.

use super::door::{Certificate, Door};
use crate::rig::settings::{self, Around};
use crate::rig::{Queues, wire};
use flotilla_task::Stage;
use flotilla_wire::host::Launch;
use flotilla_wire::own_thread::OwnThread;
use flotilla_wire::store;
use partners::{Moods, World};
use std::path::PathBuf;
use std::sync::Arc;

/// Where Debian and its kin, and Amazon Linux and its kin, keep the certificates they trust.
const SYSTEM: [&str; 2] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/// All of it, until it is dropped.
#[derive(Debug)]
pub struct Scene {
    /// In front of the table.
    pub table: Door,
    /// In front of the queues.
    pub front: Door,
    /// What is sent.
    pub queues: Arc<Queues>,
    partners: partners::Running,
    trusted: PathBuf,
    _behind: [OwnThread; 2],
}

impl Scene {
    /// Sets it up.
    ///
    /// # Errors
    /// When a server cannot start.
    pub async fn set() -> Result<Self, Box<dyn std::error::Error>> {
        let certificate = Certificate::make()?;
        let trusted = std::env::temp_dir().join(format!(
            "flotilla-bench-{}-{:x}.pem",
            std::process::id(),
            fastrand::u64(..)
        ));
        std::fs::write(&trusted, of_system() + &certificate.pem)?;
        let queues: Arc<Queues> = Arc::default();
        let behind = [store::start()?, wire::start(Arc::clone(&queues))?];
        let [table, front] = behind.each_ref().map(|server| server.address);
        let table = Door::open(table, &certificate).await?;
        let front = Door::open(front, &certificate).await?;
        let partners = partners::start(World::new(1, Moods::calm())).await?;
        Ok(Self { table, front, queues, partners, trusted, _behind: behind })
    }

    /// A program as the function of that stage is deployed.
    #[must_use]
    pub fn launch(&self, stage: Stage, bootstrap: PathBuf) -> Launch {
        let around = Around {
            store: &self.table.url,
            queues: &self.front.url,
            partners: &self.partners.url,
            batch: 10,
        };
        // Where Linux programs look for whom to trust.
        settings::launch(bootstrap, stage, around)
            .with("SSL_CERT_FILE", self.trusted.display().to_string())
    }
}

/// Whom the system trusts, as a function in the cloud reads it too: reading that many
/// certificates is a part of a start.
fn of_system() -> String {
    let read = |place: &&str| std::fs::read_to_string(place).ok();
    SYSTEM.iter().find_map(read).unwrap_or_default()
}

impl Drop for Scene {
    fn drop(&mut self) {
        // It lies where temporary files are cleared away in any case.
        let _gone = std::fs::remove_file(&self.trusted);
    }
}
