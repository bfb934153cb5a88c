# In the place of mongo:8: the embedded database, started by a `mongod` that takes what the compose file tells it.
ARG PYTHON_IMAGE
FROM ${PYTHON_IMAGE}
RUN python -m venv /opt/secantus && /opt/secantus/bin/pip install --quiet secantusdb
COPY mongod.py /usr/local/bin/mongod
RUN chmod 0755 /usr/local/bin/mongod && install -d -o 999 -g 999 /data/db
