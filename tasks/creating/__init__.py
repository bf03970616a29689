"""Creates backups: who may begin, the protocol of one create, and what earlier runs have created already."""
