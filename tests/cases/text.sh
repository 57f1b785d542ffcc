# Files of text: CSV, TSV, JSON Lines, what is taken for them, and what of them reaches a terminal.

# Rows are counted by what is said, as a class of the models has a line's end in its name.
scored() { exits 0; says " $1 scored"; }

case_ 16 "Dates are never made up"
run score "$files/reads-datetime-v.zip" "$files/times.csv" --output o.csv --columns v --on-error skip; exits 0
lines o.csv 1
says "12:34'; a date as"
case_ 16 "ISO dates of all kinds are read, others by an option"
printf 'v\n2024-02-29\n2024-02-29 12:30\n2024-02-29T12:30:00.123456789+05:30\n2024-02-29T12:30:00Z\n' > iso.csv
run score "$files/reads-datetime-v.zip" iso.csv --output o.csv --columns v; exits 0; lines o.csv 5; holds o.csv '2024-02-29T07:00:00.1234567Z'
printf 'v\n29.02.2024\n2024-02-29\n' > de.csv
run score "$files/reads-datetime-v.zip" de.csv --output d.csv --columns v --date-format dd.MM.yyyy --on-error skip; exits 0; lines d.csv 2; holds d.csv '^2024-02-29'
printf '{"v":"12:34"}\n{"v":"2024-02-29"}\n' > t.jsonl
run score "$files/reads-datetime-v.zip" t.jsonl --output j.csv --columns v --on-error skip; exits 0; lines j.csv 2
run score "$files/reads-datetime-v.zip" de.csv --output e.csv --date-format HH:mm; exits 2; says 'with a year'

case_ R04 "A number that is too great is named as the file has it"
printf 'A,B,City,Label\n1,0,K,x\n1e39,-1,K,x\n' > big.csv
run score "$models/tab.zip" big.csv --output o.csv; exits 1; says "row 2 \(line 3\).*'A'.*'1e39'.*Single"; never_says 'row 0|Features'
printf '{"A":1,"B":0,"City":"K"}\n{"A":-1e400,"B":0,"City":"K"}\n' > big.jsonl
run score "$models/tab.zip" big.jsonl --output j.csv; exits 1; says "row 2 \(line 2\).*'A'.*-1e400.*Single"
case_ R04 "A number that only the model refuses has the row of its file"
printf 'A,B,City,Label\n1,0,K,x\ninf,-1,K,x\n' > inf.csv
run score "$models/tab.zip" inf.csv --output o.csv; exits 1; says 'row 2 \(line 3\)'; never_says 'row 0'

case_ 19 "One row out for each row in, of one column too"
run score "$files/reads-nothing.zip" "$files/blank.csv" --output o.csv --keep a; exits 0; lines o.csv 4
run score "$files/reads-nothing.zip" "$files/blank_line.csv" --output p.csv --keep col; exits 0; lines p.csv 12
case_ 19 "A lone carriage return ends a row wherever it stands"
run score "$files/reads-nothing.zip" "$files/lone-cr.csv" --output o.csv --keep a; exits 0; lines o.csv 4
python3 -c "open('far.csv','w',newline='').write('a\n'+'x\n'*16370+'xxxxxxxxxx\ryyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\n'+'z\n'*100)"
run score "$files/reads-nothing.zip" far.csv --output f.csv --keep a; exits 0; says '16,472 rows in'

