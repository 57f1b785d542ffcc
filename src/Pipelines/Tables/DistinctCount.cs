using System.IO.Hashing;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Sconce.Pipelines.Tables;

/// <summary>Counts different values: exactly up to 4,096, and beyond with HyperLogLog (Flajolet et al., 2007), whose error is about 0.8 %.</summary>
internal sealed class DistinctCount
{
    public const int MostExact = 4_096;

    private const int IndexBits = 14;
    private const int Registers = 1 << IndexBits;

    private HashSet<ulong>? _exact = [];
    private byte[]? _registers;

    public void Add(string text) => AddHash(XxHash64.HashToUInt64(MemoryMarshal.AsBytes(text.AsSpan())));

    public void Add(double number) => AddHash(XxHash64.HashToUInt64(MemoryMarshal.AsBytes(new ReadOnlySpan<double>(in number))));

    public long Count => _exact?.Count ?? Estimate();

    private void AddHash(ulong hash)
    {
        if (_exact is null)
        {
            Register(hash);
            return;
        }

        _exact.Add(hash);
        if (_exact.Count <= MostExact)
            return;
        _registers = new byte[Registers];
        foreach (var each in _exact)
            Register(each);
        _exact = null;
    }

    private void Register(ulong hash)
    {
        ref var register = ref _registers![hash >> (64 - IndexBits)];
        register = byte.Max(register, (byte)(BitOperations.LeadingZeroCount((hash << IndexBits) | (1UL << (IndexBits - 1))) + 1));
    }

    private long Estimate()
    {
        var sum = _registers!.Sum(register => Math.ScaleB(1, -register));
        var estimate = 0.7213 / (1 + 1.079 / Registers) * Registers * Registers / sum;
        var empty = _registers!.Count(register => register == 0);
        // Linear counting is better while many registers are empty.
        return (long)Math.Round(estimate <= 2.5 * Registers && empty > 0 ? Registers * Math.Log((double)Registers / empty) : estimate);
    }
}
