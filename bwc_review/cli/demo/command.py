"""The ``demo`` command: the steps in order, and whether the result is the one of the run before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from bwc_review.cli.console import counts_line, out, plain
from bwc_review.cli.demo import job, show
from bwc_review.cli.demo.fingerprint import fingerprint
from bwc_review.cli.demo.outside import OutsideCheck, check_bundle
from bwc_review.cli.demo.truth import answers, candidates_on_clock
from bwc_review.errors import CheckFailed
from bwc_review.ports.records import StoredBundle
from bwc_review.review.checking import check_log
from bwc_review.review.desk import Desk
from bwc_review.review.measuring import measures_of
from bwc_review.review.sessions import end_session, start_session
from chain_of_custody.findings import Verdict

RESULT = "demo-result.json"
DEFAULT = Path("workspace") / "demo"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    workspace: Annotated[
        Path, typer.Option("--workspace", "-w", help="Where the demo works; reused when there.")
    ] = DEFAULT,
    samples: Annotated[Path | None, typer.Option(help="Folder of the sample media.")] = None,
) -> None:
    """Run the main job on the invented sample cards: dock, listen, review, measure, export, verify."""
    material = job.find_samples(samples)
    folder = workspace.resolve()
    desk, again = job.demo_workspace(folder, material.review.reviewer)
    out.print(plain(f"{'Going on in' if again else 'New'} workspace {folder}"), style="bold")
    out.print("[dim]Everything on the sample cards is invented; all voices are synthetic.[/dim]")
    before = _log_size(desk)
    show.signing(keys=job.keys(desk, folder, material.review.reviewer))

    show.title(1, "Docking two cards")
    for report in job.dock(desk, material.cards):
        out.print(plain(f"  {report.docking.label}: {counts_line(report.acquisitions)}"))
    session = start_session(desk, material.review.reviewer, material.review.purpose)
    show.title(2, "Listening")
    show.heard(job.listen(desk, session))
    incident = job.put_on_one_clock(desk, session, material.review)
    with desk.store.reading() as work:
        proposed = candidates_on_clock(work, incident.id)
    show.title(3, "What the machine proposes a person should listen to")
    show.proposals(proposed)
    show.title(4, "The recorded review (an invented reviewer)")
    show.review(job.review(desk, session, material.review))
    show.title(5, "Measures, beside the truth of the made scene")
    measures = measures_of(desk, session, incident.id)
    with desk.store.reading() as work:
        tags = {tag.id: tag for tag in work.reviews.tags(incident.id)}
        decided = candidates_on_clock(work, incident.id)
        result = fingerprint(work, incident.id, measures)
    show.measures(measures, tags, material.truth, desk.taxonomy)
    out.print("  [dim]Hand times come from the scene's script: agreement shows arithmetic, not hearing.[/dim]")
    out.print("\n  Found and missed by the machine, against the scene's truth:")
    show.against_truth(answers(material.truth, decided))
    out.print("\n  Traps and exculpatory lines:")
    show.traps(material.truth, decided)
    show.title(6, "The evidence bundle")
    bundle = job.export(desk, session, material.review, folder / "bundles")
    checked = check_bundle(Path(bundle.path), folder / "keys" / "log.vkey")
    show.checks(checked)
    end_session(desk, session)
    _finish(desk, folder, bundle, before, result, checked)


def _log_size(desk: Desk) -> int:
    with desk.store.reading() as work:
        return work.log.head().size


def _finish(
    desk: Desk,
    folder: Path,
    bundle: StoredBundle,
    before: int,
    result: dict[str, str],
    checked: tuple[OutsideCheck, ...],
) -> None:
    log = check_log(desk)
    after = _log_size(desk)
    show.farewell(folder, Path(bundle.path), after)
    _compare(folder / RESULT, result, after - before)
    if any(one.held is False for one in checked) or log.verdict in (Verdict.FAILED, Verdict.COULD_NOT_CHECK):
        raise CheckFailed(
            "A check of the bundle or the log did not hold; the lines above say which. Nothing was changed."
        )


def _compare(file: Path, result: dict[str, str], gained: int) -> None:
    """Say whether this run ended like the one before; keep this one's result."""
    if file.exists():
        last = json.loads(file.read_text(encoding="utf-8"))
        differing = [name for name in result if last.get(name) != result[name]]
        if differing:
            out.print(plain(f"  unlike the run before: {', '.join(differing)} differ"), style="bold red")
        else:
            out.print("  [green]the same as the run before:[/green] recordings, digests, transcripts, tags, measures")
        out.print(plain(f"  the log gained {gained} entries, those of this run"))
    part = file.with_name(file.name + ".part")
    part.write_text(json.dumps(result, indent=1, sort_keys=True), encoding="utf-8")
    part.replace(file)
