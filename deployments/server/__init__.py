"""The Prefect server: the user's own is checked and waited for; where there is none, one is started."""
