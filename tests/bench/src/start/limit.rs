//! A share of a processor, as Lambda gives it to a small function: a control group of
//! Linux, of either version, where this user may make one.
//!
//! Sources: Linux, `Documentation/admin-guide/cgroup-v2.rst` (`cpu.max`) and
//! `Documentation/scheduler/sched-bwc.rst` (`cpu.cfs_quota_us`); AWS Lambda developer
//! guide, "Configure Lambda function memory": 1,769 MB have one processor.

use flotilla_wire::host::Launch;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const ROOT: &str = "/sys/fs/cgroup";
/// The period in which the share is given, in microseconds.
const PERIOD: u64 = 20_000;
/// Megabytes that have a whole processor.
const WHOLE: u64 = 1_769;

/// A control group that is removed when this is dropped. Nothing may run in it then.
#[derive(Debug)]
pub struct Limit {
    group: PathBuf,
    script: PathBuf,
}

impl Limit {
    /// As much as a function of so many megabytes gets.
    ///
    /// # Errors
    /// When there is no folder in which this user may set such a limit.
    pub fn of_memory(megabytes: u64) -> io::Result<Self> {
        let name = format!("flotilla-bench-{}", std::process::id());
        let quota = PERIOD * megabytes / WHOLE;
        let mut why = io::Error::other(format!("{ROOT} has no control groups for processors"));
        for parent in parents() {
            let group = parent.join(&name);
            match fs::create_dir(&group).and_then(|()| set(&group, quota)) {
                Ok(()) => {
                    let script = std::env::temp_dir().join(&name);
                    return Ok(Self { group, script });
                }
                Err(error) => {
                    // It is not there where it could not be made.
                    let _gone = fs::remove_dir(&group);
                    why = io::Error::new(error.kind(), format!("{}: {error}", group.display()));
                }
            }
        }
        Err(why)
    }

    /// Has a program run in it, from its first instruction on.
    ///
    /// # Errors
    /// When the script that does it cannot be written.
    pub fn around(&self, launch: Launch) -> io::Result<Launch> {
        let (procs, program) = (self.group.join("cgroup.procs"), &launch.bootstrap);
        let lines =
            format!("#!/bin/sh\necho $$ > '{}'\nexec '{}'\n", procs.display(), program.display());
        fs::write(&self.script, lines)?;
        fs::set_permissions(&self.script, fs::Permissions::from_mode(0o700))?;
        Ok(Launch { bootstrap: self.script.clone(), ..launch })
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        for left in [fs::remove_dir(&self.group), fs::remove_file(&self.script)] {
            if let Err(error) = left {
                tracing::warn!(%error, group = %self.group.display(), "a limit was not removed");
            }
        }
    }
}

/// Where a group might be made, the likeliest first.
fn parents() -> Vec<PathBuf> {
    let root = Path::new(ROOT);
    if root.join("cpu/cpu.cfs_quota_us").exists() {
        return vec![root.join("cpu")];
    }
    if !root.join("cgroup.controllers").exists() {
        return Vec::new();
    }
    let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let own = own.lines().find_map(|line| line.strip_prefix("0::/")).unwrap_or_default();
    let own = root.join(own);
    // Beside one's own, since a group with processes of its own cannot share them out.
    own.parent()
        .filter(|parent| parent.starts_with(root))
        .into_iter()
        .map(Path::to_path_buf)
        .chain([own.clone()])
        .collect()
}

fn set(group: &Path, quota: u64) -> io::Result<()> {
    let version_2 = group.join("cpu.max");
    if version_2.exists() {
        return fs::write(version_2, format!("{quota} {PERIOD}"));
    }
    let version_1 = group.join("cpu.cfs_quota_us");
    if !version_1.exists() {
        return Err(io::Error::other("its processes cannot be limited"));
    }
    fs::write(group.join("cpu.cfs_period_us"), PERIOD.to_string())?;
    fs::write(version_1, quota.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;
    use std::time::{Duration, Instant};

    /// Where limits may not be set there is nothing to see.
    #[test]
    #[allow(clippy::print_stderr, reason = "whoever reads the log sees why nothing was tried")]
    fn what_runs_in_a_limit_gets_its_share_and_leaves_nothing_behind() {
        let limit = match Limit::of_memory(128) {
            Ok(limit) => limit,
            Err(error) => {
                eprintln!("skipped: {error}");
                return;
            }
        };
        let launch = crate::overhead::launch("/bin/true".into(), 0);
        let program = limit.around(launch).unwrap().bootstrap;
        let procs = limit.group.join("cgroup.procs");
        let busy = format!("echo $$ > '{}'; while :; do :; done", procs.display());
        assert!(Command::new(program).status().unwrap().success());
        let mut child = Command::new("sh").args(["-c", &busy]).spawn().unwrap();
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(1) {
            assert!(child.try_wait().unwrap().is_none());
        }
        let used = crate::usage::processor_time(child.id()).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(used < Duration::from_millis(150), "{used:?} of a second");
        let group = limit.group.clone();
        drop(limit);
        assert!(!group.exists());
    }
}
