# Trainings: their length, their run folders, and how options are named.

# A data set of MNIST's layout with as many images as said, each of a bright bar whose place is its class.
mnist() { python3 - "$1" <<'P'
import os, struct, sys
os.makedirs("data", exist_ok=True)
for name, count in (("train", int(sys.argv[1])), ("t10k", 50)):
    with open(f"data/{name}-images-idx3-ubyte", "wb") as images, open(f"data/{name}-labels-idx1-ubyte", "wb") as labels:
        images.write(struct.pack(">IIII", 0x803, count, 28, 28))
        labels.write(struct.pack(">II", 0x801, count))
        for i in range(count):
            c = i % 10
            images.write(bytes(255 if c * 2 + 4 <= y < c * 2 + 6 else (i * 31 + x * y) % 40 for y in range(28) for x in range(28)))
            labels.write(bytes([c]))
P
}

case_ R14 "a finished run that is given more epochs says how to go on"
mnist 60
run train dense --data data --run ./run --epochs 2 --output d.zip; exits 0
before=$(cat run/run.json)
run train dense --data data --run ./run --epochs 4 --resume --output d.zip; exits 1; says '--epochs is 2 there and 4 here'; says 'pass the model with --from'; says 'another folder'
[ "$before" = "$(cat run/run.json)" ] || wrong "run.json was changed"
run train dense --data data --from d.zip --run ./run2 --epochs 2 --output d2.zip; exits 0

case_ R14 "a finished run is not replaced without a word"
mnist 60
run train dense --data data --run ./run --epochs 2 --output d.zip; exits 0; never_says 'earlier training'
run train dense --data data --run ./run --epochs 2 --output d.zip; exits 0; says 'earlier training.*replaced'

case_ 4 "defaults on small data train for a least number of steps"
mnist 60
run train dense --data data --output d.zip --json; exits 0; says '"trainingSteps": 2000'
run train dense --data data --epochs 3 --output d.zip --json; exits 0; says '"trainingSteps": 3,'

case_ 12 "wrong values are named by their options"
run train autoencoder --code-size 0 --output a.zip; exits 2; says '--code-size is 0'; never_says 'CodeSize'
run train cnn --epochs 0 --output c.zip; exits 2; says '--epochs is 0'; never_says 'NumberOfEpochs'
run train cnn --clip-norm 0 --output c.zip; exits 2; says '--clip-norm is 0'; never_says 'MaxNorm'
