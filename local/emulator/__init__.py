"""The AWS emulator of the local stack: ministack, with repairs of its gaps."""
