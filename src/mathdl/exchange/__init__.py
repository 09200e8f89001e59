"""Networks in the formats of other libraries, and other libraries' engines for networks of this one."""
