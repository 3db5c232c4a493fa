"""Rights of drivers over their data: exports of everything that is held, and corrections that staff decide on."""
