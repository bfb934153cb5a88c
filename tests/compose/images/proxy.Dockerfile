# In the place of nginx: Debian's.
FROM hub-stand-in-root:servers
RUN rm -rf /var/lib/nginx && install -d -o 101 -g 101 /var/lib/nginx
