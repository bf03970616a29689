"""Many machines: fleets of several accounts, backed up together by workers on machines of their own."""
