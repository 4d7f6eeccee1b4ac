"""Which function runs which kind of job."""

from __future__ import annotations

from survey.jobs.worker import JobFunction

JOB_KINDS: dict[str, JobFunction] = {}
