"""One plain line for a person from one measure. Says how sure it is; never says whether it is good or bad."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from bwc_review.domain.measure import Measure, Status, Value
from bwc_review.domain.measures.results import (
    ADDRESSEE_UNKNOWN,
    AT_LEAST,
    AT_MOST,
    CONCURRENT,
    LOG_CONFLICT,
    PARTLY_OBSERVED,
)
from bwc_review.domain.taxonomy import Taxonomy

_LOOKS_BACK = frozenset({"M01", "M02", "M03", "M05", "M06", "M07"})
_AFTER_TIME: Mapping[str, str] = {
    "M01": " before this use of force (end of the last warning)",
    "M02": " before the first use of force (end of the first warning)",
    "M12": " under restraint",
    "M13": " prone under restraint",
    "M22": " from the complaint to the first response",
    "M23": " from the trigger to the first intervention",
}
_RECORDS: Mapping[str, str] = {
    "M03": "{bound}{distinct} distinct warnings before the first use of force (utterances: {utterances}, "
    "speakers: {speakers}, by force: {distinct_by_force})",
    "M04": "identifies police: {identifies_police}, names force: {names_force}, "
    "says what to do: {instructed_action}, states a consequence: {states_consequence}, "
    "time left before force: {time_left} ({time_left_us})",
    "M06": "{bound}{since_first_us} after the first and {since_last_us} after the last order of this run ({action})",
    "M08": "{bound}{simultaneous} simultaneous pairs of orders (contradictory {contradictory}, "
    "competing {competing}, same action {same_action}, different action {different_action}, "
    "action unknown {action_unknown}), "
    "contradictions in a row: {sequential_contradictions}, most within 10 s: {peak_per_10_s}, "
    "officers giving orders: {officers_giving_orders}",
    "M14": "{bound}{neck_us} of pressure to the neck, {bound}{torso_us} to the torso, {bound}{either_us} to either",
    "M16": "{bound}{count} applications, pauses between: {gaps_us}",
    "M17": "{bound}{cycles} cycles, {bound}{total_us} in all, longest {bound}{longest_us}; cycles of two devices at "
    "once: {overlapping_devices}, drive stun: {drive_stun_cycles}, length from: {duration_source}",
    "M19": "{bound}{from_force_end_us} after force ended, {bound}{from_first_sign_us} after the first sign of harm",
    "M20": "{bound}{from_force_end_us} after force ended, {bound}{from_first_sign_us} after the first sign of harm; "
    "by officers: {officer_from_force_end_us} and {officer_from_first_sign_us}",
    "M24": "{bound}{to_stop_us} from the first intervention to the end; strongest: {strongest}, results: {results}",
    "M25": "{bound}{count} officers could see or hear it, {max_at_once} at once, for: {exposure_us}; with an "
    "opportunity to act: {with_opportunity}, not known whether: {unknown}",
}
_NONE_WITHIN: Mapping[str, str] = {"M23": " within {time} up to the end of the force"}
_FLAGS: Mapping[str, str] = {
    CONCURRENT: "still being spoken when force began",
    ADDRESSEE_UNKNOWN: "addressee not known",
    PARTLY_OBSERVED: "part of that time was not covered by any camera",
    "end_from_report": "end taken from the officer's report",
    "force_end_not_seen": "the end of the force was not seen",
    "encounter_start_unknown": "the start of the encounter is not tagged",
    "declined": "the person declined help",
    "took_over": "a colleague took over",
    LOG_CONFLICT: "tags and the device's log do not tell the same; both are shown",
}


def describe(measure: Measure, taxonomy: Taxonomy) -> str:
    """Return the measure as one line, for example ``3.302 s before the first use of force, ± 0.1 s``.

    Lower bounds read "at least", upper bounds "at most"; a time smaller than its own uncertainty reads "≤".
    Raises KeyError for a measure the taxonomy does not list.
    """
    code = taxonomy.measures[measure.code].code
    if measure.status is Status.NOT_APPLICABLE:
        return "does not apply: nothing is tagged that it could be measured from"
    if measure.status is Status.NEEDS_CONFIRMATION and LOG_CONFLICT in measure.flags:
        return "; ".join(["open: a device log tells of cycles that nobody has tagged", *measure.sources])
    if measure.status is Status.NEEDS_CONFIRMATION:
        return "open: rests on a candidate that nobody has confirmed yet"
    if measure.status is Status.NOT_OBSERVABLE:
        return f"not observable: {_covered(measure)}"
    if measure.status is Status.NONE_FOUND:
        return f"none found{_within(measure)}; {_covered(measure)}"
    if code in _AFTER_TIME and isinstance(measure.value, int):
        text = f"{_time(measure.value, measure)}{_AFTER_TIME[code]}"
    elif isinstance(measure.value, Mapping):
        text = _record(measure.value, measure)
    else:
        text = _plain(measure.value)
    return "; ".join([text + _plus_minus(measure), *_remarks(measure)])


def _covered(measure: Measure) -> str:
    what = "the look-back" if measure.code in _LOOKS_BACK else "the time in question"
    if measure.coverage is None:
        return f"the coverage of {what} is not known"
    audio, video = _whole(measure.coverage.audio), _whole(measure.coverage.video)
    if measure.code in _LOOKS_BACK:
        return f"{audio} of {what} was audible"
    return f"{audio} of {what} was audible, {video} visible"


def _within(measure: Measure) -> str:
    if isinstance(measure.value, int) and measure.code in _NONE_WITHIN:
        return _NONE_WITHIN[measure.code].format(time=_seconds(measure.value))
    return ""


def _whole(share: Fraction) -> str:
    """Per cent, cut and never rounded up: 99.9 per cent is not all."""
    return f"{int(share * 100)}%"


def _time(value: int, measure: Measure) -> str:
    if measure.uncertainty is not None and abs(value) < measure.uncertainty:
        return f"≤ {_seconds(measure.uncertainty)}"
    return f"{_bound(measure)}{_seconds(value)}"


def _bound(measure: Measure) -> str:
    if AT_LEAST in measure.flags:
        return "at least "
    return "at most " if AT_MOST in measure.flags else ""


def _plus_minus(measure: Measure) -> str:
    if not measure.uncertainty or (isinstance(measure.value, int) and abs(measure.value) < measure.uncertainty):
        return ""
    return f", ± {_seconds(measure.uncertainty)}"


def _seconds(length: int) -> str:
    """Seconds to the millisecond without trailing zeros, cut towards zero: ``118 s``, ``3.302 s``."""
    whole, thousandths = divmod(abs(length) // 1000, 1000)
    tail = f".{thousandths:03d}".rstrip("0").rstrip(".")
    return f"{'-' if length < 0 else ''}{whole}{tail} s"


def _record(record: Mapping[str, object], measure: Measure) -> str:
    fields = {key: _field(key, value) for key, value in record.items()}
    if measure.code in _RECORDS:
        return _RECORDS[measure.code].format(bound=_bound(measure), **fields)
    return ", ".join(f"{_name(key)}: {text}" for key, text in fields.items())


def _name(key: str) -> str:
    return key.removesuffix("_us").replace("_", " ")


def _field(key: str, value: object) -> str:
    if isinstance(value, Mapping):
        return " and ".join(f"{name} {_field(key, one)}" for name, one in value.items()) or "none"
    if isinstance(value, tuple):
        return " and ".join(_field(key, one) for one in value) or "none"
    if isinstance(value, Fraction):
        return f"{int(value * 1000) / 10:.1f}%"
    if key.endswith("_us") and isinstance(value, int):
        return _seconds(value)
    return _plain(value)


def _plain(value: Value | object) -> str:
    if value is None:
        return "not tagged"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).replace("_", " ")


def _remarks(measure: Measure) -> list[str]:
    remarks = []
    for flag in measure.flags:
        if flag in _FLAGS:
            remarks.append(_FLAGS[flag])
        elif flag.startswith("audibility:"):
            remarks.append(f"audibility {_plain(flag.partition(':')[2])}")
    return [*remarks, *measure.sources]
