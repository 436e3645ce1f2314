"""Ray as joblib sees it: every job one Ray task.

Ray's own backend for joblib holds a pool of actors: it gives answers only when all are done, and
does not replace an actor whose process died. Plain tasks stream, and Ray repeats those that were
lost with their worker.
"""

from collections.abc import Callable
from concurrent.futures import Future
from importlib import import_module
from typing import Any

from joblib.parallel import ParallelBackendBase


class RayBackend(ParallelBackendBase):  # type: ignore[misc]
    """Runs joblib's jobs on the Ray cluster to which this process is connected."""

    supports_retrieve_callback = True

    def configure(self, n_jobs: int = 1, parallel: Any = None, **_: Any) -> int:
        """Be ready to hand out jobs; gives how many run at the same time."""
        self.parallel, self.ray = parallel, import_module("ray")
        self.running: set[Any] = set()
        self.call = self.ray.remote(_call).options(max_retries=2, num_cpus=1)
        return self.effective_n_jobs(n_jobs)

    def effective_n_jobs(self, n_jobs: int) -> int:  # noqa: ARG002
        """How many jobs run at the same time: one for each processor of the cluster."""
        return max(1, int(import_module("ray").cluster_resources().get("CPU", 1)))

    def submit(self, func: Callable[[], Any], callback: Callable[[Any], None]) -> Future[Any]:
        """Hand out a job; `callback` is called with the future when it is done."""
        reference = self.call.remote(func)
        future: Future[Any] = reference.future()
        self.running.add(reference)
        future.add_done_callback(lambda done: self._end(reference, callback, done))
        return future

    def _end(self, reference: Any, callback: Callable[[Any], None], done: Future[Any]) -> None:
        self.running.discard(reference)
        callback(done)

    def retrieve_result_callback(self, out: Future[Any]) -> Any:
        """The answer of a job, or what it raised."""
        try:
            return out.result()
        except self.ray.exceptions.RayTaskError as error:
            raise error.cause from None

    def abort_everything(self, ensure_ready: bool = True) -> None:  # noqa: ARG002
        """Cancel what is under way."""
        for reference in list(self.running):
            self.ray.cancel(reference, force=True)


def _call(func: Callable[[], Any]) -> Any:
    return func()
