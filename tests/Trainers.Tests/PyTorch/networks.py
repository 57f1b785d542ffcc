"""The networks of WeightExchangeTests in PyTorch.

    python3 networks.py make                writes fixtures/: weights, inputs and what PyTorch makes of them
    python3 networks.py score NAME FILE     loads a safetensors file (strictly) and prints the probabilities of the fixture's inputs

The fixtures were made with PyTorch 1.13.0 (Debian 12's python3-torch) and need no PyTorch to be used.
"""
import hashlib
import json
import pathlib
import sys

import torch
from torch import nn

import safetensors_file

FIXTURES = pathlib.Path(__file__).parent / "fixtures"
TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64}
ROWS = 6


class Convolutional(nn.Module):
    shape = [2, 8, 8]

    def __init__(self):
        super().__init__()
        self.convolution1 = nn.Conv2d(2, 3, 3, bias=False)
        self.normalization1 = nn.BatchNorm2d(3)
        self.dense1 = nn.Linear(27, 5)
        self.output = nn.Linear(5, 3)

    def forward(self, x):
        x = torch.relu(self.normalization1(torch.max_pool2d(self.convolution1(x), 2)))
        return self.output(torch.relu(self.dense1(x.flatten(1))))


class Dense(nn.Module):
    shape = [6]

    def __init__(self):
        super().__init__()
        self.dense1 = nn.Linear(6, 4)
        self.output = nn.Linear(4, 3)

    def forward(self, x):
        return self.output(torch.relu(self.dense1(x)))


class Recurrent(nn.Module):
    shape = [5, 3]

    def __init__(self, kind, **options):
        super().__init__()
        self.recurrent = kind(3, 4, batch_first=True, **options)
        self.directions = 2 if options.get("bidirectional") else 1
        self.output = nn.Linear(4 * self.directions, 3)

    def forward(self, x):
        _, state = self.recurrent(x)
        hidden = state[0] if isinstance(state, tuple) else state
        return self.output(torch.cat(list(hidden[-self.directions :]), 1))


NETWORKS = {
    "convolutional": (Convolutional, "F32"),
    "dense-f32": (Dense, "F32"),
    "dense-f16": (Dense, "F16"),
    "dense-bf16": (Dense, "BF16"),
    "lstm": (lambda: Recurrent(nn.LSTM, num_layers=2, bidirectional=True), "F32"),
    "gru": (lambda: Recurrent(nn.GRU, num_layers=2), "F32"),
    "elman": (lambda: Recurrent(nn.RNN), "F32"),
}


def to_file(tensor, dtype):
    dtype = "I64" if tensor.dtype == torch.int64 else dtype
    raw = tensor.to(TYPES[dtype]).contiguous()
    # numpy has no bfloat16: its bits are those of a 16-bit integer.
    raw = raw.view(torch.int16) if dtype == "BF16" else raw
    return dtype, list(tensor.shape), raw.numpy().tobytes()


def from_file(dtype, shape, data):
    raw = torch.frombuffer(bytearray(data), dtype=TYPES[dtype]).reshape(shape)
    return raw if dtype == "I64" else raw.float()


def load(network, path):
    network.load_state_dict({name: from_file(*tensor) for name, tensor in safetensors_file.read(path).items()}, strict=True)


def score(network, rows):
    network.eval()
    with torch.no_grad():
        return network(torch.tensor(rows).reshape([-1] + network.shape)).softmax(1).tolist()


def make():
    FIXTURES.mkdir(exist_ok=True)
    torch.manual_seed(1)
    sums = []
    for name, (create, dtype) in NETWORKS.items():
        network = create()
        # Running statistics that are not 0 and 1.
        network.train()
        for _ in range(3):
            network(torch.randn([16] + network.shape) * 2 + 1)
        weights = FIXTURES / f"{name}.safetensors"
        safetensors_file.write(weights, {key: to_file(tensor.detach(), dtype) for key, tensor in network.state_dict().items()})
        # What the file holds, half precision included, is what is scored with.
        load(network, weights)
        rows = torch.randn([ROWS] + network.shape).flatten(1).tolist()
        expected = FIXTURES / f"{name}.json"
        expected.write_text(json.dumps({"rows": rows, "probabilities": score(network, rows)}) + "\n")
        sums += [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in (weights, expected)]
    (FIXTURES / "SHA256SUMS").write_text("".join(sums))


if __name__ == "__main__":
    if sys.argv[1:] == ["make"]:
        make()
    else:
        _, _, name, path = sys.argv
        network = NETWORKS[name][0]()
        load(network, path)
        print(json.dumps(score(network, json.loads((FIXTURES / f"{name}.json").read_text())["rows"])))
