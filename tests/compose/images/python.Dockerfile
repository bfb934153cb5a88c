# In the place of python:3.11-slim. pip finds what it is asked for in /wheels, and looks nowhere else.
FROM hub-stand-in-root:python
COPY wheels /wheels
RUN ln -s /usr/bin/python3.11 /usr/local/bin/python && \
    printf '[global]\nno-index = true\nfind-links = /wheels\n' > /etc/pip.conf
