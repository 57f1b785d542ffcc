# Labels as they are, and classes of which some are rare.

# Two classes of noisy images in MNIST's layout, $1 rows to train on and $2 to test with; every fiftieth is of the class 1, and a little brighter.
imbalanced() {
    python3 - "$1" "$2" <<'PYTHON'
import random, struct, sys
random.seed(1)
for name, rows in (("train", int(sys.argv[1])), ("t10k", int(sys.argv[2]))):
    labels = [1 if i % 50 == 0 else 0 for i in range(rows)]
    with open(f"{name}-images-idx3-ubyte", "wb") as images:
        images.write(struct.pack(">IIII", 2051, rows, 28, 28))
        for label in labels:
            level = random.uniform(0.35, 1.35) if label else random.uniform(0, 1)
            images.write(bytes(min(255, int(180 * level + random.randrange(8))) for _ in range(784)))
    with open(f"{name}-labels-idx1-ubyte", "wb") as file:
        file.write(struct.pack(">II", 2049, rows) + bytes(labels))
PYTHON
}

case_ R09 "98 : 2, and the rare class is found where classes are balanced"
imbalanced 1000 500
run train dense --data . --epochs 10 --seed 1 --output plain.zip
exits 0
run evaluate plain.zip --data .
exits 0
says '│ 1 +│ +10 │[^│]*│ +0[.]00'
run train dense --data . --epochs 10 --seed 1 --class-weights balanced --output balanced.zip
exits 0
run evaluate balanced.zip --data .
exits 0
says '│ 1 +│ +10 │[^│]*│ +([3-9][0-9]|100)[.]'

case_ R09 "weights of classes that there are not"
run train dense --class-weights heavy
exits 2
says "class-weights.*(balanced|heavy)"

case_ 3 "labels of thousands are scored in their own unit"
printf 'F0,F1\n-1,0\n0,0\n1,0\n' > in.csv
run score "$models/prices.zip" in.csv --output out.csv
exits 0
python3 -c "
import csv
rows = list(csv.reader(open('out.csv')))
scores = [float(row[rows[0].index('Score')]) for row in rows[1:]]
assert scores[0] < scores[1] < scores[2] and all(abs(score - right) < 1500 for score, right in zip(scores, [21500, 29500, 37500])), scores" 2>err.txt || wrong "$(tail -1 err.txt)"
run export "$models/prices.zip" graph.zip
exits 0
run score graph.zip in.csv --output graph.csv
exits 0
python3 -c "
import csv
one, other = ([float(row['Score']) for row in csv.DictReader(open(name))] for name in ('out.csv', 'graph.csv'))
assert all(abs(a / b - 1) < 1e-5 for a, b in zip(one, other)), (one, other)" 2>err.txt || wrong "$(tail -1 err.txt)"
