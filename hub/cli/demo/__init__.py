"""The demo: a synthetic morning of Lancashire work, played on the real hub, told as tables and as a report."""
