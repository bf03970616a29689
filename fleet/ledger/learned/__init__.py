"""What runs and audits have learned: how an API behaves, whose its backups are, how applications are called."""
