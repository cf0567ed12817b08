"""Reads a calendar on standard input as programs beside Nalabo would; prints what it says as JSON. Fails where anything is not as it must be.

With `--mail` it is a mail, and the calendar is what is attached to it as `event.ics`.
"""

import email
import email.policy
import json
import sys

import icalendar


def attached(mail):
    """The calendar in a mail; its type must say that it is one."""
    for part in email.message_from_bytes(mail, policy=email.policy.default).walk():
        if part.get_filename() == "event.ics":
            if part.get_content_type() != "text/calendar" or part.get_param("method") != "PUBLISH":
                sys.exit(f"attached as {part['Content-Type']}")
            return part.get_payload(decode=True)
    sys.exit("nothing is attached")


data = sys.stdin.buffer.read()
if sys.argv[1:] == ["--mail"]:
    data = attached(data)
if b"\n" in data.replace(b"\r\n", b""):
    sys.exit("a line does not end with CRLF")
calendar = icalendar.Calendar.from_ical(data)
events = []
for component in calendar.walk():
    # What the parser could not make sense of it keeps here, and goes on.
    if component.errors:
        sys.exit(f"{component.name}: {component.errors}")
    if component.name == "VCALENDAR":
        continue
    if component.name != "VEVENT":
        sys.exit(f"an unexpected {component.name}")
    event = {}
    for name, value in component.property_items(recursive=False):
        if name in ("BEGIN", "END"):
            continue
        if name in ("DTSTART", "DTEND", "DTSTAMP"):
            event[name] = value.dt.isoformat()
        elif name == "CATEGORIES":
            event[name] = [str(category) for category in value.cats]
        elif name == "ORGANIZER":
            event[name] = [str(value), str(value.params["CN"])]
        elif name == "GEO":
            event[name] = f"{value.latitude};{value.longitude}"
        else:
            event[name] = str(value)
    for required in ("UID", "DTSTAMP", "DTSTART", "ORGANIZER"):
        if required not in event:
            sys.exit(f"no {required}")
    events.append(event)
names = ("VERSION", "METHOD", "X-WR-CALNAME")
print(json.dumps({"calendar": {name: str(calendar[name]) for name in names}, "events": events}))
