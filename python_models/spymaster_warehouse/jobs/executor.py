"""Who does the jobs of a build, as the environment says."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Protocol

from spymaster_warehouse.build_settings import cluster_address, job_limit_s, n_workers
from spymaster_warehouse.jobs.job import Outcome, PartitionJob


class Executor(Protocol):
    """Does jobs in other processes.

    Attributes:
        workers: what it has, in words, as "2 workers".
    """

    workers: str

    def submit(self, job: PartitionJob) -> Future[Outcome]:
        """Have a job done; the future never fails."""

    def close(self) -> None:
        """End every worker, at once; jobs that are not done have no outcome."""


def executor_of_environment() -> Executor:
    """Return the workers that the environment asks for, which start now.

    Raises:
        SpymasterError: A cluster cannot be reached, or its library is not installed.
    """
    address = cluster_address()
    if address is not None:
        from spymaster_warehouse.jobs.cluster import ClusterExecutor

        return ClusterExecutor(address, job_limit_s())
    from spymaster_warehouse.jobs.processes import ProcessExecutor

    return ProcessExecutor(n_workers() or 1, job_limit_s())
