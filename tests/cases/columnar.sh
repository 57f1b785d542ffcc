# Parquet and Arrow: what files of other programs mean, and what is damaged in them.
nothing=$files/reads-nothing.zip

case_ 17 "big-endian Arrow is refused by name"
run score "$nothing" "$files/bigendian.arrow" --keep f1 --output o.csv
exits 1; says "bigendian.arrow.*big-endian"; absent o.csv

case_ 18 "times without a zone, days and times of a day stay what they are"
for format in csv jsonl parquet arrow; do
    run score "$nothing" "$files/naive-times.parquet" --keep ts,d,t,i --output "o.$format"; exits 0
done
holds o.csv '^2024-03-10T01:02:03.0000000,2024-03-10,01:02:03,5$'
holds o.jsonl '"d":"2024-03-10","t":"01:02:03"'
# Read again, they print the same.
for format in parquet arrow; do
    run score "$nothing" "o.$format" --keep ts,d,t,i --output "again.$format.csv"; exits 0
    is "$(cat "again.$format.csv")" "$(cat o.csv)"
done

case_ 20 "invalid UTF-8 in Parquet is a bad row"
run score "$nothing" "$files/bad-utf8.parquet" --keep X1 --output o.csv
exits 1; says "row 1: column 'X1'.*UTF-8"
run score "$nothing" "$files/bad-utf8.parquet" --keep X1 --output o.csv --on-error skip
exits 0; says "0 scored, 1 bad"

case_ 20b "a double beyond what Single represents is a bad row"
python3 - <<'P'
import struct
# A Parquet file of two required doubles, 1.0 and 1e300, in columns A and B, written by hand: plain pages, compact Thrift.
def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128]); n >>= 7
    return out + bytes([n])
zig = lambda n: varint((n << 1) ^ (n >> 63))
field = lambda delta, kind, value: bytes([delta << 4 | kind]) + value
i32, i64, text = (lambda d, n: field(d, 5, zig(n))), (lambda d, n: field(d, 6, zig(n))), (lambda d, s: field(d, 8, varint(len(s)) + s))
items = lambda kind, parts: bytes([len(parts) << 4 | kind]) + b"".join(parts)
file, chunks = b"PAR1", []
for name in (b"A", b"B"):
    data = struct.pack("<2d", 1.0, 1e300 if name == b"A" else 1.0)
    header = i32(1, 0) + i32(1, len(data)) + i32(1, len(data)) + field(2, 12, i32(1, 2) + i32(1, 0) + i32(1, 3) + i32(1, 3) + b"\0") + b"\0"
    start = len(file)
    file += header + data
    meta = i32(1, 5) + field(1, 9, items(5, [zig(0)])) + field(1, 9, items(8, [varint(1) + name])) + i32(1, 0) + i64(1, 2) + i64(1, len(file) - start) + i64(1, len(file) - start) + i64(2, start) + b"\0"
    chunks.append(i64(2, start) + field(1, 12, meta) + b"\0")
schema = [text(4, b"s") + i32(1, 2) + b"\0"] + [i32(1, 5) + i32(2, 0) + text(1, n) + b"\0" for n in (b"A", b"B")]
group = field(1, 9, items(12, chunks)) + i64(1, 100) + i64(1, 2) + b"\0"
footer = i32(1, 1) + field(1, 9, items(12, schema)) + i64(1, 2) + field(1, 9, items(12, [group])) + b"\0"
open("big.parquet", "wb").write(file + footer + struct.pack("<I", len(footer)) + b"PAR1")
P
run score "$models/na.zip" big.parquet --output o.csv
exits 1; says "row 2: column 'A' is 1E\+300"
run score "$models/na.zip" big.parquet --output o.csv --on-error skip
exits 0; says "1 scored, 1 bad"

case_ 16 "a time of a day is no date"
python3 - "$files/naive-times.parquet" <<'P'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
# The column t, of TIME, is called V, and so that which reads DateTime takes it.
footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
place = footer
while (place := data.find(b"\x01t", place)) >= 0:
    data[place:place + 2] = b"\x01v"; place += 1