case_ R27 "gzip of several members, and zeros behind them"
python3 - <<'P'
import gzip
c = gzip.compress
open('multi.csv.gz', 'wb').write(c(b'A,B,City,Label\n0.5,-1,K,x\n') + c(b'1.5,0,K,y\n') + c(b''))
open('multi.tsv.gz', 'wb').write(c(b'A\tB\tCity\n0.5\t-1\tK\n') + c(b'1.5\t0\tK\n'))
open('multi.jsonl.gz', 'wb').write(c(b'{"A":0.5,"B":-1,"City":"K"}\n{"A":1') + c(b'.5,"B":0,"City":"K"}\n'))
open('zeros.csv.gz', 'wb').write(c(b'A,B,City,Label\n0.5,-1,K,x\n1,2,K,x\n') + 512 * b'\0')
open('cut.csv.gz', 'wb').write((c(b'A,B,City,Label\n0.5,-1,K,x\n') + c(b'1.5,0,K,y\n'))[:-4])
P
for f in multi.csv.gz multi.tsv.gz multi.jsonl.gz zeros.csv.gz; do run score "$models/tab.zip" "$f" --output "$f.csv"; scored 2; done
run score "$models/tab.zip" cut.csv.gz --output c.csv; exits 1; says "cut.csv.gz.*CRC-32"
timeout 60 "$sconce" score "$models/tab.zip" - --output - <multi.csv.gz >s.csv 2>"$work/err"; holds "$work/err" '2 scored'
case_ 25 "Another project's file of two members"
run score "$files/reads-nothing.zip" "$files/two-members.csv.gz" --output o.csv --keep "$(zcat "$files/two-members.csv.gz" | sed 1q | cut -f1)"; exits 0
is "$(wc -l <o.csv)" "$(zcat "$files/two-members.csv.gz" | grep -c .)"

case_ R36 "Quotes that backslashes escape"
printf 'A,B,City,Label\n0.5,-1,Bonn,x\n0.5,-1,"K\\"oln, x",x\n0.5,-1,Ulm,x\n' > bsl2.csv
run score "$models/tab.zip" bsl2.csv --output o.csv --keep City; scored 3; holds o.csv '^"K""oln, x",'
run score "$models/tab.zip" bsl2.csv --output q.csv --keep City --on-error quarantine --escape-char quote; scored 2; holds q.csv '^Ulm,'
holds q.quarantine.csv '^bsl2.csv,2,3,.*not an escape here.*K'
printf 'A,B,City,Label\n0.5,-1,"K"oln,x\n' > first.csv
run score "$models/tab.zip" first.csv --output f.csv --on-error quarantine; exits 0; holds f.quarantine.csv '^first.csv,1,2,'

case_ R35 "Decimal commas"
printf 'A;B;City;Label\r\n0,5;-1;K;x\r\n1.234,5;0;K;y\r\n' > de.csv
run score "$models/tab.zip" de.csv --output o.csv; exits 1; says "'0,5'.*decimal point.*decimal comma.*--decimal-marker is ','"
run score "$models/tab.zip" de.csv --output d.csv --decimal-marker , --on-error skip; scored 1; says "1\.234,5"

case_ R30 "A JSON array, and objects of several lines"
python3 -c "import json;r=[{'A':0.5,'B':-1,'City':'K'},{'A':1.5,'B':0,'City':'L'}];json.dump(r,open('arr.json','w'));json.dump(r,open('arr.jsonl','w'));json.dump(r,open('indent.json','w'),indent=2);open('pretty.jsonl','w').write('\n'.join(json.dumps(x,indent=2) for x in r))"
for f in arr.json arr.jsonl indent.json pretty.jsonl; do run score "$models/tab.zip" "$f" --output "$f.csv"; scored 2; done
cmp -s arr.json.csv pretty.jsonl.csv || wrong "the scores differ"

case_ R31 "A field that is left out is null"
printf '{"A":0.5,"B":-1}\n{"A":1.5,"B":0,"City":"K"}\n' > first.jsonl
printf '{"A":0.5,"B":-1,"City":"K"}\n{"A":1.5,"B":0}\n' > later.jsonl
printf '{"A":0.5,"B":-1,"City":null}\n{"A":1.5,"B":0,"City":"K"}\n' > null.jsonl
for f in first later null; do run score "$models/tab.zip" $f.jsonl --output $f.csv; scored 2; done
cmp -s first.csv null.csv || wrong "left out and null differ"
printf '{"A":0.5,"B":-1,"Ctiy":"K"}\n' > typo.jsonl
run score "$models/tab.zip" typo.jsonl --output t.csv; exits 1; says "did you mean 'Ctiy'"

