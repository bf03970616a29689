"""What follows the end of a run or an audit: its days in the ledger, retention, and the status page."""
