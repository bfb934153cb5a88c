# One image for each service: `docker build --build-arg SERVICE=calls .` holds shared/ and services/calls, nothing of the
# other rooms. `--target operator` is the operator's tool, ./hub's commands that work inside a deployment.
# A site behind a package mirror gives its pip.conf as a build secret: `--secret id=pip,src=…` (with docker compose:
# PIP_CONFIG_FILE in .env).

ARG PYTHON_IMAGE=python:3.11-slim

FROM ${PYTHON_IMAGE} AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
COPY deploy/locks/service.txt /locks/
RUN --mount=type=secret,id=pip,target=/root/.config/pip/pip.conf \
    /venv/bin/python -m pip install --quiet --require-hashes -r /locks/service.txt

FROM packages AS operator-packages
COPY deploy/locks/operator.txt /locks/
RUN --mount=type=secret,id=pip,target=/root/.config/pip/pip.conf \
    /venv/bin/python -m pip install --quiet --require-hashes -r /locks/operator.txt

FROM ${PYTHON_IMAGE} AS house
# A name server's answer is asked for anew each time: eventlet's own resolver would keep a container's address for as
# long as Docker says (ten minutes), and look for a broker that came back with another one in vain.
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 EVENTLET_NO_GREENDNS=yes MALLOC_ARENA_MAX=2
RUN mkdir /hub && ln -s /tmp /hub/.hub && \
    echo 'hub:x:10001:10001::/nonexistent:/usr/sbin/nologin' >> /etc/passwd && echo 'hub:x:10001:' >> /etc/group
WORKDIR /hub
USER 10001:10001

FROM house AS operator
COPY --from=operator-packages /venv /venv
COPY shared shared
COPY services services
COPY ops ops
ENTRYPOINT ["python", "-I", "/hub/ops/__main__.py"]
CMD ["--help"]

FROM house AS service
ARG SERVICE
COPY --from=packages /venv /venv
COPY shared shared
COPY services/__init__.py services/
COPY services/${SERVICE} services/${SERVICE}
ENV HUB_HEALTH_BIND=0.0.0.0:9000 PYTHONPATH=/hub
EXPOSE 9000
ENTRYPOINT ["python", "-m", "shared.runner"]
