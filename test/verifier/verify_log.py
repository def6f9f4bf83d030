#!/usr/bin/env python3
"""Checks an exported audit log of Xiedun with nothing but its public verifier key.

It shares no code with the server: Python's standard library only, Ed25519 by RFC 8032 written out here. The formats are
C2SP tlog-tiles, tlog-checkpoint, signed-note and tlog-proof, over the Merkle trees of RFC 6962.

    verify_log.py DIR --key KEY            the whole export, all epochs
    verify_log.py --proof FILE --entry FILE --key KEY
                                           that one entry stands in the log that the proof's checkpoint signs

KEY is the text NAME+HEX+BASE64 (or a file that holds it); more keys may follow for epochs signed by other keys.
Answers 0 when everything holds, 1 when something does not, 2 when the call is wrong.
"""

import argparse
import base64
import binascii
import hashlib
import json
import os
import re
import sys

# --- Ed25519, RFC 8032 section 5.1 -----------------------------------------------------------------

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def point_add(a, b):
    m = (a[1] - a[0]) * (b[1] - b[0]) % P
    n = (a[1] + a[0]) * (b[1] + b[0]) % P
    c = 2 * a[3] * b[3] * D % P
    d = 2 * a[2] * b[2] % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def point_multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar > 0:
        if scalar & 1:
            result = point_add(result, point)
        point = point_add(point, point)
        scalar >>= 1
    return result