case_ R32 "NaN and Infinity as Python writes them"
printf '{"A":NaN,"B":-1}\n{"A":null,"B":-1}\n{"A":1,"B":0,"x":-Infinity}\n' > n.jsonl
run score "$models/na.zip" n.jsonl --output o.csv; scored 3
is "$(python3 -c "import csv;r=list(csv.reader(open('o.csv',newline='')));print(r[1]==r[2])")" True

case_ 39 "Deep JSON takes no time"
python3 -c "open('deep.jsonl','w').write('{\"x\":'+200000*'['+200000*']'+',\"A\":1,\"B\":2}\n{\"A\":1,\"B\":2}\n')"
limit=20; run score "$models/plain.zip" deep.jsonl --output o.csv --on-error skip; limit=120; scored 1; says 'depth'
case_ 39 "Texts that a spreadsheet takes for formulas"
printf 'A,B,City,Label\n1,2,=1+1,x\n1,2,-5,x\n1,2,@x,x\n' > f.csv
run score "$models/tab.zip" f.csv --output o.csv --keep City --escape-formulas; exits 0; holds o.csv "^'=1\+1,"; holds o.csv '^-5,'; holds o.csv "^'@x,"
run score "$models/tab.zip" f.csv --output p.csv --keep City; exits 0; holds p.csv '^=1\+1,'

case_ R29 "What is no text is named"
python3 - <<'P'
import bz2, io, zipfile
def z(name, *entries):
    with zipfile.ZipFile(name, 'w') as f:
        for e in entries: f.writestr(e, '<x/>')
z('real.xlsx', '[Content_Types].xml', 'xl/workbook.xml'); z('renamed.csv', '[Content_Types].xml', 'xl/workbook.xml'); z('a.zip', 'a.csv')
w = lambda n, b: open(n, 'wb').write(b)
w('a.csv.bz2', bz2.compress(b'A,B\n1,2\n')); w('a.csv.zst', b'\x28\xb5\x2f\xfd' + 40 * b'\0'); w('old.xls', b'\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1' + 40 * b'\0')
w('a.orc', b'ORC'); w('a.avro', b'Obj\x01' + 20 * b'\2'); w('fea.csv', b'FEA1' + 20 * b'\0' + b'FEA1'); w('words.csv', b'PARENT,A,B\n1,2,3\n')
P
while read -r f what; do
  run score "$models/plain.zip" $f --output o.csv; exits 1; says "$what"
  run train forecast --input $f --output m.zip; exits 1; says "$what"
  if grep -q $'\033\|\001\|\002\|\003' "$work/err" "$work/out"; then wrong "control characters"; fi
done <<'L'
real.xlsx Excel
renamed.csv Excel
a.zip zip
a.csv.bz2 bzip2
a.csv.zst Zstandard
old.xls xls
a.orc ORC
a.avro Avro
fea.csv Feather
L
run score "$models/plain.zip" words.csv --output w.csv; scored 1
case_ 26 "Encrypted Parquet, whatever its name"
run score "$models/plain.zip" "$files/encrypted.bin" --output o.csv; exits 1; says 'encrypted'
cp "$files/encrypted.bin" e.csv; run train forecast --input e.csv --output m.zip; exits 1; says 'encrypted'
case_ 26 "No control character of a file reaches a terminal"
run score "$models/plain.zip" "$files/esc.csv" --output o.csv; exits 1
run train forecast --input "$files/esc.csv" --output m.zip
cp "$files/esc.csv" "$(printf 'n\033[31m.csv')"; run score "$models/plain.zip" "$(printf 'n\033[31m.csv')" --output o.csv; exits 1; says 'u001B'
if grep -q $'\033' "$work/err" "$work/out"; then wrong "an escape character"; fi
printf 'A,B\n\033[2J,1\n' > v.csv; run score "$models/plain.zip" v.csv --output o.csv --on-error skip; exits 0; says 'u001B'
if grep -q $'\033' "$work/err" "$work/out"; then wrong "an escape character"; fi

