"""How joblib hands its jobs to a Dask or a Ray cluster."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from joblib.parallel import ParallelBackendBase

MIN_CONCURRENT_JOBS = 2  # with one job at a time joblib would compute in this process


class ClusterBackend(ParallelBackendBase):  # type: ignore[misc]
    """Runs joblib's jobs on a cluster; what is under way is kept so that it can be cancelled."""

    supports_retrieve_callback = True

    def configure(self, n_jobs: int = 1, parallel: Any = None, **_: Any) -> int:
        """Be ready to hand out jobs; gives how many are handed out at the same time."""
        self.parallel = parallel
        self.running: dict[Any, Any] = {}
        return self.effective_n_jobs(n_jobs)

    def effective_n_jobs(self, n_jobs: int) -> int:  # noqa: ARG002
        """How many jobs are handed out at the same time: one for each core of the cluster."""
        return max(MIN_CONCURRENT_JOBS, self.cores())

    def submit(self, func: Callable[[], Any], callback: Callable[[Any], None]) -> Any:
        """Hand out a job; `callback` is called with the future when it is done."""
        task, future = self.submit_task(func)
        self.running[future] = task
        future.add_done_callback(lambda done: self._on_done(callback, done))
        return future

    def _on_done(self, callback: Callable[[Any], None], done: Any) -> None:
        self.running.pop(done, None)
        callback(done)

    def cores(self) -> int:
        """How many cores the cluster has at the moment."""
        raise NotImplementedError

    def submit_task(self, func: Callable[[], Any]) -> tuple[Any, Any]:
        """A new task of the cluster, and the future that gives its answer."""
        raise NotImplementedError


class DaskBackend(ClusterBackend):
    """Runs jobs on a Dask cluster."""

    def __init__(self, client: Any) -> None:
        super().__init__()
        self.client = client

    def cores(self) -> int:
        """How many threads the workers have."""
        return sum(self.client.ncores().values())

    def submit_task(self, func: Callable[[], Any]) -> tuple[Any, Any]:
        """A new task; Dask's future is both."""
        future = self.client.submit(func, pure=False)
        return future, future

    def retrieve_result_callback(self, out: Any) -> Any:
        """The answer of a job, or what it raised."""
        return out.result()

    def abort_everything(self, ensure_ready: bool = True) -> None:  # noqa: ARG002
        """Cancel what is under way."""
        self.client.cancel(list(self.running))


class RayBackend(ClusterBackend):
    """Runs jobs on the Ray cluster to which this process is connected."""

    def __init__(self) -> None:
        super().__init__()
        self.ray = import_module("ray")
        self.call = self.ray.remote(_call_function).options(max_retries=2, num_cpus=1)

    def cores(self) -> int:
        """How many processors the cluster has."""
        return int(self.ray.cluster_resources().get("CPU", 1))

    def submit_task(self, func: Callable[[], Any]) -> tuple[Any, Any]:
        """A new task, and the future of its answer."""
        task = self.call.remote(func)
        return task, task.future()

    def retrieve_result_callback(self, out: Any) -> Any:
        """The answer of a job, or what it raised."""
        try:
            return out.result()
        except self.ray.exceptions.RayTaskError as error:
            raise error.cause from None

    def abort_everything(self, ensure_ready: bool = True) -> None:  # noqa: ARG002
        """Cancel what is under way."""
        for task in list(self.running.values()):
            self.ray.cancel(task, force=True)


def _call_function(func: Callable[[], Any]) -> Any:
    return func()
