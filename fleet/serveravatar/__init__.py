"""The ServerAvatar API: requests, responses, errors, retries, rate limit, and the one client that sends."""