open("v.parquet", "wb").write(data)
P
run score "$files/reads-datetime-v.zip" v.parquet --output o.csv
exits 1; says "column 'v' holds TimeSpan; DateTime is expected"; absent o.csv

case_ 21 "a column of an unknown logical type matters to who reads it alone"
run score "$nothing" "$files/variant.parquet" --keep id --output o.csv
exits 0; lines o.csv 2
run score "$nothing" "$files/variant.parquet" --keep var --output p.csv
exits 1; says "column 'var' holds .*Variant"; never_says "damaged"

case_ 22 "one time out of range is a bad row"
run score "$nothing" "$files/int96_from_spark.parquet" --keep a --output o.csv --on-error skip
exits 0; says "6 rows in: 5 scored, 1 bad"
run score "$nothing" "$files/durations.arrow" --keep f1 --output p.csv --on-error skip
exits 0; says "17 rows in"; never_says "damaged"

case_ 23 "DECIMAL is read"
run score "$nothing" "$files/decimal.parquet" --keep value --output o.csv
exits 0; lines o.csv 25; holds o.csv '^24\.00$'

case_ 24 "types depend on the schema, not on statistics"
run score "$nothing" "$files/no-statistics.parquet" --keep id,bool_col,date_string_col --output o.jsonl
exits 0; lines o.jsonl 8; holds o.jsonl '"id":4,"bool_col":true,"date_string_col":"03/01/09"'

case_ R37 "old streams are read; Feather 1 and encrypted Parquet are called what they are"
run score "$nothing" "$files/legacy-0.14.stream" --keep int32_nonnullable --output o.csv
exits 0; says "37 rows in"
python3 -c 'open("f.feather","wb").write(b"FEA1"+bytes(60)+b"FEA1")'
run score "$nothing" f.feather --keep x --output p.csv
exits 1; says "Feather file of version 1"; never_says "damaged"
for name in encrypted.parquet encrypted.bin; do
    run score "$nothing" "$files/$name" --keep x --output p.csv
    exits 1; says "$name.*encrypted Parquet"; never_says "damaged"
done

case_ 30 "a flipped bit in an Arrow file loses no row"
# The header of plain.zip's scores has a line break.
python3 -c '
print("A,B")
for i in range(256): print(f"{i/256},{i%3}")' > in.csv
run score "$models/plain.zip" in.csv --keep A,B --output good.arrow; exits 0
printf 'A,B\n1,2\n' > other.csv
python3 - <<'P'
data = open("good.arrow", "rb").read()
number = (256).to_bytes(8, "little")
places, place = [], -1
while (place := data.find(number, place + 1)) >= 0 and len(places) < 6:
    places.append(place)
for i, place in enumerate(places):
    bad = bytearray(data); bad[place + 1] ^= 1
    open(f"flipped{i}.arrow", "wb").write(bad)
# A length that cannot be: metadata of 2 GB.
bad = bytearray(data); start = bad.find(b"\xff\xff\xff\xff", 16); bad[start + 7] = 0x7f
open("long.arrow", "wb").write(bad)
P
for file in flipped*.arrow long.arrow; do
    run score "$models/plain.zip" "$file" --output "$file.csv"
    if [ "$code" = 0 ]; then lines "$file.csv" 258; else says "$file"; never_says "OutOfMemory"; fi
done
run score "$models/plain.zip" long.arrow other.csv --output o.csv --on-error skip
exits 0; lines o.csv 3; says "long.arrow"

case_ 32 "pages of Parquet have checksums, which are checked"
python3 -c '
print("A,B,Id")
for i in range(2000): print(f"{i/7},{i%3},id{i*7919%2000}")' > in.csv
run score "$models/plain.zip" in.csv --keep Id --output good.parquet; exits 0
python3 -c '
data = bytearray(open("good.parquet", "rb").read()); data[1500] ^= 1
open("flipped.parquet", "wb").write(data)'
run score "$nothing" flipped.parquet --keep Id --output o.csv
exits 1; says "flipped.parquet.*(CRC|checksum)"
