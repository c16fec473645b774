#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use super::*;

/// Processes that appear after some looks, and one that survives its first signal.
#[derive(Default)]
struct Fake {
    looks: u32,
    alive: BTreeMap<u32, u64>,
    stubborn: Option<u32>,
    killed: Vec<u32>,
}

impl Environments for Fake {
    fn running(&mut self) -> BTreeMap<u32, u64> {
        self.looks += 1;
        if self.looks == 5 {
            self.alive = BTreeMap::from([(1, 10), (2, 10), (3, 10)]);
        }
        if let Some(cpu) = self.alive.get_mut(&2) {
            *cpu += 1;
        }
        self.alive.clone()
    }

    fn kill(&mut self, pid: u32) -> bool {
        if self.stubborn.take() == Some(pid) {
            return false;
        }
        self.killed.push(pid);
        self.alive.remove(&pid).is_some()
    }
}

#[tokio::test]
async fn it_kills_the_busy_one_first_and_retries_until_it_has_really_killed() {
    let mut fake = Fake { stubborn: Some(2), ..Fake::default() };
    let live = RefCell::new(Live::default());
    let mut dice = fastrand::Rng::with_seed(1);
    hunt(&mut fake, &mut dice, &[Duration::ZERO; 3], Instant::now(), &live).await;
    assert_eq!(fake.killed.len(), 3);
    assert_eq!(fake.killed[0], 2);
    assert_eq!(live.borrow().kills, 3);
}

#[tokio::test]
async fn it_stops_when_the_watch_is_over() {
    let live = RefCell::new(Live { over: true, ..Live::default() });
    let mut dice = fastrand::Rng::with_seed(1);
    hunt(&mut Fake::default(), &mut dice, &[Duration::ZERO], Instant::now(), &live).await;
    assert_eq!(live.borrow().kills, 0);
}

#[test]
fn moments_lie_within_the_sending_and_are_in_order() {
    let moments = moments(&mut fastrand::Rng::with_seed(7), 10, Duration::from_secs(25));
    assert_eq!(moments.len(), 10);
    assert!(moments.is_sorted() && moments.iter().all(|m| *m < Duration::from_secs(25)));
}

#[tokio::test]
async fn only_programs_called_bootstrap_below_the_cloud_are_found_and_they_die() {
    let folder = std::env::temp_dir().join(format!("flotilla-kill-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let program = folder.join(crate::processes::PROGRAM);
    std::fs::copy("/bin/sleep", &program).unwrap();
    let mut child =
        tokio::process::Command::new(&program).arg("60").kill_on_drop(true).spawn().unwrap();
    let mut other =
        tokio::process::Command::new("/bin/sleep").arg("60").kill_on_drop(true).spawn().unwrap();
    let mut children = Processes::of(std::process::id()).unwrap();
    let pid = child.id().unwrap();
    // The child is another program until its exec is through.
    while !children.running().contains_key(&pid) {}
    assert_eq!(children.running().len(), 1, "the sleep beside it is none");
    assert!(children.kill(pid));
    assert!(is_gone(&mut children, pid).await, "a zombie is gone");
    assert!(!child.wait().await.unwrap().success());
    assert!(other.try_wait().unwrap().is_none());
    other.kill().await.unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}
