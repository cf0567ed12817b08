python3 -I - <<'PYTHON'
import sys
from urllib.request import urlopen

try:
    body = urlopen("http://127.0.0.1:8000/", timeout=5).read(65536).decode("utf-8", "replace")
except OSError as error:
    print(f"Nothing answers on port 8000 yet ({error}). Start the server in the background.")
    sys.exit(1)
if "It works" not in body:
    print("Something answers on port 8000, but it is not the page of the folder site.")
    sys.exit(1)
print("The page is served.")
PYTHON
