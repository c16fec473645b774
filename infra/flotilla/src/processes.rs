//! The local cloud's processes: the cloud itself and its children, which are the
//! functions' environments.

use crate::error::Error;
use std::collections::BTreeMap;
use sysinfo::{Pid, Process, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

/// What Lambda calls the program of a custom runtime.
pub(crate) const PROGRAM: &str = "bootstrap";

/// The local cloud and its descendants.
pub(crate) struct Processes {
    system: System,
    cloud: Pid,
}

impl Processes {
    /// Those of the cloud whose process this is.
    ///
    /// # Errors
    /// [`Error::Environment`] where processes cannot be seen.
    pub(crate) fn of(cloud: u32) -> Result<Self, Error> {
        let system = System::new().map_err(|error| {
            let advice = "Try again without FLOTILLA_CLOUD_PID (the demo also with --kills 0).";
            Error::environment("looking for processes", error, advice)
        })?;
        Ok(Self { system, cloud: Pid::from_u32(cloud) })
    }

    /// The environments that run now, with the processor time each has used, in
    /// milliseconds.
    pub(crate) fn environments(&mut self) -> BTreeMap<u32, u64> {
        let what = ProcessRefreshKind::nothing()
            .with_cpu()
            .with_exe(UpdateKind::OnlyIfNotSet)
            .without_tasks();
        self.system.refresh_processes_specifics(ProcessesToUpdate::All, true, what);
        let ours = |(_, process): &(&Pid, &Process)| {
            process.status() != sysinfo::ProcessStatus::Zombie && self.is_environment(process)
        };
        let entry =
            |(pid, process): (&Pid, &Process)| (pid.as_u32(), process.accumulated_cpu_time());
        self.system.processes().iter().filter(ours).map(entry).collect()
    }

    /// The processor time that the cloud itself has used, in milliseconds, as of the
    /// last look at the environments.
    pub(crate) fn cloud_cpu_ms(&self) -> Option<u64> {
        self.system.process(self.cloud).map(Process::accumulated_cpu_time)
    }

    /// Which share of all this machine's cores was busy since the last call: 0 to 1.
    pub(crate) fn machine_busy(&mut self) -> f64 {
        self.system.refresh_cpu_usage();
        f64::from(self.system.global_cpu_usage()) / 100.0
    }

    /// Kills one and says whether the signal was sent.
    pub(crate) fn kill(&self, pid: u32) -> bool {
        self.system.process(Pid::from_u32(pid)).is_some_and(Process::kill)
    }

    fn is_environment(&self, process: &Process) -> bool {
        let file = process.exe().and_then(|exe| exe.file_name());
        // A program whose file was deleted says so behind its name.
        let named = process.name() == PROGRAM
            || file.is_some_and(|file| file.to_string_lossy().starts_with(PROGRAM));
        named && process.thread_kind().is_none() && self.descends(process)
    }

    fn descends(&self, process: &Process) -> bool {
        let mut parent = process.parent();
        // Bounded, for ids may be reused while we look.
        for _ in 0..16 {
            match parent {
                Some(pid) if pid == self.cloud => return true,
                Some(pid) => parent = self.system.process(pid).and_then(Process::parent),
                None => return false,
            }
        }
        false
    }
}
