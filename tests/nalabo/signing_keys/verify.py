"""Verifies the token on standard input with the keys at a URL, for an audience, as a service beside Nalabo would; prints its claims."""

import json
import sys

import jwt

token = sys.stdin.read().strip()
key = jwt.PyJWKClient(sys.argv[1]).get_signing_key_from_jwt(token)
claims = jwt.decode(token, key.key, algorithms=["EdDSA"], audience=sys.argv[2], issuer="nalabo")
print(json.dumps({"header": jwt.get_unverified_header(token), "claims": claims}))
