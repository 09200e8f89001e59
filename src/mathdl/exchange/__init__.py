"""Networks in the formats of other libraries, other libraries' engines for networks of this one, and trackers."""
