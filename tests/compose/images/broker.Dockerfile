# In the place of rabbitmq:4-management: Debian's RabbitMQ 4, its user with the published image's number, and the
# scripts themselves instead of Debian's, which ask who runs them.
FROM hub-stand-in-root:servers
RUN usermod -u 999 rabbitmq && groupmod -g 999 rabbitmq && chown -R 999:999 /var/lib/rabbitmq /var/log/rabbitmq && \
    rm -rf /var/lib/rabbitmq/.erlang.cookie /etc/rabbitmq/rabbitmq-env.conf
ENV HOME=/var/lib/rabbitmq LANG=C.UTF-8 \
    PATH=/usr/lib/rabbitmq/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
