"""A ServerAvatar API that runs on this machine, for people, the demo and the tests."""
