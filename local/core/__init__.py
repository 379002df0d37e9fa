"""Time, faults and what happened: what every service may lean on."""
