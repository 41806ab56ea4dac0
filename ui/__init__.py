"""The Qt desktop. Screens submit use cases and paint what comes back; no rule and no engine lives here."""
