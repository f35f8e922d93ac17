"""The command line: the same verbs as the REST API, in this process, over the same database. `main` is the entry point."""

from vigil.cli.commands import main

__all__ = ["main"]
