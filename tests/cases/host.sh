# Options, streams, signals, links and what is scored: the program itself and its runs.
printf 'A,B\n1,2\n3,4\n' >"$work/ok.csv"

case_ 33 'a decimal comma is no thousands separator'
run train softmax --learning-rate 0,05 --steps 1 --output m.zip
exits 2; says "--learning-rate is '0,05'"; absent m.zip
run cross-validate cnn --folds 1,000
exits 2; says "--folds is '1,000'"

case_ 33b 'empty values and names that lead out of the runs are wrong usage'
for value in '' . .. ' '; do run train softmax --run "$value" --steps 1 --output m.zip; exits 2; says '--run'; done
run score "$models/plain.zip" "$work/ok.csv" --output ''
exits 2; says '--output is empty'
absent m.zip; absent models

case_ 13 'a number that makes no sense is told by its option before the data is read'
for option in '--learning-rate 0' '--batch-size 0' '--epochs 0' '--clip-norm -1' '--patience 0' '--validation-fraction 2'; do
    run train cnn --data nowhere --output m.zip $option; exits 2; says "sconce: ${option%% *} is"
done
run tune cnn --data nowhere --trials 0 --output m.zip
exits 2; says 'sconce: --trials is 0'
run cross-validate cnn --data nowhere --epochs 0
exits 2; says 'sconce: --epochs is 0'

case_ 39 'what would take for ever is refused before any work'
limit=10
run explain gradients --lengths 99999999 --output g.png
exits 2; says '--lengths is 99999999'
run cross-validate softmax --folds 100000
exits 2; says '--folds has to be at most'
limit=120

case_ 39b 'the folds have a default'
run cross-validate softmax --data nowhere
exits 1; says nowhere

case_ 39c 'a folder, a link that leads nowhere, and a file in place of a folder'
mkdir folder inbox; printf 'A,B\n1,2\n' >inbox/day.csv; touch -d '1 hour ago' inbox/day.csv; ln -s nowhere dangling; printf x >file
run score folder "$work/ok.csv" --output o.csv
exits 1; says "'folder' is a folder"
run evaluate folder
exits 1; says "'folder' is a folder"
run score dangling "$work/ok.csv" --output o.csv
exits 1; says "'dangling' is a link to .*nowhere', which does not exist"
run score "$models/plain.zip" dangling --output o.csv --on-error skip
exits 1; says "'dangling' is a link to .*nowhere', which does not exist"
limit=20
run score "$models/plain.zip" --watch inbox --output file
limit=120
exits 1; says "'file' has to be a folder"; holds inbox/day.csv 1,2
absent o.csv; absent o.csv.parts

case_ 32 'no changed bit of a manifest passes --resume'
(printf 'A,B\n'; for i in $(seq 60); do [ "$i" = 45 ] && printf 'x,2\n' || printf '%s,2\n' "$i"; done) >in.csv
score='score m.zip in.csv --output o.csv --rows-per-part 10 --batch-size 10 --threads 1'
cp "$models/plain.zip" m.zip
run $score
exits 1; lines o.csv.parts/manifest.jsonl 5
# The reading would go on one row later.
sed -i '$s/"row":40/"row":41/' o.csv.parts/manifest.jsonl
run $score --resume --on-error skip
exits 0; is "$(python3 -c 'import csv; print(sum(1 for _ in csv.reader(open("o.csv"))))')" 60

case_ 27 'a parts folder that is a link is refused, with --force too'
mkdir elsewhere; printf mine >elsewhere/part-00000.csv; ln -s elsewhere o.csv.parts
run score "$models/plain.zip" "$work/ok.csv" --output o.csv --force
exits 1; says 'o.csv.parts. is a link to'; holds elsewhere/part-00000.csv '^mine$'; absent o.csv

case_ 27b 'a link in a parts folder is not followed'
for name in manifest.jsonl part-00000.csv.tmp replacing; do
    printf mine >precious; printf old >o.csv; rm -rf o.csv.parts; mkdir o.csv.parts; ln -s ../precious o.csv.parts/$name
    run score "$models/plain.zip" "$work/ok.csv" --output o.csv --force
    exits 1; says "$name' is a link to"; holds precious '^mine$'
done

case_ 37 'a score that is not finite is a bad row'
printf 'A,B\n1,2\n3e38,3e38\n3,4\n' >in.csv
run score "$models/plain.zip" in.csv --output o.csv
exits 1; says "in.csv', row 2 \(line 3\): .*not finite"; absent o.csv
run score "$models/plain.zip" in.csv --output o.csv --on-error skip
exits 0; says '3 rows in: 2 scored, 1 bad'; lines o.csv 4
run score "$models/plain.zip" in.csv --output o.csv --force --columns PredictedLabel --on-error skip
exits 0; says '3 rows in: 2 scored, 1 bad'
run score "$models/plain.zip" in.csv --output o.csv --force --allow-non-finite
exits 0; says '3 rows in: 3 scored'

