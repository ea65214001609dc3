#!/usr/bin/env python3
"""Writes the frames of vectors/ as seed inputs: seed_corpus.py VECTORS_DIR CORPUS_DIR.

One folder a target. frame_reader takes a byte of piece size and the stream; the message targets take the payload; the other
targets take the two bytes of flags and the payload.
"""
import hashlib
import json
import pathlib
import sys

vectors, corpus = map(pathlib.Path, sys.argv[1:3])


def put(target, data):
    folder = corpus / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


for path in sorted(vectors.glob("*.json")):
    for case in json.loads(path.read_text("utf-8"))["cases"]:
        frame = bytes.fromhex(case.get("frame_hex", ""))
        if not frame:
            continue
        for piece in (0, 6, 255):
            put("frame_reader", bytes([piece]) + frame)
        flags, payload = frame[6:8], frame[12:]
        if flags == b"\0\0":
            put("client_message", payload)
            put("server_message", payload)
        else:
            for target in ("publish_batch", "publish_ack", "event_batch", "cache_frame"):
                put(target, flags + payload)
