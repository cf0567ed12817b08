nohup setsid python3 -m http.server 8000 --bind 127.0.0.1 --directory site > site.log 2>&1 < /dev/null &
until (: < /dev/tcp/127.0.0.1/8000) 2> /dev/null; do sleep 0.1; done
