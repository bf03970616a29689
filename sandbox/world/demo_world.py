"""The demo world as data: nine servers, one with a full disk and one disconnected."""

from typing import Any

DEMO_SERVERS: tuple[dict[str, Any], ...] = (
    {
        "name": "web-0001",
        "applications": ("shop", "blog", "intranet"),
        "tags": ("production", "shops"),
        "timezone": "Asia/Kolkata",
    },
    {
        "name": "web-0002",
        "applications": ("bakery", "florist", "bookshop"),
        "tags": ("production", "shops"),
        "timezone": "Europe/Berlin",
        # 99 % full: the list of servers shows it, and the API refuses.
        "disk_used_gb": 39.6,
    },
    {
        "name": "web-0003",
        "applications": ("theatre", "museum", "festival"),
        "tags": ("production", "culture"),
        "timezone": "Europe/Paris",
    },
    {
        "name": "web-0004",
        "applications": ("clinic", "pharmacy", "dentist"),
        "tags": ("production", "health"),
        "timezone": "America/New_York",
        "disk_used_gb": 22.4,
    },
    {
        "name": "web-0005",
        "applications": ("school", "library", "kindergarten", "alumni"),
        "tags": ("production",),
        "timezone": "America/Sao_Paulo",
    },
    {
        "name": "web-0006",
        "applications": ("garage", "carwash", "taxi"),
        "tags": ("production",),
        "timezone": "Africa/Nairobi",
        "disk_used_gb": 5.43,
        "disk_total_gb": 19.32,
    },
    {
        "name": "web-0007",
        "applications": ("hotel", "restaurant", "surf-school"),
        "tags": ("production", "travel"),
        "timezone": "Australia/Sydney",
        "monitored": False,
    },
    {
        "name": "web-0008",
        "applications": ("newspaper", "radio", "weather"),
        "tags": ("production", "media"),
        "timezone": "Asia/Tokyo",
        "connected": False,
    },
    {
        "name": "staging-01",
        "applications": ("shop-staging", "blog-staging", "playground"),
        "tags": ("staging",),
        "timezone": "UTC",
        "disk_used_gb": 30.1,
    },
)
