"""Exports of the journal: for other bookkeeping, and for programs that balance it independently of ours."""
