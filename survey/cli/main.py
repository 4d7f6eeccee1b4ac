"""The command group itself, and how its errors are told: one clear line and exit status 2."""

from __future__ import annotations

import sys

import rich_click as click

from survey import __version__
from survey.cli.accounts import account_group
from survey.cli.analysis import analyse
from survey.cli.demo import demo
from survey.cli.evaluate import evaluate
from survey.cli.facilities import facilities_group
from survey.cli.plans import plan_group
from survey.cli.responses import responses_group
from survey.cli.serve import init, serve, worker
from survey.cli.surveys import survey_group
from survey.cli.themes import themes
from survey.errors import LinshengError


@click.group("linsheng", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="linsheng")
@click.option("--debug", is_flag=True, help="Show where an error comes from.")
def group(*, debug: bool) -> None:
    """Linsheng 邻声: ask residents in their own languages, find what they need, plan it, tell them what was done."""


for command in (init, demo, serve, worker, survey_group, responses_group, analyse, themes, evaluate, plan_group, account_group, facilities_group):
    group.add_command(command)


def main(arguments: list[str] | None = None) -> None:
    """Run a command and leave with its exit status; a traceback only with --debug."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        group.main(args=given, prog_name="linsheng", standalone_mode=False)
    except LinshengError as error:
        _fail(error, error.message, is_debug="--debug" in given)
    except click.UsageError as error:
        hint = f" See: {error.ctx.command_path} --help" if error.ctx else ""
        _fail(error, " ".join(error.format_message().split()) + hint, is_debug=False)
    except click.ClickException as error:
        _fail(error, error.format_message(), is_debug="--debug" in given)
    except (click.Abort, KeyboardInterrupt):
        sys.stderr.write("\n")
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 -- an operator gets a line to act on; --debug shows the rest
        told = " ".join(f"{type(error).__name__}: {error}".split())
        _fail(error, f"{told} (To see where: linsheng --debug …)", is_debug="--debug" in given)


def _fail(error: Exception, message: str, *, is_debug: bool) -> None:
    if is_debug:
        raise error
    sys.stderr.write(f"linsheng: {message}\n")
    sys.exit(2)
