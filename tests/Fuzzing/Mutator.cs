using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Sconce.Fuzzing;

/// <summary>Changes bytes and JSON at random, but the same way for the same seed: what disks, networks, other programs and forgers do to files.</summary>
internal sealed class Mutator(int seed)
{
    private static readonly long[] _numbers = [0, 1, -1, 2, 7, 127, 128, 255, 256, 32_767, 65_536, int.MaxValue, int.MinValue, uint.MaxValue, 1L << 40, long.MaxValue, long.MinValue];

    private static readonly string[] _tokens =
    [
        "", "-1", "0", "1e999", "-1e-999", "2147483648", "9223372036854775808", "99999999999999999999999", "NaN", "null", "true", "\"", "\"\"", "\\", ",", ";", "\n", "\r", "\r\n", "{", "[", "}", "]", ":",
        "\0", "\u001b[31m", "\uFEFF", "\uFFFD", "é", "🙂", "A", "../", "/dev/null", "=1+1",
    ];

    private readonly Random _random = new(seed);

    /// <summary>Changes a file in one to four ways.</summary>
    /// <param name="file">What is changed; it stays as it is.</param>
    /// <param name="other">What parts are taken from now and then.</param>
    public byte[] Mutate(byte[] file, byte[] other)
    {
        List<byte> bytes = [.. file];
        for (var changes = _random.Next(1, 5); changes > 0; changes--)
            Change(bytes, other);
        return [.. bytes];
    }

    /// <summary>Changes a value somewhere in a JSON document, or takes it away.</summary>
    public JsonNode Mutate(JsonNode document)
    {
        var root = document.DeepClone();
        var places = Places(root).ToList();
        if (places.Count == 0)
            return root;
        var (parent, name, index) = places[_random.Next(places.Count)];
        if (_random.Next(6) == 0)
        {
            if (parent is JsonObject removed)
                removed.Remove(name!);
            else
                ((JsonArray)parent).RemoveAt(index);
            return root;
        }

        var value = Value();
        if (parent is JsonObject changed)
            changed[name!] = value;
        else
            ((JsonArray)parent)[index] = value;
        return root;
    }

    private static IEnumerable<(JsonNode Parent, string? Name, int Index)> Places(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => Places(member.Value).Prepend((members, member.Key, 0))),
        JsonArray items => items.SelectMany((item, i) => Places(item).Prepend((items, null, i))),
        _ => [],
    };

    private JsonNode? Value() => _random.Next(8) switch
    {
        0 => null,
        1 => new JsonObject(),
        2 => new JsonArray(_random.Next(2) == 0 ? [] : [1, "x", null]),
        3 => JsonValue.Create(_random.Next(2) == 0),
        4 => JsonValue.Create(_random.NextDouble() * Math.Pow(10, _random.Next(-20, 300))),
        5 => JsonValue.Create(_tokens[_random.Next(_tokens.Length)]),
        6 => JsonValue.Create(new string('x', _random.Next(3_000))),
        _ => JsonValue.Create(_numbers[_random.Next(_numbers.Length)]),
    };

    private void Change(List<byte> bytes, byte[] other)
    {
        var at = _random.Next(bytes.Count + 1);
        var length = Math.Min(bytes.Count - at, _random.Next(2) == 0 ? _random.Next(1, 9) : _random.Next(bytes.Count + 1));
        switch (_random.Next(9))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)_random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, length);
                break;
            case 3:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 4:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 5:
                var from = _random.Next(other.Length + 1);
                bytes.InsertRange(at, other.AsSpan(from, _random.Next(other.Length - from + 1)).ToArray());
                break;
            case 6:
                Span<byte> number = stackalloc byte[8];
                BinaryPrimitives.WriteInt64LittleEndian(number, _numbers[_random.Next(_numbers.Length)]);
                if (_random.Next(4) == 0)
                    number.Reverse();
                Overwrite(number[..(1 << _random.Next(4))]);
                break;
            case 7:
                bytes.InsertRange(at, Encoding.UTF8.GetBytes(_tokens[_random.Next(_tokens.Length)]));
                break;
            default:
                // A number of the text becomes another one.
                var digit = bytes.FindIndex(at, value => value is >= (byte)'0' and <= (byte)'9');
                if (digit >= 0)
                {
                    bytes.RemoveAt(digit);
                    bytes.InsertRange(digit, Encoding.UTF8.GetBytes(_numbers[_random.Next(_numbers.Length)].ToString(CultureInfo.InvariantCulture)));
                }

                break;
        }

        void Overwrite(ReadOnlySpan<byte> value)
        {
            for (var i = 0; i < value.Length && at + i < bytes.Count; i++)
                bytes[at + i] = value[i];
        }
    }
}
