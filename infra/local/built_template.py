"""Prints the template that refers to built functions; runs with the tools' own Python.

Usage: built_template.py SOURCE. Prints the template, which program each function
runs, which file each nested stack is made from, and what a deployment's values are
checked against: the parameters with their limits, the rules and the tables.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from samcli.yamlhelper import yaml_dump, yaml_parse


def main(source: Path) -> None:
    """Point every function and nested stack at the folder of its name, as `sam build` does."""
    template = yaml_parse(source.read_text())
    template.get("Globals", {}).get("Function", {}).pop("CodeUri", None)
    programs: dict[str, str] = {}
    nested: dict[str, str] = {}
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            programs[name] = resource["Metadata"]["BuildProperties"]["Binary"]
            resource["Properties"]["CodeUri"] = name
        elif resource["Type"] == "AWS::CloudFormation::Stack":
            nested[name] = resource["Properties"]["TemplateURL"]
            resource["Properties"]["TemplateURL"] = f"{name}/template.yaml"
    limits = {each: template[each] for each in ("Parameters", "Rules", "Mappings")}
    found = {"template": yaml_dump(template), "programs": programs, "nested": nested}
    print(json.dumps(found | {"limits": limits}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