case_ 38 'a full standard output does not cost the model'
"$sconce" train softmax --steps 1 --output m.zip >/dev/full 2>err; is $? 1
holds err 'Cannot write to standard output'
run inspect m.zip
exits 0

case_ 38b 'a standard error that is full or closed aborts nothing'
"$sconce" inspect none.zip 2>/dev/full; is $? 1
"$sconce" inspect none.zip 2>&-; is $? 1

case_ 38c 'a standard input and a pipe that give nothing are ended by SIGTERM'
mkfifo silent quiet
exec 8<>quiet
for input in - silent; do
    for signal in TERM:143 HUP:129; do
        timeout --preserve-status -k 5 -s "${signal%:*}" 3 "$sconce" score "$models/plain.zip" "$input" --output o.csv <&8 >/dev/null 2>err
        is $? "${signal#*:}"; holds err interrupted
    done
done
exec 8<&-
absent o.csv.parts

case_ 38d 'SIGHUP ends a training with a checkpoint'
timeout --preserve-status -k 20 -s HUP 8 "$sconce" train softmax --epochs 100000 --run ./run --output m.zip >out 2>err; is $? 129
holds err "same command with --resume"; [ -n "$(find run -name '*.checkpoint')" ] || wrong 'there is no checkpoint'

case_ 38e 'too few open files are told in a sentence'
for files_allowed in 30 50 100; do
    (ulimit -n $files_allowed; exec "$sconce" score "$models/plain.zip" "$work/ok.csv" --output o.csv >/dev/null 2>err); is $? 1
    holds err '^sconce: The limit on open files is too low'; lines err 1
done

case_ 38f 'what a shell gives as a pipe is read'
"$sconce" score "$models/plain.zip" <(cat "$work/ok.csv") --output o.csv >/dev/null 2>err & pid=$!
(sleep 20; kill -9 $pid 2>/dev/null) & wait $pid; is $? 0
lines o.csv 4

case_ 39d "a watcher's quarantine names the file where it ends up"
mkdir inbox; printf 'A,B\n1,2\nx,2\n' >inbox/day.csv; touch -d '1 hour ago' inbox/day.csv
timeout --preserve-status -s INT 6 "$sconce" score "$models/plain.zip" --watch inbox --output outbox --on-error quarantine >out 2>err; is $? 0
holds outbox/day.quarantine.csv '^inbox/done/day.csv,2,3,'

case_ R13 'a libtorch that cannot be loaded is told by every command'
# Without the library, as the fault does not show where the system has a new enough C++ library.
built=$(dirname "$sconce"); mkdir program; cp -as "$built/." program/
for file in sconce sconce.dll sconce.deps.json sconce.runtimeconfig.json; do rm -f program/$file; cp "$built/$file" program/; done
find program -name 'libLibTorchSharp.so' -delete
for command in "inspect $models/plain.zip" "score $models/plain.zip $work/ok.csv --output o.csv" "evaluate $models/plain.zip" "export $models/plain.zip x.zip" 'train softmax --steps 1 --output s.zip'; do
    program/sconce $command >out 2>err; is $? 1
    holds err '^sconce: Cannot load libtorch'
done

case_ R39 'files that are passed over are counted, and .jfif is JPEG'
python3 - <<'P'
import os, struct, zlib
def png(path, tone):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    chunk = lambda name, data: struct.pack('>I', len(data)) + name + data + struct.pack('>I', zlib.crc32(name + data))
    rows = b''.join(b'\0' + bytes((tone if 4 < x < 20 and 4 < y < 20 else 0) for x in range(28)) for y in range(28))
    open(path, 'wb').write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 28, 28, 8, 0, 0, 0, 0)) + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))
for i in range(20):
    png(f'set/bar/{i}.png', 100 + i)
    png(f'set/ring/{i}.png', 200 + i)
    png(f'odd/{i}.png', 100 + i)
png('odd/x.jfif', 90)
png('odd/__MACOSX/._x.png', 90)
png('odd/__MACOSX/x.png', 90)
open('odd/t.tiff', 'wb').write(b'II*\0')
P
run train softmax --images set --steps 2 --output im.zip
exits 0
run score im.zip odd --output o.csv
exits 0; says '21 rows in: 21 scored'; says "by name: 1 of '.tiff'"; never_says MACOSX
