using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Sconce.Core.Storage;

namespace Sconce.Pipelines.Plots;

/// <summary>Puts PNG pictures of one size together to one that moves, which every browser shows; what cannot move it shows the first.</summary>
/// <remarks>"Portable Network Graphics (PNG) Specification (Third Edition)", W3C 2025, section 11.3.6: a frame's header (fcTL), then its compressed pixels (the first in IDAT, the others in fdAT), all numbered.</remarks>
internal sealed class AnimatedPng : IDisposable
{
    private const int SignatureBytes = 8;
    private const int LengthBytes = 4;
    private const int TypeBytes = 4;
    private const int ChecksumBytes = 4;

    private readonly MemoryStream _frames = new();
    private byte[]? _signature;
    private byte[]? _header;
    private uint _sequence;
    private uint _count;

    /// <summary>Adds a frame.</summary>
    /// <param name="png">A whole PNG file, of the same size and kind of pixels as the first.</param>
    /// <param name="duration">How long it is shown; at most 65 seconds.</param>
    /// <exception cref="ArgumentException">Its size or its kind of pixels is another.</exception>
    public void Add(ReadOnlySpan<byte> png, TimeSpan duration)
    {
        _signature ??= png[..SignatureBytes].ToArray();
        var chunks = png[SignatureBytes..];
        while (!chunks.IsEmpty)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(chunks);
            var data = chunks.Slice(LengthBytes + TypeBytes, length);
            switch (Encoding.ASCII.GetString(chunks.Slice(LengthBytes, TypeBytes)))
            {
                case "IHDR":
                    Begin(data, duration);
                    break;
                case "IDAT" when _count == 1:
                    WriteChunk(_frames, "IDAT", data);
                    break;
                case "IDAT":
                    WriteChunk(_frames, "fdAT", [.. Number(_sequence++), .. data]);
                    break;
            }

            chunks = chunks[(LengthBytes + TypeBytes + length + ChecksumBytes)..];
        }
    }

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <param name="path">The file, which has to end in .png.</param>
    /// <exception cref="ArgumentException">The ending is another.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        PngFile.CheckEnding(path);
        if (_signature is null || _header is null)
            throw new InvalidOperationException($"'{path}' would have no frames.");
        AtomicFile.Write(path, stream =>
        {
            stream.Write(_signature);
            WriteChunk(stream, "IHDR", _header);
            // The number of frames, and how often they are shown: 0 is for ever.
            WriteChunk(stream, "acTL", [.. Number(_count), .. Number(0)]);
            _frames.WriteTo(stream);
            WriteChunk(stream, "IEND", []);
        });
    }

    public void Dispose() => _frames.Dispose();

    /// <summary>The header of a frame that covers the whole picture and replaces what was there.</summary>
    private void Begin(ReadOnlySpan<byte> header, TimeSpan duration)
    {
        _header ??= header.ToArray();
        if (!header.SequenceEqual(_header))
            throw new ArgumentException($"Frame {_count} has another size, or another kind of pixels, than the first; all frames need the same.", nameof(header));
        _count++;
        var size = header[..8];
        // Width and height, the place of the upper left corner, the time as a fraction of a second, and two zeros: what
        // is there is neither kept nor blended.
        WriteChunk(_frames, "fcTL", [.. Number(_sequence++), .. size, .. Number(0), .. Number(0), .. Short((ushort)duration.TotalMilliseconds), .. Short(1000), 0, 0]);
    }

    private static void WriteChunk(Stream stream, string type, ReadOnlySpan<byte> data)
    {
        stream.Write(Number((uint)data.Length));
        Span<byte> name = stackalloc byte[TypeBytes];
        Encoding.ASCII.GetBytes(type, name);
        stream.Write(name);
        stream.Write(data);
        var checksum = new Crc32();
        checksum.Append(name);
        checksum.Append(data);
        stream.Write(Number(checksum.GetCurrentHashAsUInt32()));
    }

    private static byte[] Number(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Short(ushort value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return bytes;
    }
}
