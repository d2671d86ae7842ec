"""Figures for /metrics (OpenMetrics). Each process counts for itself; the scraper sees the one that answers plus database counts."""

from prometheus_client import Counter, Histogram

requests = Histogram(
    "madoguchi_request_seconds", "Server time of requests", ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)  # fmt: skip
mails_in = Counter("madoguchi_mails_in_total", "Mails taken in, by how they ended", ["stage"])
mails_out = Counter("madoguchi_mails_out_total", "Sending attempts, by result", ["result"])
