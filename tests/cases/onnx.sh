# ONNX files and zips, and images: what is exported, and what is refused before it costs anything.

# A grey PNG: png PATH WIDTH HEIGHT [VALUE]
png() {
    python3 - "$@" <<'P'
import sys, zlib, struct
path, w, h = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
value = int(sys.argv[4]) if len(sys.argv) > 4 else 0
def chunk(t, d): return struct.pack('>I', len(d)) + t + d + struct.pack('>I', zlib.crc32(t + d))
c = zlib.compressobj(9)
row = b'\0' + bytes([value]) * w
data = b''.join(c.compress(row) for _ in range(h)) + c.flush()
open(path, 'wb').write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', w, h, 8, 0, 0, 0, 0)) + chunk(b'IDAT', data) + chunk(b'IEND', b''))
P
}

# Two classes of four images each, in the folder SET.
classes() {
    mkdir -p "$1/dark" "$1/grey"
    for i in 1 2 3 4; do png "$1/dark/$i.png" 12 12 $((i * 3)); png "$1/grey/$i.png" 12 12 $((60 + i * 3)); done
}

for model in tab na; do
    case_ R19 "The steps of a table pipeline are in its ONNX file ($model.zip)"
    run export "$models/$model.zip" out.onnx
    exits 0
    holds out.onnx Concat
done

case_ 31 'An image bomb is a bad row, and the others are scored'
classes set
run train softmax --images set --epochs 1 --output im.zip
exits 0
mkdir in; png in/bomb.png 20000 20000; png in/good.png 12 12
limit=20
run score im.zip in --output o.csv --on-error skip
limit=120
exits 0
lines o.csv 2
says '20000 x 20000'

case_ R39 'A .jfif file is an image, and __MACOSX is no class'
classes set
mkdir -p set/__MACOSX/dark; printf '\0\5\26\7' > set/__MACOSX/dark/._1.png; printf x > set/dark/Thumbs.db; mv set/dark/4.png set/dark/4.jfif
run train softmax --images set --epochs 1 --output im.zip
exits 0
says "1 of '.db'"
never_says "of '.jfif'"
never_says MACOSX

# Writes plain.zip again as forged.zip, whose graph names a tensor in the file w.bin; with more of the graph, a Python expression, behind it.
forge() { python3 - "${1:-}" <<'P'
import sys, zipfile
def field(n, d): return bytes([n << 3 | 2, len(d)]) + d
entry = field(1, b'location') + field(2, b'w.bin')
tensor = b'\x08\x01\x10\x01' + field(8, b'outside') + field(13, entry) + b'\x70\x01'
graph = field(5, tensor) + (eval(sys.argv[1]) if sys.argv[1] else b'')
source = zipfile.ZipFile('plain.zip'); target = zipfile.ZipFile('forged.zip', 'w', zipfile.ZIP_DEFLATED)
for name in source.namelist():
    data = source.read(name)
    target.writestr(name, data + field(7, graph) if name.endswith('Model.onnx') else data)
target.close()
P
}

case_ 37 'A zip whose ONNX graph names another file is refused'
run export "$models/plain.zip" plain.zip
exits 0
printf '0000' > w.bin
forge
printf 'A,B,Label\n0.5,-1,x\n' > in.csv
run score forged.zip in.csv --output o.csv
exits 1
says "in another file, 'w.bin'"
absent o.csv

case_ 37 'So is one whose graph nothing but the runtime can read'
run export "$models/plain.zip" plain.zip
exits 0
printf '0000' > w.bin
forge "field(1, field(3, b'\xff') + field(4, b'Identity') + field(1, b'outside') + field(2, b'unused'))"
printf 'A,B,Label\n0.5,-1,x\n' > in.csv
run score forged.zip in.csv --output o.csv
exits 1
says 'UTF-8'
absent o.csv
