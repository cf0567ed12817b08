"""A mail server for tests, on loopback: aiosmtpd, with refusals that go by whom a mail is for.

    server.py DIRECTORY [--cert FILE --key FILE [--wrapped]] [--login USER PASSWORD]

Prints its port. What it takes is in DIRECTORY, a file each. By the local part of the address:

    never@   550, when the address is named
    policy@  554, after the text
    later@   451, the first time that it is named
    half@    the connection is cut in the middle of the text, the first time
    unsaid@  the text is taken, and the connection cut before that is said, the first time
"""

import argparse
import asyncio
import itertools
import pathlib
import ssl

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

options = argparse.ArgumentParser()
options.add_argument("directory", type=pathlib.Path)
options.add_argument("--cert")
options.add_argument("--key")
options.add_argument("--wrapped", action="store_true")
options.add_argument("--login", nargs=2)
options = options.parse_args()

numbers = itertools.count()
met = set()


def first(kind, addresses):
    """Whether a mail is for an address of this kind, for the first time."""
    found = any(address.startswith(kind + "@") for address in addresses) and kind not in met
    if found:
        met.add(kind)
    return found


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address.startswith("never@"):
            return f"550 5.1.1 <{address}> is nobody"
        if first("later", [address]):
            return f"451 4.7.1 <{address}> try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        keep = first("unsaid", envelope.rcpt_tos)
        if any(address.startswith("policy@") for address in envelope.rcpt_tos):
            return "554 5.7.1 not wanted"
        name = f"{next(numbers):04}-{envelope.rcpt_tos[0]}"
        made = options.directory / ("." + name)
        made.write_bytes(envelope.content)
        made.rename(options.directory / name)
        if keep:
            server.transport.abort()
        return "250 OK"


class Server(SMTP):
    async def smtp_DATA(self, arg):
        if first("half", self.envelope.rcpt_tos):
            await self.push("354 go on")
            await self._reader.readline()
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


def authenticated(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and [data.login.decode(), data.password.decode()] == options.login
    return AuthResult(success=good, handled=False)


async def main():
    context = None
    if options.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.cert, options.key)
    inner = None if options.wrapped else context
    more = {}
    if options.login:
        more = {"authenticator": authenticated, "auth_required": True, "auth_require_tls": context is not None and not options.wrapped}

    def server():
        return Server(Handler(), tls_context=inner, require_starttls=inner is not None, hostname="localhost", enable_SMTPUTF8=True, **more)

    serving = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0, ssl=context if options.wrapped else None)
    print(serving.sockets[0].getsockname()[1], flush=True)
    await serving.serve_forever()


asyncio.run(main())
