"""The phases of a run, in the order in which `flows.back_up` calls them: each fans out over targets."""