case_ R33 "Folders as Spark and Hive write them"
mkdir -p s2/_delta_log "hive/City=K%C3%B6ln" hive/City=__HIVE_DEFAULT_PARTITION__
printf 'A,B,City\n1,2,K\n' > s2/part-0.csv; echo '{"added":["part-0.csv"]}' > s2/_committed_1; : > s2/_started_1; : > s2/_SUCCESS; echo '{}' > s2/_delta_log/0.json
run score "$models/tab.zip" s2 --output s.csv; scored 1
printf 'A,B\n1,2\n3,4\n' > "hive/City=K%C3%B6ln/p.csv"; printf '{"A":1,"B":2}\n' > hive/City=__HIVE_DEFAULT_PARTITION__/p.jsonl
run score "$models/tab.zip" hive --output h.csv --keep City; scored 3; holds h.csv '^Köln,'
printf 'A,B,City\n1,2,Bonn\n' > "hive/City=K%C3%B6ln/p.csv"
run score "$models/tab.zip" hive --output b.csv --keep City; exits 0; holds b.csv '^Bonn,'; says "name of its folder"

case_ 25 "A kept column whose name has a comma, or is empty"
printf 'A,B,"x,y",\n1,2,kept,7\n' > k.csv
run score "$models/plain.zip" k.csv --output o.csv --keep '"x,y"' --keep A; exits 0; holds o.csv '^"x,y",A,'; holds o.csv '^kept,1'
run score "$models/plain.zip" k.csv --output e.csv --keep '"",A'; exits 0; holds e.csv '^7,1'

case_ 24 "Standard input that cannot be read is a bad file"
printf 'A,B\n1,2\n' > ok.csv
printf 'X\n1\n' | timeout 60 "$sconce" score "$models/plain.zip" - ok.csv --output o.csv --on-error quarantine >"$work/out" 2>"$work/err"; is $? 0
out=$(cat "$work/out") err=$(cat "$work/err"); says '1 row.*1 file not read'; holds o.quarantine.csv 'standard input'

case_ 20 "Series that are no UTF-8 are refused, and columns called PAR1 are not"
printf 'date,v,s\n2024-01-01,1,K\366ln\n' > l.csv
run train forecast --input l.csv --value-column v --series-column s --output m.zip; exits 1; says "line 2\): field 3 \('s'\) has bytes that are not UTF-8"
printf 'PAR1,A,B\nx,1,2\n' > p.csv; run score "$models/plain.zip" p.csv --output p.out.csv; scored 1
printf 'ARROW1,A,B\nx,1,2\n' > a.csv; run score "$models/plain.zip" a.csv --output a.out.csv; scored 1

case_ 17 "JSON that begins with another array, and arrays without commas"
printf '[1,2]\n{"A":1,"B":2}\n' > j.jsonl; run score "$models/plain.zip" j.jsonl --output j.csv --on-error skip; scored 1; says '1 bad'
printf '[{"A":1,"B":2}{"A":1,"B":2}]\n' > c.json; run score "$models/plain.zip" c.json --output c.csv; exits 1; says 'comma'
printf '{"A":1,"B":2}\n' > t.jsonl; run score "$models/plain.zip" t.jsonl --output t.csv --evaluate --label Typo; exits 1; says "no column 'Typo'"

case_ 38 "A series that a pipe has is waited for until a signal"
mkfifo pipe
"$sconce" train forecast --input pipe --output m.zip >"$work/out" 2>"$work/err" & pid=$!
sleep 3; kill -TERM $pid; (sleep 10; kill -9 $pid 2>/dev/null) & wait $pid; code=$?; is "$code" 143
