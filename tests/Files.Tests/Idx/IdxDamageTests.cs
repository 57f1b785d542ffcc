using FsCheck;
using FsCheck.Fluent;
using Sconce.Tests;

namespace Sconce.Files.Tests.Idx;

/// <summary>What disks, networks and editors do to files.</summary>
public sealed class IdxDamageTests
{
    private static readonly byte[] _raw = IdxBytes.Images(400);
    private static readonly byte[] _packed = IdxBytes.Gzip(_raw);

    [Fact]
    public void A_file_cut_short_anywhere_is_refused()
    {
        foreach (var whole in (byte[][])[_raw, _packed])
        {
            for (var length = 0; length < whole.Length; length++)
                Assert.Throws<InvalidDataException>(() => IdxBytes.Read(whole[..length]));
        }
    }

    [Fact]
    public void Random_files_cut_short_anywhere_are_refused() =>
        Prop.ForAll(IdxParts.Any, Gen.Choose(0, int.MaxValue).ToArbitrary(), (parts, at) =>
        {
            var raw = IdxBytes.File(parts.Dimensions, parts.Values);
            var packed = IdxBytes.Gzip(raw);
            return IsRefused(raw[..(at % raw.Length)]) && IsRefused(packed[..(at % packed.Length)]);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_flipped_bit_in_a_compressed_file_is_noticed_or_changes_nothing()
    {
        for (var bit = 0; bit < 8 * _packed.Length; bit++)
        {
            var damaged = (byte[])_packed.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(IsRefused(damaged) || IdxBytes.Read(damaged).Data.Span.SequenceEqual(_raw.AsSpan(16)), $"bit {bit}");
        }
    }

    [Fact]
    public void A_changed_byte_in_a_random_compressed_file_is_noticed_or_changes_nothing() =>
        Prop.ForAll(IdxParts.Any, Gen.Choose(0, int.MaxValue).ToArbitrary(), Gen.Choose(1, 255).ToArbitrary(), (parts, at, change) =>
        {
            var packed = IdxBytes.Gzip(IdxBytes.File(parts.Dimensions, parts.Values));
            packed[at % packed.Length] ^= (byte)change;
            return IsRefused(packed) || IdxBytes.Read(packed).Data.Span.SequenceEqual(parts.Values);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void Random_bytes_after_the_start_of_a_file_are_refused_or_read_and_nothing_else() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), noise =>
        {
            byte[][] starts = [[], [0, 0], [0, 0, 8], [0, 0, 8, 1, 0, 0, 0], [0x1F, 0x8B], [0x1F, 0x8B, 8], .. Enumerable.Range(10, 20).Select(length => _packed[..length])];
            // Anything but these two outcomes leaves as the exception that it is and fails the property.
            return starts.All(start => IsRefused([.. start, .. noise]) || IdxBytes.Read([.. start, .. noise]).Count >= 0);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Damage_in_a_compressed_file_is_told_from_a_wrong_header()
    {
        var inside = (byte[])_packed.Clone();
        inside.AsSpan(30, 20).Fill(0xFF);
        Assert.Matches(@"^digits: at byte \d+: expected gzip data that inflates and passes its own check, found damaged data\. The file is damaged", Refusal(inside));

        Assert.Matches(@"^digits: at byte \d+: expected the gzip member's last 8 bytes to say \d+ bytes with CRC-32 [0-9A-F]{8}, as it has, found others, or the end of the file\.", Refusal(_packed[..(_packed.Length / 2)]));
    }

    [Theory]
    [InlineData("a missing trailer")]
    [InlineData("another trailer")]
    public void What_a_gzip_member_ends_with_is_checked(string ending)
    {
        byte[] file = ending == "a missing trailer" ? _packed[..^8] : [.. _packed[..^8], .. _packed[^4..], .. _packed[^8..^4]];
        Assert.Contains($"to say {_raw.Length} bytes with CRC-32 {Crc32ByBits(_raw):X8}, as it has", Refusal(file), StringComparison.Ordinal);
    }

    [Fact]
    public void Members_after_the_first_are_read_and_zeros_passed_over_and_all_else_refused()
    {
        byte[][] members = [IdxBytes.Gzip(_raw[..100]), IdxBytes.EmptyGzip, IdxBytes.Gzip(_raw[100..])];
        foreach (var file in (byte[][])[[.. members[0], .. members[1], .. members[2]], [.. members[0], .. members[2], .. new byte[1_000]], [.. _packed, .. IdxBytes.EmptyGzip], [.. _packed, 0]])
            Assert.Equal(_raw[16..], IdxBytes.Read(file).Data.ToArray());
        Assert.Contains("another gzip member, found other bytes", Refusal([.. _packed, 0, 1]), StringComparison.Ordinal);
        Assert.True(IsRefused([.. members[0], .. members[2][..^1]]));
        Assert.True(IsRefused([.. _packed, .. _packed]));
    }

    // Bit by bit from RFC 1952, section 8.
    private static uint Crc32ByBits(byte[] bytes)
    {
        var state = uint.MaxValue;
        foreach (var value in bytes)
        {
            for (var bit = 0; bit < 8; bit++)
                state = (state >> 1) ^ ((((state ^ ((uint)value >> bit)) & 1) != 0) ? 0xEDB88320 : 0);
        }

        return ~state;
    }

    private static string Refusal(byte[] file) => Assert.Throws<InvalidDataException>(() => IdxBytes.Read(file, "digits")).Message;

    private static bool IsRefused(byte[] file)
    {
        try
        {
            IdxBytes.Read(file);
            return false;
        }
        catch (InvalidDataException)
        {
            return true;
        }
    }
}
