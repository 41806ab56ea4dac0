"""The counts of policy.json against the custody folder it lies in: nothing left out or added beside what it says.

Authority: docs/custody-format.md section 7.
"""

from __future__ import annotations

from collections.abc import Iterable

from chain_of_custody.audit import Audit
from chain_of_custody.errors import BundleUnreadable
from chain_of_custody.fields import Fields
from chain_of_custody.findings import Collector
from chain_of_custody.observers import Contents
from chain_of_custody.source import POLICY_KEYS, FolderSource


def check_policy(
    source: FolderSource, audit: Audit, contents: Contents, entry_files: Iterable[str], form: Collector
) -> None:
    """Every number of policy.json is the folder's (custody-format section 7); `entry_files`: names in entries/."""
    facts = audit.facts
    policy = Fields(source.policy(), POLICY_KEYS, BundleUnreadable, "policy.json")
    true = {
        "v": 1,
        "size": len(audit.leaves),
        "entries_disclosed": facts.disclosed,
        "entries_withheld": len(audit.leaves) - facts.disclosed,
        "payloads_disclosed": contents.payloads,
        "payloads_withheld": len(contents.missing),
    }
    for name, count in true.items():
        if policy.integer(name) != count:
            form.failed("policy_differs", "policy.json", f"{name} is {policy.integer(name)}, the folder has {count}")
    if (lost := len(contents.missing) - policy.integer("payloads_withheld")) > 0:
        text = f"{lost} contents are gone that were neither withheld nor erased"
        form.failed("payload_missing", "payloads.json", text)
    reasons = policy.mapping("withheld")
    withheld = Fields(reasons, frozenset(reasons), BundleUnreadable, "policy.json")
    if sum(withheld.integer(reason) for reason in reasons) != true["entries_withheld"]:
        form.failed("policy_differs", "policy.json", "The reasons for withholding do not add up")
    if held := true["entries_withheld"]:
        form.note("entries_withheld", "", f"{held} of {len(audit.leaves)} entries are shown by their leaf hash only")
    check_entry_files(frozenset(entry_files), facts.disclosed, form)


def check_entry_files(files: frozenset[str], disclosed: int, form: Collector) -> None:
    """As many files as entries, and a signature beside its entry only (custody-format section 7)."""
    strays = sum(name.removesuffix(".sig") + ".json" not in files for name in files if name.endswith(".sig"))
    if (entries := sum(not name.endswith(".sig") for name in files)) != disclosed or strays:
        text = f"{entries} files for {disclosed} entries, {strays} signatures without their entry"
        form.failed("stray_entry_file", "entries", text)
