python3 - <<'PYTHON'
from pathlib import Path

app = Path("service/app.py")
before = """            self.answer(200, {"service": "greeter"})
"""
after = before + """        elif self.path == "/health":
            self.answer(200, {"status": "ok"})
"""
app.write_text(app.read_text().replace(before, after))
PYTHON
nohup setsid python3 service/app.py > service.log 2>&1 < /dev/null &
until (: < /dev/tcp/127.0.0.1/8080) 2> /dev/null; do sleep 0.1; done
