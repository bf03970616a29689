"""What monitors and automations receive: heartbeats, events, metrics, the digest. Nothing is sent here.

A new kind of heartbeat is one more `Kind` and one more branch of `ping` in `heartbeat`.
"""
