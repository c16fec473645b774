"""LocalStack without Docker, as the second local cloud. README.md explains it.

This folder has the name of the package it installs. The two never meet: these
modules run with the caller's Python, LocalStack with a Python of its own that
does not see this folder.
"""
