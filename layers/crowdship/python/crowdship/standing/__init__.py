"""Standing: the gradual removal of a driver, with evidence, notice and appeal, by people."""
