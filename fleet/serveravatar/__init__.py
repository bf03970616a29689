"""The ServerAvatar API: requests, answers, errors, retries, pace, and the one client that sends."""
