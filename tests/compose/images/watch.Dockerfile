# In the place of prom/prometheus: Debian's.
FROM hub-stand-in-root:servers
RUN install -d -o 65534 -g 65534 /prometheus
ENTRYPOINT ["/usr/bin/prometheus"]
