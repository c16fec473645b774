"""template.yaml as SAM expands it: for a deployment's plan, for linters and for tests.

Usage: expansion.py [NAME=VALUE ...] prints the expansion for these parameters as JSON.
Runs with the tools' Python (.flotilla/tools/deploy/bin/python), which has SAM in it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform

from settings import REGION, ROOT, TEMPLATE


Template = dict[str, Any]

# It complains about metrics and switches that only its makers have.
for module in ("metrics", "feature_toggle.feature_toggle"):
    logging.getLogger(f"samtranslator.{module}").setLevel(logging.ERROR)

BUCKET = "some-bucket"
UPLOADED = f"https://s3.amazonaws.com/{BUCKET}/"
"""Where the templates of nested stacks are once they are uploaded; their path follows."""

REQUIRED = {"PartnersUrl": "https://partners.example.com"}
"""Values of the parameters that have no default."""


def source() -> Template:
    """The template as it was written."""
    template: Template = yaml_parse(TEMPLATE.read_text())
    return template


def nested(url: str) -> Template:
    """The template of a nested stack, as it was written."""
    template: Template = yaml_parse((ROOT / url.removeprefix(UPLOADED)).read_text())
    return template


def expand(template: Template | None = None, **parameters: str) -> Template:
    """The plain CloudFormation template that a deployment makes of it."""
    template = deepcopy(template) if template is not None else source()
    # SAM wants uploaded code; where it lies changes nothing else.
    template["Globals"]["Function"]["CodeUri"] = f"s3://{BUCKET}/some-key"
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::CloudFormation::Stack":
            resource["Properties"]["TemplateURL"] = UPLOADED + resource["Properties"]["TemplateURL"]
    values = {
        name: str(definition.get("Default", REQUIRED.get(name, "")))
        for name, definition in template["Parameters"].items()
    }
    with _some_region():
        expanded: Template = transform(template, values | parameters, _NoManagedPolicies())
    return expanded


@contextlib.contextmanager
def _some_region() -> Iterator[None]:
    """The translator asks for one that nothing here depends on; no deployment may find it."""
    before = os.environ.get("AWS_DEFAULT_REGION")
    os.environ["AWS_DEFAULT_REGION"] = before or REGION
    try:
        yield
    finally:
        if before is None:
            del os.environ["AWS_DEFAULT_REGION"]


class _NoManagedPolicies:
    """The roles are all written out, so there is no managed policy to look up."""

    def load(self) -> dict[str, str]:
        """Nothing."""
        return {}


if __name__ == "__main__":
    given = dict(argument.split("=", 1) for argument in sys.argv[1:])
    json.dump(expand(None, **given), sys.stdout, indent=1)
