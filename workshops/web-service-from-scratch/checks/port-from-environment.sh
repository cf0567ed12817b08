if ! grep -q environ "$HOME/service/app.py" && ! grep -q getenv "$HOME/service/app.py"; then
    echo "service/app.py does not look at its environment yet. Import os and use os.environ.get."
    exit 1
fi
python3 -I - <<'PYTHON'
import json
import sys
from urllib.request import urlopen

try:
    body = urlopen("http://127.0.0.1:9090/health", timeout=5).read(65536)
    status = json.loads(body).get("status")
except (OSError, ValueError, AttributeError) as error:
    print(f"No healthy service on port 9090 yet ({error}). Start one with PORT=9090, and read second.log if it ends at once.")
    sys.exit(1)
if status != "ok":
    print("The service on port 9090 is not healthy.")
    sys.exit(1)
print("The same code runs twice, with a different configuration.")
PYTHON
