"""linsheng evaluate: how good the themes are, beside other methods on the same words."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from survey.errors import InputInvalid


@click.command("evaluate")
@click.option(
    "--data", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with the development sets (zh_government_messages.tsv, …); our own texts are always judged.",
)  # fmt: skip
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the tables to this file too.")
@click.option("--rounds", default=1000, show_default=True, type=click.IntRange(10, 100_000), help="Resamplings for intervals.")
def evaluate(folder: Path | None, out: Path | None, rounds: int) -> None:
    """Judge the themes on labelled texts and print the tables."""
    from analysis.evaluation import protocol, tables  # slow imports, and only this command needs them
    from analysis.evaluation.datasets import both_parts, development_sets, gold_needs

    if out and not out.parent.is_dir():
        raise InputInvalid(f"{out} cannot be written: there is no folder {out.parent}.")
    sets = [gold_needs("test"), gold_needs("development"), *(development_sets(folder) if folder else [])]
    results = protocol.evaluate(sets, lambda step: click.echo(step, err=True), rounds=rounds)
    stabilities = []
    for data in sets:
        click.echo(f"{data.name}: stability", err=True)
        stabilities.append(protocol.stability(data))
    text = tables.in_markdown(sets, results, stabilities, protocol.coverage(both_parts()))
    click.echo(text)
    if out:
        try:
            out.write_text(text, encoding="utf-8")
        except OSError as error:
            raise InputInvalid(f"{out} cannot be written: {error.strerror}.") from error
