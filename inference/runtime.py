"""Starting and stopping the Ray Serve application.

A local cluster by default: no dashboard, no HTTP proxy, no usage reports, a small object store.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from typing import Any

import psutil
import structlog
from pydantic import BaseModel

from inference.messages import Deployment
from inference.ray_flags import set_flags
from inference.settings import ClusterSettings, DeploymentSettings, InferenceSettings

_POLL_S = 0.1

_log = structlog.get_logger(__name__)


class StartError(RuntimeError):
    """A deployment did not come up; the message names it and ends with its own error."""


def start(settings: InferenceSettings) -> None:
    """Starts all deployments at once and returns when each is ready. Blocks: some 20 s on two cores.

    Raises StartError when one fails, or after `cluster.start_timeout_s`.
    """
    try:
        _start(settings)
    except BaseException:
        stop()
        raise


def _start(settings: InferenceSettings) -> None:
    join(settings)
    deploy(settings)


def join(settings: InferenceSettings) -> str:
    """Starts the cluster, or connects to the one that is named; its address. Raises StartError."""
    began = time.perf_counter()
    set_flags()
    import ray

    for quiet in ("ray", "ray.serve"):
        logging.getLogger(quiet).setLevel(logging.WARNING)
    _log.debug("ray imported", s=_since(began))
    _join(settings.cluster)
    _log.debug("ray started", s=_since(began))
    return str(ray.get_runtime_context().gcs_address)


def deploy(settings: InferenceSettings) -> None:
    """Starts all deployments on the cluster that was joined. Raises StartError."""
    from ray import serve

    began = time.perf_counter()
    serve.start(proxy_location="Disabled", logging_config={"log_level": "WARNING"})
    _log.debug("serve started", s=_since(began))
    run(settings, set(settings.applications()))


def run(settings: InferenceSettings, applications: set[str]) -> None:
    """Starts those of the settings' applications on the cluster that runs, and waits until they are ready.

    Raises StartError.
    """
    from ray import serve

    began, deployments = time.perf_counter(), settings.deployments()
    targets = [
        serve.RunTarget(
            _application(name, deployments[name], settings.arguments(name)),
            name=application,
            route_prefix=None,
        )
        for application, name in settings.applications().items()
        if application in applications
    ]
    serve.run_many(targets, wait_for_ingress_deployment_creation=False, wait_for_applications_running=False)
    _wait(applications, began, settings.cluster.start_timeout_s)


def _join(cluster: ClusterSettings) -> None:
    import ray

    of_its_own: dict[str, Any] = {
        "num_cpus": cluster.num_cpus,
        "num_gpus": cluster.num_gpus,
        "include_dashboard": False,
        "object_store_memory": cluster.object_store_mb * 2**20,
    }
    before = _of_ray()
    try:
        ray.init(
            address=cluster.address or "local",
            configure_logging=False,
            log_to_driver=False,
            **({} if cluster.address else of_its_own),
        )
    except Exception as error:  # Ray raises whatever it meets, some of it as plain Exception
        # What it had started by then goes on until this process ends: a gigabyte after a few attempts.
        _end(_of_ray() - before)
        raise StartError(f"Ray did not start: {error}") from error


def _of_ray() -> set[psutil.Process]:
    """Processes below this one that run out of Ray's own package."""
    found = set()
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if any("/ray/" in word for word in process.cmdline()):
                found.add(process)
    return found


def _end(processes: set[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=5)


def stop() -> None:
    """Stops the cluster that was started here, or leaves the one that was joined. May be called twice."""
    if "ray" not in sys.modules:
        return
    import ray

    if ray.is_initialized():
        ray.shutdown()


def attach(settings: InferenceSettings) -> None:
    """Joins the cluster at `cluster.address` where another process has started the deployments, or does so.

    Blocks until all are ready. Raises StartError.
    """
    began = time.perf_counter()
    try:
        join(settings)
        _wait(set(settings.applications()), began, settings.cluster.start_timeout_s)
    except BaseException:
        stop()
        raise


def _application(name: Deployment, of: DeploymentSettings, arguments: tuple[BaseModel, ...]) -> Any:
    from ray import serve

    from inference import deployments

    return serve.deployment(
        getattr(deployments, name),
        name=name,
        num_replicas=1 if name == "SpeechRecognition" else of.replicas,
        max_ongoing_requests=of.max_ongoing,
        max_queued_requests=of.max_queued,
        max_constructor_retry_count=1,
        health_check_period_s=2,
        health_check_timeout_s=30,
        graceful_shutdown_wait_loop_s=0.1,
        graceful_shutdown_timeout_s=1,
        ray_actor_options={"num_cpus": of.num_cpus, "num_gpus": of.num_gpus},
    ).bind(*arguments)


def _wait(names: set[str], began: float, timeout_s: float) -> None:
    from ray import serve
    from ray.serve.schema import ApplicationStatus

    waiting = set(names)
    while waiting:
        applications = serve.status().applications
        for name in sorted(waiting):
            application = applications.get(name)
            if application is None:
                continue
            if application.status == ApplicationStatus.RUNNING:
                waiting.discard(name)
                _log.debug("deployment ready", deployment=name, s=_since(began))
            elif application.status in (ApplicationStatus.DEPLOY_FAILED, ApplicationStatus.UNHEALTHY):
                raise StartError(f"{name} did not start: {_reason(application)}")
        if time.perf_counter() - began > timeout_s:
            raise StartError(f"not ready after {timeout_s:.0f} s: {', '.join(sorted(waiting))}")
        if waiting:
            time.sleep(_POLL_S)


def _reason(application: Any) -> str:
    messages = [d.message for d in application.deployments.values() if d.message] or [application.message]
    return "; ".join(messages).strip()


def _since(began: float) -> float:
    return round(time.perf_counter() - began, 2)
