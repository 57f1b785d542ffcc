# Files that earlier versions wrote (older/README.md): models score as they did, and trainings and scoring runs are resumed.

# Checks that two CSV files hold the same: texts are equal, and numbers differ by what another processor's sums may.
same_scores() { python3 - "$1" "$2" <<'PY' || wrong "$1 and $2 differ: $(cat difference 2>/dev/null)"
import csv, math, sys
found, wanted = (list(csv.reader(open(path, newline=""))) for path in sys.argv[1:])
def differ(a, b):
    try: x, y = float(a), float(b)
    except ValueError: return a != b
    return not (math.isnan(x) and math.isnan(y) or abs(x - y) <= 1e-5 * max(1, abs(y)))
shapes = [[len(row) for row in rows] for rows in (found, wanted)]
wrong = [f"{a} instead of {b} in row {i}" for i, (r, s) in enumerate(zip(found, wanted)) for a, b in zip(r, s) if differ(a, b)]
if shapes[0] != shapes[1]: wrong.insert(0, f"{len(found)} rows instead of {len(wanted)}, or others of their lengths")
open("difference", "w").write("; ".join(wrong[:3]))
sys.exit(bool(wrong))
PY
}

for version in 0.1.0 0.2.0-early; do
    older=$here/older/$version

    case_ older "the models of $version score as they did"
    for pair in dense:points regression:points cnn:images lstm:images autoencoder:images forecaster:series texts:texts run-finished:points; do
        model=${pair%:*}; columns=(); [ $model != texts ] || columns=(--columns Out)
        run score "$older/$model.zip" "$here/older/${pair#*:}.csv" --output $model.csv --engine assaved --batch-size 32 "${columns[@]}"; exits 0
        same_scores $model.csv "$older/$model.scores.csv"
        run inspect "$older/$model.zip"; exits 0
    done

    case_ older "a training that was killed in $version is resumed"
    cp -r "$here/older/data" "$older/trained" .
    run train dense --widths 8 --data data --run ./trained --steps 1500 --batch-size 20 --clip-norm 0.5 --schedule cosine --warm-up 0.2 --checkpoint-every 500 --output trained.zip --resume
    exits 0; [ "$(grep '"started"' trained/run.json)" = "$(grep '"started"' "$older/trained/run.json")" ] || wrong 'the training was begun anew'
    run score trained.zip data/t10k-images-idx3-ubyte --output trained.csv --engine assaved --batch-size 32; exits 0
    same_scores trained.csv "$older/trained.scores.csv"
    run report ./trained --output report.html; exits 0

    case_ older "a scoring that was killed in $version is resumed"
    cp "$older/dense.zip" .; cp -r "$older/scored.csv.parts" .
    head -1 "$here/older/points.csv" >rows.csv
    for _ in $(seq 50); do tail -n +2 "$here/older/points.csv"; done >>rows.csv
    run score dense.zip rows.csv --output scored.csv --rows-per-part 40 --batch-size 20 --engine assaved --resume --json; exits 0; says '"resumed": [1-9]'
    same_scores scored.csv "$older/whole.csv"; absent scored.csv.parts
done
