python3 -I - <<'PYTHON'
import json
import sys
from urllib.error import HTTPError
from urllib.request import urlopen

try:
    response = urlopen("http://127.0.0.1:8080/health", timeout=5)
    body = response.read(65536)
except HTTPError as error:
    print(f"The service runs, but /health is answered with status {error.code} instead of 200.")
    sys.exit(1)
except OSError as error:
    print(f"Nothing answers on port 8080 yet ({error}). Start service/app.py in the background.")
    sys.exit(1)
try:
    status = json.loads(body).get("status")
except (ValueError, AttributeError):
    print('/health should be answered with the JSON object {"status": "ok"}.')
    sys.exit(1)
if status != "ok":
    print(f'/health should say that its status is "ok", not {status!r}.')
    sys.exit(1)
try:
    urlopen("http://127.0.0.1:8080/nowhere", timeout=5)
except HTTPError as error:
    if error.code == 404:
        print("The service is healthy, and still knows what it does not know.")
        sys.exit(0)
print("Other paths should still be answered with 404.")
sys.exit(1)
PYTHON
