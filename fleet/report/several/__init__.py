"""The verdict about several fleets."""
