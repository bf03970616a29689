"""Settings from the environment and `.env`; the only place that reads them."""
