"""Prints the template that refers to built functions; runs with the tools' own Python.

Usage: built_template.py SOURCE. Prints the template, which program each function
runs, and the parameters with their limits.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from samcli.yamlhelper import yaml_dump, yaml_parse


def main(source: Path) -> None:
    """Point every function at the folder that bears its name, as `sam build` does."""
    template = yaml_parse(source.read_text())
    template.get("Globals", {}).get("Function", {}).pop("CodeUri", None)
    programs: dict[str, str] = {}
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            programs[name] = resource["Metadata"]["BuildProperties"]["Binary"]
            resource["Properties"]["CodeUri"] = name
    found = {"template": yaml_dump(template), "programs": programs}
    print(json.dumps(found | {"parameters": template["Parameters"]}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
