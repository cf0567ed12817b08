sed -i -e 's/^import json$/import json\nimport os/' -e 's/^PORT = 8080$/PORT = int(os.environ.get("PORT", "8080"))/' service/app.py
PORT=9090 nohup setsid python3 service/app.py > second.log 2>&1 < /dev/null &
until (: < /dev/tcp/127.0.0.1/9090) 2> /dev/null; do sleep 0.1; done
