"""Completion of options and files by the shell, which ``--print-completion`` writes.

What makes it, shtab, is imported where it is asked for: every start of every executable would wait for it.
"""

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

from clrna.io.output.standard_output import say

FILES, FOLDERS = "FILE", "DIRECTORY"  # as shtab calls what a shell completes
_OPTION, _HELP = "--print-completion", "print a completion script for this shell and exit"


class _Shells:
    """The shells that shtab knows, which its version decides; looked up when somebody asks."""

    def __iter__(self) -> Iterator[str]:
        import shtab

        return iter(shtab.SUPPORTED_SHELLS)


class _PrintCompletion(argparse.Action):
    """Print the script for a shell and end."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: Any, values: str | Sequence[Any] | None, option: Any = None
    ) -> None:
        import shtab

        own = argparse.ArgumentParser(add_help=False)
        shtab.add_argument_to(own, [_OPTION], help=_HELP)
        for one in _with_steps(parser):
            # shtab knows its own action as one that nothing may follow.
            one._actions[:] = [own._actions[0] if isinstance(it, _PrintCompletion) else it for it in one._actions]
            for action in one._actions:
                if hasattr(action, "completed_as"):
                    action.complete = getattr(shtab, action.completed_as)  # type: ignore[attr-defined]
        say(f"{shtab.complete(parser, str(values))}\n")
        parser.exit()


def add_completion_option(group: argparse._ActionsContainer) -> None:
    """Add ``--print-completion``."""
    group.add_argument(_OPTION, action=_PrintCompletion, choices=_Shells(), help=_HELP)


def completed_as(action: argparse.Action, what: str) -> argparse.Action:
    """Have the shell complete the values of an option, as ``FILES`` or ``FOLDERS``."""
    action.completed_as = what  # type: ignore[attr-defined]
    return action


def _with_steps(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for step in action.choices.values():
                yield from _with_steps(step)