def point_equal(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def point_decode(text):
    y = int.from_bytes(text, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else (0, y, 1, 0)
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P:
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


BASE = point_decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signature_valid(key, message, signature):
    a, r = point_decode(key), point_decode(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % Q
    return point_equal(point_multiply(s, BASE), point_add(r, point_multiply(h, a)))


# --- Findings ------------------------------------------------------------------------------------------


class Wrong(Exception):
    """Something that does not hold, in plain words."""


def decode_base64(text, what):
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Wrong(f"{what} is not base64") from None
    if base64.b64encode(raw).decode() != text:
        raise Wrong(f"{what} is not canonical base64")
    return raw


# --- Signed notes, checkpoints ----------------------------------------------------------------------------


def house_of(name):
    """The name without its epoch: “hospital.example” of “hospital.example/3”."""
    return re.sub(r"/[0-9]+$", "", name)


class Key:
    """A verifier key: NAME+HEX+BASE64. It also signs the other epochs of the same house."""

    def __init__(self, text):
        parts = text.strip().split("+", 2)
        if len(parts) != 3:
            raise Wrong(f"“{text.strip()}” is no verifier key (NAME+HEX+BASE64)")
        self.name = parts[0]
        typed = decode_base64(parts[2], "the verifier key")
        if len(typed) != 33 or typed[0] != 1:
            raise Wrong("the verifier key is no Ed25519 key")
        self.public = typed[1:]
        if parts[1].lower() != self.id_for(self.name).hex():
            raise Wrong("the verifier key's number does not fit its name and key")

    def house(self):
        return house_of(self.name)

    def id_for(self, name):
        return hashlib.sha256(name.encode() + b"\n\x01" + self.public).digest()[:4]


class Checkpoint:
    """The checkpoint in a signed note; `keys` are public keys that may have signed it under the log's own name."""

    def __init__(self, note, keys, where):
        text, separator, signatures = note.rpartition(b"\n\n")
        if not separator or not signatures.endswith(b"\n"):
            raise Wrong(f"{where}: the checkpoint is no signed note")
        text += b"\n"
        lines = text.decode("utf-8", "strict").split("\n")
        if len(lines) < 4 or not re.fullmatch(r"0|[1-9][0-9]*", lines[1]):
            raise Wrong(f"{where}: the checkpoint is malformed")
        self.note, self.origin, self.size = note, lines[0], int(lines[1])
        self.root = decode_base64(lines[2], f"{where}: the root hash")
        if len(self.root) != 32:
            raise Wrong(f"{where}: the root hash is not 32 bytes long")
        self.check(text, signatures.decode("utf-8", "strict"), keys, where)

    def check(self, text, signatures, keys, where):
        valid = False
        for line in signatures.splitlines():
            match = re.fullmatch("— (\\S+) (\\S+)", line)
            if not match:
                raise Wrong(f"{where}: a signature line is malformed")
            signed = decode_base64(match[2], f"{where}: a signature")
            for key in keys:
                if match[1] != self.origin or key.house() != house_of(self.origin) or signed[:4] != key.id_for(self.origin):
                    continue
                if not signature_valid(key.public, text, signed[4:]):
                    raise Wrong(f"{where}: the signature is wrong: the checkpoint was changed")
                valid = True
        if not valid:
            raise Wrong(f"{where}: the checkpoint of “{self.origin}” is not signed by the given key")


# --- Merkle trees, RFC 6962 section 2.1 ---------------------------------------------------------------------


def leaf_hash(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_hash(hashes):
    """The root over these neighbouring hashes: an odd one at the end goes up as it is."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    while len(hashes) > 1:
        up = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes) - 1, 2)]
        hashes = up + hashes[len(hashes) & ~1 :]
    return hashes[0]


def inclusion_root(index, size, leaf, proof):
    """RFC 9162 section 2.1.3.2: the root that the proof leads to."""
    if not 0 <= index < size:
        raise Wrong(f"the proof's index {index} is not in a log of {size} entries")
    fn, sn, result = index, size - 1, leaf
    for hash_ in proof:
        if sn == 0:
            raise Wrong("the proof is too long")
        if fn & 1 or fn == sn:
            result = node_hash(hash_, result)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            result = node_hash(result, hash_)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise Wrong("the proof is too short")
    return result


# --- An exported epoch ---------------------------------------------------------------------------------------


def tile_name(index, width):
    groups = []
    while True:
        groups.insert(0, f"{index % 1000:03d}")
        index //= 1000
        if not index:
            break
    name = "/".join(["x" + group for group in groups[:-1]] + groups[-1:])
    return name if width == 256 else f"{name}.p/{width}"


class Epoch:
    def __init__(self, folder, number, keys):
        self.folder, self.number = os.path.join(folder, "epoch", str(number)), number
        self.where = f"epoch {number}"
        self.checkpoint = Checkpoint(self.read("checkpoint"), keys, self.where)
        self.seen = {"checkpoint", "key"}
        self.first = None

    def read(self, name):
        path = os.path.join(self.folder, *name.split("/"))
        try:
            with open(path, "rb") as file:
                return file.read()
        except OSError as error:
            raise Wrong(f"{self.where}: {name} cannot be read: {error.strerror}") from None

    def tile(self, kind, index, width):
        name = f"tile/{kind}/{tile_name(index, width)}"
        self.seen.add(name)
        return self.read(name), name

    def entries(self, index, width):
        bundle, name = self.tile("entries", index, width)
        at, result = 0, []
        while at < len(bundle):
            length = int.from_bytes(bundle[at : at + 2], "big")
            if at + 2 + length > len(bundle):
                raise Wrong(f"{self.where}: {name} is broken at byte {at}")
            result.append(bundle[at + 2 : at + 2 + length])
            at += 2 + length
        if len(result) != width:
            raise Wrong(f"{self.where}: {name} holds {len(result)} entries instead of {width}")
        return result

    def check_entry(self, entry, position):
        try:
            parsed = json.loads(entry)
        except ValueError:
            raise Wrong(f"{self.where}: the entry at position {position} is no JSON") from None
        if not isinstance(parsed, dict) or parsed.get("v") != 1 or not isinstance(parsed.get("id"), int):
            raise Wrong(f"{self.where}: the entry at position {position} is no entry")
        return parsed

    def verify(self, problems, ids):
        """Every entry, every hash; a finding names the tile. Gives nothing; adds to problems."""
        size, made = self.checkpoint.size, []
        for index in range((size + 255) // 256):
            width = min(256, size - index * 256)
            try:
                entries = self.entries(index, width)
            except Wrong as wrong:
                problems.append(str(wrong))
                return
            leaves = [leaf_hash(entry) for entry in entries]
            for offset, entry in enumerate(entries):
                position = index * 256 + offset
                try:
                    parsed = self.check_entry(entry, position)
                except Wrong as wrong:
                    problems.append(str(wrong))
                    continue
                if parsed["id"] in ids:
                    problems.append(f"{self.where}: the entry at position {position} stands in the log twice")
                ids.add(parsed["id"])
                if position == 0:
                    self.first = parsed
            self.compare(0, index, leaves, problems)
            made.append(tree_hash(leaves))
        self.verify_levels(made, problems)
        self.verify_strangers(problems)

    def compare(self, level, index, hashes, problems):
        try:
            stored, name = self.tile(str(level), index, len(hashes))
        except Wrong as wrong:
            problems.append(str(wrong))
            return
        if stored != b"".join(hashes):
            at = next((i for i, h in enumerate(hashes) if stored[i * 32 : i * 32 + 32] != h), len(hashes))
            what = f"entry {index * 256 + at}" if level == 0 else f"hash {at}"
            problems.append(f"{self.where}: {name} does not fit the entries, from {what} on")

    def verify_levels(self, row, problems):
        """`row` are the hashes of level 0's tiles, the unfinished one last."""
        size, level, tails = self.checkpoint.size, 0, []
        if size % 256 and row:
            tails.append(row.pop())
        while row:
            level += 1
            up, tail = [], None
            for index in range((len(row) + 255) // 256):
                hashes = row[index * 256 : index * 256 + 256]
                self.compare(level, index, hashes, problems)
                if len(hashes) == 256:
                    up.append(tree_hash(hashes))
                else:
                    tail = hashes
            if tail:
                tails.append(tail)
            row = up
        root = None
        for tail in tails:
            pieces = [tail] if isinstance(tail, bytes) else self.pieces(tail)
            for piece in reversed(pieces):
                root = piece if root is None else node_hash(piece, root)
        if (root or tree_hash([])) != self.checkpoint.root:
            problems.append(f"{self.where}: the {size} entries do not give the signed root hash")

    @staticmethod
    def pieces(hashes):
        """Whole subtrees, largest first."""
        result, at = [], 0
        while at < len(hashes):
            length = 1 << ((len(hashes) - at).bit_length() - 1)
            result.append(tree_hash(hashes[at : at + length]))
            at += length
        return result

    def verify_strangers(self, problems):
        for folder, _, names in os.walk(self.folder):
            for name in names:
                path = os.path.relpath(os.path.join(folder, name), self.folder).replace(os.sep, "/")
                if path not in self.seen:
                    problems.append(f"{self.where}: {path} belongs to no entry of the log")


# --- The whole export --------------------------------------------------------------------------------------------


def verify_chain(before, after, keys, problems):
    """The first entry of an epoch is the last known checkpoint of the one before. Gives how many entries were lost."""
    if not after.first:
        return 0
    known = after.first.get("known")
    if after.first.get("action") != "ledger.continue" or not isinstance(known, str):
        problems.append(f"{after.where}: its first entry does not name the end of {before.where}")
        return 0
    try:
        known = Checkpoint(decode_base64(known, "the known checkpoint"), keys, f"{after.where}, first entry")
        kept = after.first.get("kept")
        kept = Checkpoint(decode_base64(kept, "the kept checkpoint"), keys, f"{after.where}, first entry") if kept else known
    except Wrong as wrong:
        problems.append(str(wrong))
        return 0
    end = before.checkpoint
    if (kept.origin, kept.size, kept.root) != (end.origin, end.size, end.root) or known.size < kept.size:
        problems.append(f"{after.where}: its first entry names another end of {before.where} than is exported")
    return known.size - kept.size


def verify_export(folder, keys):
    problems, epochs, ids = [], [], set()
    numbers = sorted(int(name) for name in os.listdir(os.path.join(folder, "epoch")) if name.isdigit())
    if not numbers or numbers != list(range(1, len(numbers) + 1)):
        problems.append(f"the epochs {numbers} are not 1, 2, … without a gap")
    for number in numbers:
        try:
            epoch = Epoch(folder, number, keys)
        except Wrong as wrong:
            problems.append(str(wrong))
            continue
        epoch.verify(problems, ids)
        epochs.append(epoch)
    names = [epoch.checkpoint.origin for epoch in epochs]
    if len(set(names)) != len(names):
        problems.append("two epochs have the same name")
    for key in keys:
        if key.name not in names:
            problems.append(f"the log “{key.name}”, whose key was given, is not in the export")
    for before, after in zip(epochs, epochs[1:]):
        lost = verify_chain(before, after, keys, problems) if after.number == before.number + 1 else 0
        if lost > 0:
            print(f"note: {before.where} had {lost} more entries; they were lost and the log says so in {after.where}")
    for epoch in epochs:
        print(f"{epoch.where}: “{epoch.checkpoint.origin}”, {epoch.checkpoint.size} entries")
    return problems


def verify_proof(proof_file, entry_file, keys):
    with open(proof_file, "rb") as file:
        head, _, note = file.read().partition(b"\n\n")
    with open(entry_file, "rb") as file:
        entry = file.read()
    lines = head.decode("utf-8").split("\n")
    if lines.pop(0) != "c2sp.org/tlog-proof@v1":
        raise Wrong("this is no tlog-proof")
    if lines and lines[0].startswith("extra "):
        lines.pop(0)
    if not lines or not re.fullmatch(r"index (0|[1-9][0-9]*)", lines[0]):
        raise Wrong("the proof has no index line")
    index = int(lines.pop(0)[6:])
    proof = [decode_base64(line, "a hash of the proof") for line in lines]
    if any(len(hash_) != 32 for hash_ in proof):
        raise Wrong("a hash of the proof is not 32 bytes long")
    checkpoint = Checkpoint(note, keys, "the proof")
    if inclusion_root(index, checkpoint.size, leaf_hash(entry), proof) != checkpoint.root:
        raise Wrong(f"this entry does not stand at position {index} of “{checkpoint.origin}”")
    print(f"the entry stands at position {index} of “{checkpoint.origin}”, signed at {checkpoint.size} entries")


def load_key(text):
    if os.path.exists(text):
        with open(text, encoding="utf-8") as file:
            text = file.read()
    return Key(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", nargs="?", help="an export (xiedun ledger export DIR)")
    parser.add_argument("--key", action="append", required=True, help="public verifier key, or a file with it")
    parser.add_argument("--proof", help="a .tlog-proof file")
    parser.add_argument("--entry", help="the entry's bytes, for --proof")
    args = parser.parse_args()
    if bool(args.proof) != bool(args.entry) or bool(args.directory) == bool(args.proof):
        parser.error("give either an export's folder, or --proof and --entry")
    try:
        keys = [load_key(text) for text in args.key]
        problems = verify_export(args.directory, keys) if args.directory else verify_proof(args.proof, args.entry, keys)
    except (Wrong, OSError, UnicodeDecodeError) as wrong:
        problems = [str(wrong)]
    for problem in problems or []:
        print(f"WRONG: {problem}")
    print("The log does not hold." if problems else "Everything holds.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
