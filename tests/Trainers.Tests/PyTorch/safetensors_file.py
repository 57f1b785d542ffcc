"""The safetensors format in plain Python: eight bytes of header length, a JSON header, the tensors' little-endian bytes.

    python3 safetensors_file.py FILE

prints, as JSON, each tensor's type, shape and SHA-256. The package safetensors reads the file where it is installed,
this module's own reader where it is not.
"""
import hashlib
import json
import struct
import sys


def read(path):
    """Returns {name: (dtype, shape, bytes)}."""
    with open(path, "rb") as file:
        content = file.read()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    data = content[8 + length :]
    header.pop("__metadata__", None)
    return {
        name: (tensor["dtype"], tensor["shape"], data[slice(*tensor["data_offsets"])])
        for name, tensor in header.items()
    }


def write(path, tensors):
    """Writes {name: (dtype, shape, bytes)}, padded to a multiple of eight."""
    header, offset = {}, 0
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, _, data in tensors.values():
            file.write(data)


def read_by_package(path):
    from safetensors import deserialize

    with open(path, "rb") as file:
        return {name: (t["dtype"], t["shape"], bytes(t["data"])) for name, t in deserialize(file.read())}


if __name__ == "__main__":
    try:
        tensors = read_by_package(sys.argv[1])
    except ImportError:
        tensors = read(sys.argv[1])
    print(json.dumps({n: {"dtype": d, "shape": s, "sha256": hashlib.sha256(b).hexdigest()} for n, (d, s, b) in tensors.items()}))
