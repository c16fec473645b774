//! Deploying to a fleet that is at work.

use crate::Fleet;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What is deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// The functions of this checkout.
    This,
    /// The same with the next schema version.
    Next,
}

impl Release {
    /// Its built template, beside the functions.
    fn template(self) -> PathBuf {
        let variable = match self {
            Self::This => "FLOTILLA_TEMPLATE",
            Self::Next => "FLOTILLA_NEXT_TEMPLATE",
        };
        let path = std::env::var(variable)
            .unwrap_or_else(|_| panic!("{variable} is not set; `local.py run` sets it"));
        let path = PathBuf::from(path);
        assert!(path.exists(), "{} is not built: local.py build --with-tests", path.display());
        path
    }
}

impl Fleet {
    /// Updates the stack in place with `sam deploy`. Parameters that are not named
    /// keep the values they have.
    pub async fn update(&self, release: Release, settings: &[(&str, &str)]) {
        let mut parameters = self.parameters().await;
        for (name, value) in settings {
            parameters.insert((*name).to_owned(), (*value).to_owned());
        }
        let overrides = parameters.iter().filter(|(_, value)| !value.is_empty());
        let overrides = overrides.map(|(name, value)| format!("{name}=\"{value}\""));
        let template = release.template();
        let ran = tokio::process::Command::new("sam")
            .args(["deploy", "--stack-name", &self.stack, "--resolve-s3"])
            .args(["--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset"])
            .arg("--no-fail-on-empty-changeset")
            .arg("--template-file")
            .arg(&template)
            .arg("--parameter-overrides")
            .args(overrides)
            .current_dir(template.parent().unwrap())
            .output()
            .await
            .expect("sam is among the installed tools: make tools");
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{}{said}", String::from_utf8_lossy(&ran.stdout));
    }

    /// The values that the stack was deployed with.
    pub async fn parameters(&self) -> BTreeMap<String, String> {
        let stacks = self.cloud.describe_stacks().stack_name(&self.stack).send().await.unwrap();
        let all = stacks.stacks().iter().flat_map(|stack| stack.parameters());
        all.filter_map(|p| Some((p.parameter_key()?.into(), p.parameter_value()?.into()))).collect()
    }
}
