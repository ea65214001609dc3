#!/usr/bin/env python3
"""Writes seed inputs: seed_corpus.py VECTORS_DIR CORPUS_DIR. One folder a target.

The frames of vectors/ for the targets of the wire: frame_reader takes a byte of piece size and the stream; the message
targets take the payload; the others take the two bytes of flags (or kind) and the payload. For the rest, what a person
or a well-meaning program would write.
"""
import base64
import hashlib
import json
import pathlib
import sys

corpus = pathlib.Path(sys.argv[2])


def put(target, data):
    folder = corpus / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


def put_frame(frame):
    between_brokers = frame[:4] == b"FLXI"
    for piece in (0, 6, 254):
        put("frame_reader", bytes([piece + between_brokers]) + frame)
    flags, payload = frame[6:8], frame[12:]
    if between_brokers:
        put("internal_frame", flags + payload)
    elif flags == b"\0\0":
        put("client_message", payload)
        put("server_message", payload)
    else:
        for target in ("publish_batch", "publish_ack", "event_batch", "cache_frame"):
            put(target, flags + payload)


def put_vectors(folder):
    for path in sorted(folder.glob("*.json")):
        for case in json.loads(path.read_text("utf-8"))["cases"]:
            frame = bytes.fromhex(case.get("frame_hex", ""))
            if frame:
                put_frame(frame)


def put_segment():
    """Edits of the target's own good file: in the header page, in batches, and of the length."""
    for edit in ((0, 1), (1024, 255), (4092, 8), (4096, 1), (4100, 64), (4160, 1), (4300, 16)):
        put("segment", b"\1" + edit[0].to_bytes(2, "big") + bytes([edit[1]]))
    for size in (0, 100, 4096, 4200, 4999, 9000):
        put("segment", b"\1" + size.to_bytes(2, "big"))
    put("segment", b"\0FELIXSEG" + bytes(4096))


def put_config():
    toml = """[listen]
quic = "127.0.0.1:5000"
[limits]
max_frame = "16MiB" # bytes
max_connections = 1000
auth_timeout = "5s"
[subscribers]
queue_policy = "drop_old"
[tls]
names = ["localhost", "felix.example"]
require_alpn = true
[log]
format = 'json'
"""
    put("config", b"\0\0" + toml.encode())
    put("config", b"\0\0" + b"limits.max_frame = 65536\nlimits = { a = 1.5, b = 1979-05-27T07:32:00Z }\n")
    put("config", b"\0\0" + b'tls.names = ["a", """b\n""", "\\u00e9"]\n')
    for lines in ("FELIX_MAX_FRAME_BYTES=65536", "FELIX_QUIC_BIND=[::1]:5000\nFELIX_LOG=info,broker=debug",
                  "FELIX_MAX_FRAME=1\nFELIX_SERVICE_HOST=10.0.0.1", "FELIX_TOKEN=a\nFELIX_TOKEN_FILE=b"):
        put("config", b"\1\0" + lines.encode())
    for setting in range(64):
        for text in ("64KiB", "250ms", "true", "drop_old", "127.0.0.1:5000", "a,b", "0", "18446744073709551615", "9223372036s"):
            put("config", bytes([2 + len(text) % 2, setting]) + text.encode())


def put_tokens():
    def encoded(text):
        return base64.urlsafe_b64encode(text.encode()).rstrip(b"=")

    header = '{"typ":"JWT","alg":"EdDSA","kid":"k1"}'
    claims = {"iss": "felix-auth", "sub": "p:svc", "tid": "t1", "aud": ["felix-broker"], "iat": 1700000000,
              "exp": 1700000900, "perms": ["stream.publish:stream:t1/default/*", "cache.read:cache:t1/default/primary/a*"],
              "jti": "x"}
    for text in (claims, {**claims, "aud": "felix-broker"}, {**claims, "exp": 1e300}, {**claims, "perms": "all"}, {}):
        put("token", b"\1" + json.dumps(text).encode())
    token = encoded(header) + b"." + encoded(json.dumps(claims)) + b"." + encoded("s" * 64)
    for one in (token, token[:-1], b"..", b"a.b.c", encoded('{"alg":"none"}') + b"..", token + b".x"):
        put("token", b"\0" + one)

    x = base64.urlsafe_b64encode(bytes(32)).rstrip(b"=").decode()
    key = {"kty": "OKP", "kid": "k1", "alg": "EdDSA", "use": "sig", "crv": "Ed25519", "x": x}
    others = [{**key, "use": "enc"}, {"kty": "RSA", "n": "AQAB", "e": "AQAB"}, {**key, "x": x[:-1]}, {**key, "kid": None}]
    for keys in ([], [key], [key] * 3, [others[1], key], *([other] for other in others)):
        put("jwks", json.dumps({"keys": keys}).encode())


def put_grants():
    names = b"default orders readers k1\n"
    every = """stream.publish:stream:t1/default/*
stream.subscribe:stream:t1/default/orders
stream.manage:stream:t1/*/*
cache.read:cache:t1/default/primary/k*
cache.write:cache:t1/default/orders
group.consume:group:t1/default/orders/readers
ns.manage:namespace:t1/default
tenant.manage:tenant:t1
node.view:cluster:*
node.manage:node:n1
stream.publish:stream:t2/default/*""".encode()
    put("grants", names + every)
    for line in every.split(b"\n"):
        put("grants", names + line)
        put("grants", b"* * * *\n" + line)


def put_requests():
    lines = b"GET /live HTTP/1.1\r\nHost: a\r\n\r\n"
    for request in (
        lines, lines * 3, b"HEAD /ready HTTP/1.0\r\n\r\n", b"GET /metrics?a=b&c&%41=%zz HTTP/1.1\r\nHost: a\r\nX: \xff\r\n\r\n",
        b"POST /live HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", b"GET /%00%2e%2e/ HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"GET " + b"/a" * 20000 + b" HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 5000 + b"\r\n", b"\x16\x03\x01\x02\0",
        b"GET / HTTP/9.9\r\n\r\n", b"\r\n\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551616\r\n\r\n",
    ):
        put("http_request", request)


def put_programs():
    initial = bytes.fromhex("c30000000108000102030405060708000000449e") + bytes(64)
    for program in (b"", b"\1", b"\0\1", b"\2\0\x40\x01", b"\3\0\x20", b"\4\4\4\4\4\4", b"\5\x03abc", b"\0" * 6 + b"\2\0\x09\xff",
                    b"\6" + bytes([len(initial)]) + initial, b"\7" + bytes([len(initial)]) + initial,
                    b"\6\x07\x80\0\0\0\0\0\0", b"\0\0\5\x28" + b"\x40" + bytes(39)):
        put("quic_datagram", program)


def put_addresses():
    for text in ("127.0.0.1:5000", "[::1]:5000", "::1", "localhost:1", "[fe80::1%lo]:5000", "[::ffff:10.0.0.1]:65535", "a:65536", "[", "1:"):
        put("address", text.encode())


put_vectors(pathlib.Path(sys.argv[1]))
put_config()
put_segment()
put_tokens()
put_grants()
put_requests()
put_programs()
put_addresses()
