# Model zips, files of weights and checkpoints that are damaged or forged, and where they are written.

case_ R18 'a file that is no safetensors is named for what it is'
tail=$(printf '%100s' '')
while IFS='|' read -r begin said; do
    printf "$begin$tail" >w.bin
    run weights import "$models/plain.zip" w.bin --output w.zip; exits 1; says "$said"; never_says 'its header claims'
done <<'KINDS'
PK\x03\x04\x14\x00\x08\x08archive/data.pkl|PyTorch checkpoint \(a zip archive\).*save_file
\x80\x02}q|PyTorch checkpoint of the older format.*save_file
GGUF\x03|GGUF
version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n|Git LFS pointer.*git lfs pull
<!DOCTYPE html>|HTML page
KINDS
: >w.bin; run weights import "$models/plain.zip" w.bin --output w.zip; exits 1; says 'empty \(0 bytes\)'
absent w.zip

case_ 26 'safetensors are read as strictly as by the format itself'
run weights import "$models/plain.zip" "$files/nonutf8.safetensors" --output w.zip; exits 1; says 'header is not UTF-8'
run weights export "$models/plain.zip" good.safetensors; exits 0
python3 - <<'PY'
import struct
data = open('good.safetensors', 'rb').read()
n = struct.unpack('<Q', data[:8])[0]
header, rest = data[8:8 + n].decode().rstrip(), data[8 + n:]
def write(name, text): open(name, 'wb').write(struct.pack('<Q', len(text.encode())) + text.encode() + rest)
write('same', header)
write('blank', ' ' + header)
write('metadata', '{"__metadata__":{"epochs":3},' + header[1:])
write('twice', header[:-1] + ',' + header[1:])
write('hole', header.replace('"data_offsets":[0,', '"data_offsets":[4,'))
PY
for name in blank metadata twice hole; do run weights import "$models/plain.zip" $name --output w.zip; exits 1; says "'$name' does not contain weights"; done
absent w.zip
run weights import "$models/plain.zip" same --output w.zip; exits 0

case_ 28 'a type name of a forged record does not come to the runtime'
run inspect "$forged/type2500.zip"; exits 1; says "'.*type2500.zip' is not a readable model"; says "its name is not of the form 'Namespace.Type, Assembly'"
[ ${#err} -lt 600 ] || wrong "a message of ${#err} characters"

case_ 29 'small forged zips take neither memory nor time'
limit=20
peak() { /usr/bin/env python3 -c 'import resource,subprocess,sys; code=subprocess.run(sys.argv[1:],stdout=open("out","wb"),stderr=open("err","wb")).returncode; print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss//1024, code)' "$sconce" "$@"; }
for name in layers w30k nest120; do
    read -r megabytes code <<<"$(peak inspect "$forged/$name.zip")"; out=$(cat out); err=$(cat err)
    exits 1; says "'.*$name.zip' is not a readable model"; never_says 'Error during class instantiation|Copy the file again.*Copy the file again'
    [ "$megabytes" -lt 500 ] || wrong "$name.zip took $megabytes MB"
done
run inspect "$forged/layers.zip"; says "lacks the tensor 'recurrent.weight_ih_l1'"
run inspect "$forged/w30k.zip"; says "'dense1.weight' is F32\[8, 784\]"
python3 - "$models/plain.zip" <<'PY'
import sys, zipfile
source = zipfile.ZipFile(sys.argv[1])
def copy(name, change):
    with zipfile.ZipFile(name, 'w', zipfile.ZIP_DEFLATED) as out:
        for entry in source.namelist(): out.writestr(entry, change(entry, source.read(entry)))
        if name == 'bomb.zip': out.writestr('TransformerChain/Zeros', b'\0' * (300 << 20))
        if name == 'deep.zip': out.writestr('Transform_000/' * 300 + 'Model.key', b'x')
copy('bomb.zip', lambda entry, data: data)
copy('deep.zip', lambda entry, data: data)
PY
run inspect bomb.zip; exits 1; says "inflate to"
run inspect deep.zip; exits 1; says 'in 300 nested folders'

case_ 37 'weights that are NaN or infinite are refused by the name of the tensor'
python3 - "$models/plain.zip" <<'PY'
import hashlib, json, struct, sys, zipfile
source = zipfile.ZipFile(sys.argv[1])
entries = {name: source.read(name) for name in source.namelist()}
weights = next(name for name in entries if name.endswith('Weights.safetensors'))
training = next(name for name in entries if name.endswith('Training.json'))
data = bytearray(entries[weights])
n = struct.unpack('<Q', data[:8])[0]
at = 8 + n + json.loads(data[8:8 + n])['output.weight']['data_offsets'][0]
data[at:at + 4] = struct.pack('<f', float('nan'))
entries[weights] = bytes(data)
record = json.loads(entries[training])
record['Sha256']['Weights.safetensors'] = hashlib.sha256(entries[weights]).hexdigest()
entries[training] = json.dumps(record).encode()
with zipfile.ZipFile('nan.zip', 'w') as out:
    for name, content in entries.items(): out.writestr(name, content)
PY
run inspect nan.zip; exits 1; says "'nan.zip' is not a readable model.*value 0 of its tensor 'output.weight' is NaN"

case_ 27 'what is no file is not replaced'
mkfifo pipe.safetensors; : >file; ln -s file link.safetensors; ln -s nowhere dangling.safetensors
device=; if [ "$(id -u)" = 0 ] && mknod device.safetensors c 1 3 2>mknod.err; then device=device; fi
for name in pipe link dangling $device; do
    run weights export "$models/plain.zip" $name.safetensors; exits 1; says "'$name.safetensors' is a (link|pipe)"
done
ln -s nowhere model.zip; ln -s nowhere.onnx model.onnx; mkfifo pipe.zip
run export "$models/plain.zip" model.onnx; exits 1; says 'is a link'
for path in model.zip pipe.zip; do limit=15 run train sine --steps 1 --output $path; exits 1; says "'$path' is a (link|pipe)"; done
limit=120
[ -p pipe.safetensors ] && [ -p pipe.zip ] && [ -L link.safetensors ] && [ -L dangling.safetensors ] && [ -L model.zip ] && [ ! -s file ] || wrong 'something was replaced'
[ -z "$device" ] || [ -c device.safetensors ] || wrong 'the device was replaced'

case_ 35 'a full disk and a killed save leave nothing'
printf x >.w.safetensors.0123abcd.tmp
run weights export "$models/plain.zip" w.safetensors; exits 0
is "$(ls -A)" w.safetensors
mkdir full
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=4k tmpfs full 2>mount.err; then
    for arguments in "weights export $models/plain.zip full/big.safetensors" "export $models/plain.zip full/big.zip" "train sine --steps 1 --output full/big.zip"; do
        run $arguments; exits 1; says "Cannot write 'full/big\.[a-z]+': .*Free space there, or choose another path"; is "$(find full -type f)" ''
    done
    umount full
fi

case_ 39 'a run folder that cannot be written is found before the training'
mkdir -p run; ln -s nowhere run/run.json
run train sine --steps 2 --output m.zip --run ./run; exits 1; says 'run/run.json. is a link'
rm run/run.json; mkdir run/metrics.jsonl
run train sine --steps 2 --output m.zip --run ./run; exits 1; says "'metrics.jsonl' in it is a folder"
ln -s nowhere dangling
run train sine --steps 2 --output m.zip --run ./dangling; exits 1; says "dangling' is a link to"
absent m.zip
