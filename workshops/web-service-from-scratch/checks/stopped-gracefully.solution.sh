app='^[^ ]*python[^ ]*( -[^ ]+)* [^ ]*app\.py'
pkill -TERM -f "$app"
while pgrep -f "$app" > /dev/null; do sleep 0.1; done
python3 - <<'PYTHON'
from pathlib import Path

app = Path("service/app.py")
text = app.read_text().replace("import os\n", "import os\nimport signal\nimport threading\n")
app.write_text(text.replace("    server.serve_forever()\n", """    def stop(signal_number, frame):
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    server.serve_forever()
    server.server_close()
    print("stopped", flush=True)
"""))
PYTHON
nohup setsid python3 service/app.py > service.log 2>&1 < /dev/null &
until (: < /dev/tcp/127.0.0.1/8080) 2> /dev/null; do sleep 0.1; done
pkill -TERM -f "$app"
while pgrep -f "$app" > /dev/null; do sleep 0.1; done
