//! Runs a target: what failed before, then changed samples until it is enough.

use super::change::{apply, changes};
use peak_alloc::PeakAlloc;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use std::fmt;
use std::path::PathBuf;

/// What no document may take more of, in bytes: well below a function's 128 MB.
pub const MOST_MEMORY: usize = 48 << 20;
/// The largest message that SQS takes, in bytes.
pub const LARGEST: usize = 1 << 20;
/// Documents that are tried between two looks at the clock.
const ROUND: u32 = 64;

/// A parser, with what it is given and what must hold whatever that is.
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// Where documents that failed are kept; a run begins with these.
    pub kept: PathBuf,
    /// Where changed documents start from.
    pub samples: Vec<Vec<u8>>,
    /// Panics when something does not hold.
    pub check: Check,
}

/// What must hold of a document.
pub type Check = Box<dyn Fn(&[u8])>;

/// A document that failed, and where it is kept.
#[derive(Debug)]
pub struct Found {
    /// The file; a run begins with it from then on.
    pub file: PathBuf,
    /// What did not hold.
    pub problem: String,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file.display(), self.problem)
    }
}

/// Tries the kept documents, and then changed samples until so many are enough.
/// Says how many there were.
///
/// # Errors
/// [`Found`], the smallest failing document that was found, which is kept.
pub fn run(target: &Target, seed: u64, enough: impl Fn(u64) -> bool) -> Result<u64, Found> {
    let mut tried = 0;
    for file in kept(target) {
        let document = std::fs::read(&file).unwrap();
        let holds = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            holds(target, &document);
        }));
        holds.map_err(|panic| Found { file, problem: said(panic.as_ref()) })?;
        tried += 1;
    }
    let mut seeds = fastrand::Rng::with_seed(seed);
    let cases = (0..target.samples.len(), changes());
    while !enough(tried) {
        let done = runner(&mut seeds).run(&cases, |(sample, changes)| {
            let document = apply(&target.samples[sample], &changes);
            // A larger one does not come.
            if document.len() <= LARGEST {
                holds(target, &document);
            }
            Ok(())
        });
        match done {
            Ok(()) => tried += u64::from(ROUND),
            Err(TestError::Abort(why)) => panic!("{}: {why}", target.name),
            Err(TestError::Fail(why, (sample, changes))) => {
                let document = apply(&target.samples[sample], &changes);
                return Err(keep(target, &document, why.message()));
            }
        }
    }
    Ok(tried)
}

/// A runner counts its cases over its life, so each round has its own.
fn runner(seeds: &mut fastrand::Rng) -> TestRunner {
    let mut seed = [0; 32];
    seeds.fill(&mut seed);
    let config = Config {
        cases: ROUND,
        failure_persistence: None,
        max_shrink_iters: 2000,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
}

/// Checks one document and what it takes of memory.
///
/// # Panics
/// When the target panics, or takes too much.
pub fn holds(target: &Target, document: &[u8]) {
    let before = PeakAlloc.current_usage();
    PeakAlloc.reset_peak_usage();
    (target.check)(document);
    let taken = PeakAlloc.peak_usage().saturating_sub(before);
    let (bytes, most) = (document.len(), (4 << 20) + 300 * document.len());
    let (name, start) =
        (target.name, String::from_utf8_lossy(&document[..document.len().min(150)]));
    assert!(
        taken <= most.min(MOST_MEMORY),
        "{name}: {bytes} bytes took {taken} bytes of memory: {start}"
    );
}

fn kept(target: &Target) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(&target.kept).into_iter().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn keep(target: &Target, document: &[u8], problem: &str) -> Found {
    let name = flotilla_task::fingerprint(&[&String::from_utf8_lossy(document)]);
    let file = target.kept.join(name);
    std::fs::create_dir_all(&target.kept).unwrap();
    std::fs::write(&file, document).unwrap();
    Found { file, problem: problem.to_owned() }
}

fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or_default().to_owned()
}
