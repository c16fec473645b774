//! The plan's scheduled actions as a CloudFormation template of its own.
//!
//! `template.yaml` knows peaks of one height. A forecast with several has a template of its
//! own, which is nested in a stack or deployed beside the fleet: a scalable target on each
//! alias, with two actions for each peak.

use crate::forecast::Forecast;
use crate::overrides::{at, title};
use crate::plan::Plan;
use std::fmt::Write;

const HEAD: &str = r#"AWSTemplateFormatVersion: "2010-09-09"
Description: Environments that are ready for the peaks of a forecast, written by flotilla plan

# Deploy it beside the fleet, whose own ProvisionedConcurrency stays off:
#   aws cloudformation deploy --template-file FILE --stack-name NAME --parameter-overrides Fleet=STACK
Parameters:
  Fleet:
    Description: Name of the fleet's stack, with which the names of its functions begin
    Type: String
    AllowedPattern: ^[A-Za-z][A-Za-z0-9-]*$
    ConstraintDescription: must be the name of a stack

Resources:
"#;

/// The template; none for a forecast that says no date, or has no peak.
#[must_use]
pub fn template(plan: &Plan, forecast: &Forecast) -> Option<String> {
    forecast.start?;
    if plan.sized.peaks.is_empty() {
        return None;
    }
    let mut text = HEAD.to_owned();
    for need in &plan.sized.needs {
        let name = title(need.agent);
        let agent = need.agent;
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "  {name}Ready:\n    Type: AWS::ApplicationAutoScaling::ScalableTarget\n    Properties:\n      ServiceNamespace: lambda\n      ScalableDimension: lambda:function:ProvisionedConcurrency\n      ResourceId: !Sub function:${{Fleet}}-{agent}:live\n      MinCapacity: 0\n      MaxCapacity: 0\n      ScheduledActions:\n"
        );
        for (number, ready) in need.ready.iter().enumerate() {
            let number = number + 1;
            let (from, to) = (forecast.clock(ready.from)?, forecast.clock(ready.to)?);
            for (what, moment, count) in [("start", from, ready.count), ("end", to, 0.0)] {
                let _ = write!(
                    text,
                    "        - ScheduledActionName: peak-{number}-{what}\n          Schedule: {}\n          Timezone: {}\n          ScalableTargetAction: {{ MinCapacity: {count}, MaxCapacity: {count} }}\n",
                    at(moment),
                    forecast.timezone,
                );
            }
        }
    }
    Some(text)
}
