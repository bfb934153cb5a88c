# In the place of axllent/mailpit: a sink that answers as much of its API as is asked here.
ARG PYTHON_IMAGE
FROM ${PYTHON_IMAGE}
RUN python -m venv /opt/sink && /opt/sink/bin/pip install --quiet aiosmtpd
COPY mailpit.py /mailpit
RUN chmod 0755 /mailpit
ENTRYPOINT ["/mailpit"]
