using System.Buffers.Binary;
using System.Text;
using Sconce.Trainers.Native;

namespace Sconce.Trainers.Tests.Native;

/// <summary>The edit that lets the library load on older systems, made to a copy of the library itself.</summary>
public class ElfVersionNeedsTests
{
    private const string Version = "GLIBCXX_3.4.32";

    private static byte[] Library
    {
        get
        {
            Assert.SkipUnless(OperatingSystem.IsLinux(), "ELF is the format of Linux libraries.");
            return File.ReadAllBytes(TorchLibraries.Find(TorchLibraries.FileName, TorchRuntime.SearchDirectories())!);
        }
    }

    [Fact]
    public void One_byte_is_changed_the_flag_of_that_versions_entry()
    {
        var original = Library;
        var weakened = original.ToArray();
        Assert.True(ElfVersionNeeds.Weaken(weakened, Version));

        var at = Assert.Single(Enumerable.Range(0, original.Length), i => original[i] != weakened[i]);
        Assert.Equal((0, 2), (original[at], weakened[at]));

        // The entry starts four bytes before its flags, with the System V hash of the version's name.
        Assert.Equal(ElfHash(Version), BinaryPrimitives.ReadUInt32LittleEndian(original.AsSpan(at - 4)));
    }

    [Fact]
    public void A_second_time_changes_nothing()
    {
        var weakened = Library;
        ElfVersionNeeds.Weaken(weakened, Version);
        var once = weakened.ToArray();
        Assert.False(ElfVersionNeeds.Weaken(weakened, Version));
        Assert.Equal(once, weakened);
    }

    [Theory]
    [InlineData("GLIBCXX_9.9.9")]
    [InlineData("GLIBCXX_3.4.3")] // the beginning of one that is needed
    [InlineData("LIBCXX_3.4.32")] // the end of one
    [InlineData("")]
    public void A_version_that_is_not_needed_changes_nothing(string version)
    {
        var original = Library;
        var copy = original.ToArray();
        Assert.False(ElfVersionNeeds.Weaken(copy, version));
        Assert.Equal(original, copy);
    }

    [Fact]
    public void Every_version_that_is_needed_is_found_by_its_name()
    {
        // The standard C library's first version is needed by every library for x64.
        var copy = Library;
        Assert.True(ElfVersionNeeds.Weaken(copy, "GLIBC_2.2.5"));
    }

    public static TheoryData<string> NoElf =>
    [
        "",
        "\u007FELF",
        "\u007FELF\u0001\u0001" + new string('\0', 200), // 32 bits
        "\u007FELF\u0002\u0002" + new string('\0', 200), // big-endian
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 13107200\n",
        "MZ, a library of Windows" + new string(' ', 200),
    ];

    [Theory]
    [MemberData(nameof(NoElf))]
    public void A_file_of_another_format_is_refused(string file) =>
        Sentence.Has(Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.Weaken(Encoding.Latin1.GetBytes(file), Version)), "64-bit little-endian ELF");

    [Theory]
    [InlineData(6)]
    [InlineData(64)]
    [InlineData(1_000)]
    [InlineData(100_000)]
    [InlineData(-64)]
    public void A_library_that_is_cut_short_is_refused(int length)
    {
        var library = Library;
        var cut = length < 0 ? library[..^-length] : library[..length];
        Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.Weaken(cut, Version));
    }

    private static uint ElfHash(string name)
    {
        uint hash = 0;
        foreach (var character in name)
        {
            hash = (hash << 4) + character;
            var high = hash & 0xF0000000;
            hash = (hash ^ (high >> 24)) & ~high;
        }

        return hash;
    }
}
