"""What monitors and automations are sent: heartbeats, events, metrics, the digest. Nothing is sent here."""
