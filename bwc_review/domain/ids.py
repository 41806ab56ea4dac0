"""Names of things. An id is a string that means one kind of thing only."""

from __future__ import annotations

from typing import NewType

RecordingId = NewType("RecordingId", str)
ExhibitNo = NewType("ExhibitNo", str)  # the number a court reads, e.g. "WS1-2026-0003"
IncidentId = NewType("IncidentId", str)
CameraId = NewType("CameraId", str)
ParticipantId = NewType("ParticipantId", str)  # a pseudonym: "O1", "S", "B"
TranscriptId = NewType("TranscriptId", str)
CandidateId = NewType("CandidateId", str)
TagId = NewType("TagId", str)
OperatorId = NewType("OperatorId", str)
EventCode = NewType("EventCode", str)  # a code of the taxonomy, e.g. "WRN.CED"
