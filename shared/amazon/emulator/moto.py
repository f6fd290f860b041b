"""moto's server, made fit for tests that must be right.

One request at a time: moto's backends are not safe for threads. A receiver that
waits for a message lets others in. A KMS key that is disabled or is to be
deleted neither encrypts nor decrypts, signs or makes data keys, as AWS has it
("Key states of AWS KMS keys"); moto alone decrypts with it.

    python3 moto.py PORT    prints "listening PORT"; 0 chooses a free one
"""
import json
import logging
import os
import sys
import threading
import time

os.environ.setdefault("MOTO_ACCOUNT_ID", "000000000000")
try:
    from moto.core.exceptions import JsonRESTError
    from moto.kms.exceptions import AccessDeniedException
    from moto.kms.models import KmsBackend
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from moto.sqs.models import Queue, SQSBackend
    from werkzeug.serving import make_server
except ImportError as missing:
    sys.exit("no moto: %s" % missing)

turn = threading.Lock()


class OneAtATime:
    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        with turn:
            return list(self.app(environ, start_response))


def waiting(receive):
    """Polls, so that a long poll does not hold the turn."""

    def wrapped(self, queue_name, count, wait_seconds_timeout, *args, **kwargs):
        end = time.monotonic() + (wait_seconds_timeout or 0)
        while True:
            found = receive(self, queue_name, count, 0, *args, **kwargs)
            if found or time.monotonic() >= end:
                return found
            turn.release()
            time.sleep(0.02)
            turn.acquire()

    return wrapped


def refuse(key):
    if key.key_state == "Disabled":
        raise JsonRESTError("DisabledException", "%s is disabled." % key.arn)
    if key.key_state != "Enabled":
        raise JsonRESTError("KMSInvalidStateException", "%s is pending deletion." % key.arn)


def before(method):
    """Checks the key's state, then calls: the key is the argument key_id."""

    def wrapped(self, *args, **kwargs):
        refuse(self.keys[self.any_id_to_key_id(kwargs["key_id"] if "key_id" in kwargs else args[0])])
        return method(self, *args, **kwargs)

    return wrapped


def after(decrypt):
    """Decrypts, then checks the state of the key that the ciphertext names.

    A ciphertext of another key than the one that is named is an
    IncorrectKeyException at AWS.
    """

    def wrapped(self, *args, **kwargs):
        try:
            plaintext, arn = decrypt(self, *args, **kwargs)
        except AccessDeniedException:
            raise JsonRESTError("IncorrectKeyException", "The key ID in the request does not identify a key that can perform this operation.")
        refuse(self.keys[self.any_id_to_key_id(arn)])
        return plaintext, arn

    return wrapped



def compact(attributes):
    """Gives a redrive policy back as it was set, without the white space that
    moto adds: Terraform would see a change."""

    def wrapped(self):
        found = attributes.fget(self)
        if "RedrivePolicy" in found:
            found["RedrivePolicy"] = json.dumps(self.redrive_policy, separators=(",", ":"))
        return found

    return property(wrapped)


Queue.attributes = compact(Queue.attributes)
SQSBackend.receive_message = waiting(SQSBackend.receive_message)
for name in ("encrypt", "generate_data_key", "sign", "verify", "get_public_key"):
    setattr(KmsBackend, name, before(getattr(KmsBackend, name)))
KmsBackend.decrypt = after(KmsBackend.decrypt)

logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = make_server("127.0.0.1", int(sys.argv[1]), OneAtATime(DomainDispatcherApplication(create_backend_app)), threaded=True)
print("listening %d" % server.server_address[1], flush=True)
server.serve_forever()
