"""Planning rounds of a zone: the rules, the ticks that run them, the sweep, and a preview of the next one."""
