"""A reconciliation as JSON for a program and as CSV for a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence

from bwc_review.domain.expected import Expected, Footage, Roster
from bwc_review.domain.findings import Finding
from bwc_review.domain.reconciling import Arrival, Belongs, Reconciled, Row
from bwc_review.domain.reconciling_words import moment
from bwc_review.review.reconciling import Comparison
from ingest.tables import write_table


def roster_row(one: Roster) -> dict[str, object]:
    """A roster for a program, without its rows."""
    return {
        "id": one.id,
        "exhibit": one.exhibit,
        "sha256": one.sha256,
        "zone": one.zone,
        "imported_at_us": one.imported_at,
        "rows": len(one.rows),
    }


def expected_row(one: Expected) -> dict[str, object]:
    """An expected row for a program."""
    return {
        "id": one.id,
        "line": one.line,
        "kind": one.kind.value,
        "officer": one.officer,
        "camera": one.camera,
        "start_us": one.start,
        "end_us": one.end,
        "uncertainty_us": one.uncertainty,
        "category": one.category,
        "dock_by_us": one.dock_by,
    }


def comparison_row(found: Comparison) -> dict[str, object]:
    """A whole reconciliation for a program."""
    result = found.result
    return {
        "rosters": [roster_row(one) for one in found.rosters],
        "as_of_us": result.as_of,
        "rows": [_row(one) for one in result.rows],
        "recordings": [_arrival(one) for one in result.arrivals],
        "overdue": [one.expected.id for one in result.overdue],
    }


def _row(one: Row) -> dict[str, object]:
    return {
        "expected": expected_row(one.expected),
        "state": one.state.value,
        "arrived": [_footage(footage) for footage in one.arrived],
        "words": one.words,
        "sources": list(one.sources),
        "findings": [_finding(finding) for finding in one.findings],
        "overdue_by_us": one.overdue_by,
    }


def _finding(one: Finding) -> dict[str, object]:
    return {
        "kind": one.kind.value,
        "certain": one.certain,
        "amount_us": one.amount,
        "uncertainty_us": one.uncertainty,
        "words": one.words,
        "sources": list(one.sources),
    }


def _footage(one: Footage) -> dict[str, object]:
    start = one.begun
    return {
        "exhibit": one.exhibit,
        "recording": one.recording,
        "start_us": start.start if start else None,
        "uncertainty_us": start.uncertainty if start else None,
        "source": start.source if start else None,
        "length_us": one.length,
    }


def _arrival(one: Arrival) -> dict[str, object]:
    return {
        **_footage(one.footage),
        "belongs": one.belongs.value,
        "rows": list(one.rows),
        "category": one.category,
        "words": one.words,
    }


def comparison_csv(result: Reconciled) -> bytes:
    """The rows and the recordings nobody expected as CSV that runs nothing when it is opened."""
    columns = (
        "id",
        "state",
        "officer",
        "camera",
        "from",
        "to",
        "arrived",
        "overdue_s",
        "says",
        "findings",
        "sources",
    )
    rows: list[Sequence[object]] = []
    for one in result.rows:
        row = one.expected
        names = " ".join(footage.exhibit for footage in one.arrived)
        late = None if one.overdue_by is None else one.overdue_by // 1_000_000
        findings = " ".join(finding.words for finding in one.findings)
        times = (moment(row.start), moment(row.end))
        who = (row.officer or "", row.camera or "")
        rows.append((row.id, one.state.value, *who, *times, names, late, one.words, findings, "; ".join(one.sources)))
    for other in result.arrivals:
        if other.belongs is not Belongs.EXPECTED:
            footage = other.footage
            who = (footage.wearer or "", footage.camera)
            rows.append(("", other.belongs.value, *who, "", "", footage.exhibit, None, other.words, "", ""))
    return write_table(columns, rows)
