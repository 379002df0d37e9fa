"""Time, faults, what happened, what a request may hold: what every service may lean on."""
