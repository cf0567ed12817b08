"""A device with a passkey, and the browser before it, by Yubico's library. Its first argument is `create` or `get`, as of
navigator.credentials; standard input is what it knows by now, with the options and the page that asks. Prints what it knows from then on,
with its answer."""

import hashlib
import json
import os
import sys

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    CollectedClientData,
    PublicKeyCredentialCreationOptions,
    PublicKeyCredentialRequestOptions,
    RegistrationResponse,
)

FLAG = AuthenticatorData.FLAG
SHOWN = FLAG.UP | FLAG.UV


def create(known, options):
    asked = PublicKeyCredentialCreationOptions.from_dict(options)
    assert any(wanted.alg == ES256.ALGORITHM for wanted in asked.pub_key_cred_params)
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    identifier = os.urandom(32)
    public = ES256.from_cryptography_key(key.public_key())
    data = AuthenticatorData.create(
        hashlib.sha256(asked.rp.id.encode()).digest(),
        SHOWN | FLAG.AT,
        known["counter"],
        AttestedCredentialData.create(bytes(16), identifier, public),
    )
    client = CollectedClientData.create(CollectedClientData.TYPE.CREATE, asked.challenge, known["origin"])
    answer = AuthenticatorAttestationResponse(
        client_data=client, attestation_object=AttestationObject.create("none", data, {})
    )
    known.update(key=pem.decode(), id=websafe_encode(identifier), user=websafe_encode(asked.user.id))
    return RegistrationResponse(raw_id=identifier, response=answer)


def get(known, options):
    asked = PublicKeyCredentialRequestOptions.from_dict(options)
    known["counter"] += 1
    data = AuthenticatorData.create(hashlib.sha256(asked.rp_id.encode()).digest(), SHOWN, known["counter"])
    client = CollectedClientData.create(CollectedClientData.TYPE.GET, asked.challenge, known["origin"])
    key = serialization.load_pem_private_key(known["key"].encode(), password=None)
    answer = AuthenticatorAssertionResponse(
        client_data=client,
        authenticator_data=data,
        signature=key.sign(data + client.hash, ec.ECDSA(hashes.SHA256())),
        user_handle=websafe_decode(known["user"]),
    )
    return AuthenticationResponse(raw_id=websafe_decode(known["id"]), response=answer)


known = json.load(sys.stdin)
options = json.loads(known.pop("options"))
answer = {"create": create, "get": get}[sys.argv[1]](known, options)
known["credential"] = json.dumps(dict(answer))
print(json.dumps(known))
