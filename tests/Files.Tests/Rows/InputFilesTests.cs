using Sconce.Files.Rows;
using Sconce.Tests;

namespace Sconce.Files.Tests.Rows;

/// <summary>Which files are meant, and in which order.</summary>
public sealed class InputFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public InputFilesTests()
    {
        foreach (var name in (string[])["day-1.csv", "day-10.csv", "day-2.csv", "Day-3.csv", "day-4.jsonl", ".day-5.csv", "day-6.csv.tmp", "day-7.csv.part", "sub/day-8.csv", "sub/deep/day-9.csv", "sub/.hidden/day-0.csv", "_SUCCESS", "_log/day-0.csv", "sub/x.tmp/day-0.csv"])
            Touch(name);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_is_all_files_in_it_but_hidden_and_unfinished_ones() =>
        Assert.Equal(["Day-3.csv", "day-1.csv", "day-10.csv", "day-2.csv", "day-4.jsonl", "sub/day-8.csv", "sub/deep/day-9.csv"], Find(""));

    [Theory]
    [InlineData("day-*.csv", "day-1.csv", "day-10.csv", "day-2.csv")]
    [InlineData("day-?.csv", "day-1.csv", "day-2.csv")]
    [InlineData("day-1?.csv", "day-10.csv")]
    [InlineData("?ay-3*", "Day-3.csv")]
    [InlineData("*", "Day-3.csv", "day-1.csv", "day-10.csv", "day-2.csv", "day-4.jsonl", "day-6.csv.tmp", "day-7.csv.part")]
    [InlineData(".*.csv", ".day-5.csv")]
    [InlineData("_*", "_SUCCESS")]
    [InlineData("_*/*", "_log/day-0.csv")]
    [InlineData("*/*.csv", "sub/day-8.csv")]
    [InlineData("s?b/*/day-*", "sub/deep/day-9.csv", "sub/x.tmp/day-0.csv")]
    [InlineData("*/day-8.csv", "sub/day-8.csv")]
    [InlineData("sub/**", "sub/day-8.csv", "sub/deep/day-9.csv", "sub/x.tmp/day-0.csv")]
    [InlineData("**/day-?.csv", "day-1.csv", "day-2.csv", "sub/day-8.csv", "sub/deep/day-9.csv", "sub/x.tmp/day-0.csv")]
    [InlineData("**/deep/*", "sub/deep/day-9.csv")]
    [InlineData("sub/**/**/day-9.*", "sub/deep/day-9.csv")]
    [InlineData("sub/../day-1*", "sub/../day-1.csv", "sub/../day-10.csv")]
    public void A_pattern_is_what_matches_it(string pattern, params string[] files)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || OperatingSystem.IsMacOS(), "Names' case counts here.");
        Assert.Equal(files, Find(pattern));
    }

    [Fact]
    public void Inputs_keep_their_order_and_what_is_named_twice_is_read_twice() =>
        Assert.Equal(["day-2.csv", "day-1.csv", "day-2.csv", "day-10.csv", "day-1.csv"], Find("day-2.csv", "day-?.csv", "day-10.csv", "day-1.csv"));

    [Fact]
    public void Relative_inputs_stay_relative()
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, _folder.FullName);
        Assert.Equal([Path.Combine(relative, "day-1.csv"), Path.Combine(relative, "day-2.csv")], InputFiles.Find([Path.Combine(relative, "day-?.csv")]));
        Assert.Equal([Path.Combine(relative, "sub", "day-8.csv"), Path.Combine(relative, "sub", "deep", "day-9.csv")], InputFiles.Find([Path.Combine(relative, "sub")]));
        // The tests' own folder has this assembly in it.
        Assert.Contains("Sconce.Files.Tests.dll", Directory.GetFiles(AppContext.BaseDirectory).Select(Path.GetFileName));
        var here = InputFiles.Find([Path.Combine(Path.GetRelativePath(Environment.CurrentDirectory, AppContext.BaseDirectory), "Sconce.Pipelines.Test?.dll")]);
        Assert.EndsWith("Sconce.Files.Tests.dll", Assert.Single(here), StringComparison.Ordinal);
    }

    [Fact]
    public void Standard_input_is_itself_and_is_read_once()
    {
        Assert.Equal(["-"], InputFiles.Find(["-"]));
        Assert.Equal(["-", _folder.PathOf("day-1.csv")], InputFiles.Find(["-", _folder.PathOf("day-1.csv")]));
        Assert.Contains("is named more than once", Assert.Throws<ArgumentException>(() => InputFiles.Find(["-", "-"])).Message, StringComparison.Ordinal);
    }

    /// <summary>What there is goes before what it would mean as a pattern, in folders of such names too.</summary>
    [Fact]
    public void Names_with_special_characters_are_names()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Such names cannot be there.");
        foreach (var name in (string[])["day-*.csv", "[a].csv", "we*rd [1]/a.csv", "we*rd [1]/b.csv", "weird [1]/c.csv", "{x} $y ü/a.csv"])
            Touch(name);
        Assert.Equal(["day-*.csv"], Find("day-*.csv"));
        Assert.Equal(["[a].csv"], Find("[a].csv"));
        Assert.Equal(["we*rd [1]/a.csv", "we*rd [1]/b.csv"], Find("we*rd [1]/*.csv"));
        Assert.Equal(["we*rd [1]/a.csv", "we*rd [1]/b.csv"], Find("we*rd [1]"));
        Assert.Equal(["we*rd [1]/a.csv", "we*rd [1]/b.csv", "weird [1]/c.csv"], Find("we?rd [1]/?.csv"));
        Assert.Equal(["{x} $y ü/a.csv"], Find("{x} $y ü/*"));
    }

    [Fact]
    public void Links_to_folders_are_followed_but_not_around()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        Directory.CreateSymbolicLink(_folder.PathOf("sub/loop"), _folder.PathOf("sub"));
        Directory.CreateDirectory(_folder.PathOf("other"));
        Directory.CreateSymbolicLink(_folder.PathOf("other/link"), _folder.PathOf("sub/deep"));
        File.CreateSymbolicLink(_folder.PathOf("other/gone.csv"), "/nowhere/at/all.csv");
        Assert.Equal(["sub/day-8.csv", "sub/deep/day-9.csv"], Find("sub"));
        Assert.Equal(["sub/day-8.csv", "sub/deep/day-9.csv"], Find("sub/**/day-[89].csv".Replace("[89]", "?", StringComparison.Ordinal)).Where(file => !file.Contains(".tmp", StringComparison.Ordinal)));
        // A link to nothing is no less a file that was meant: reading it says what is wrong.
        Assert.Equal(["other/gone.csv", "other/link/day-9.csv"], Find("other"));
    }

    [Fact]
    public void An_input_without_a_file_says_so()
    {
        var root = _folder.FullName;
        Assert.Equal($"There is no input file '{root}/day-33.csv' (did you mean '{root}/Day-3.csv'?).", Refuse("day-33.csv"));
        Assert.Equal($"There is no input file '{root}/quite another'.", Refuse("quite another"));
        Assert.Equal($"There is no input file '{root}/sbu/' (did you mean '{root}/sub'?).", Refuse("sbu/"));
        Assert.Equal($"There is no input file '{root}/none/a.csv'.", Refuse("none/a.csv"));
        Assert.Equal($"No file matches 'night-*.csv' in '{root}'.", Refuse("night-*.csv"));
        Assert.Equal($"No file matches '*/*/*/*.csv' in '{root}/sub'.", Refuse("sub/*/*/*/*.csv"));
        Assert.Equal($"No file matches '*.csv' in '{root}/sbu', which is not there (did you mean '{root}/sub'?).", Refuse("sbu/*.csv"));
        Assert.Equal($"No file matches '[dD]ay-1*x' in '{root}'.", Refuse("[dD]ay-1*x"));
        Assert.Equal($"No file matches 'su*' in '{root}'.", Refuse("su*"));
        Directory.CreateDirectory(_folder.PathOf("empty"));
        foreach (var name in (string[])["empty/.x", "empty/a.part", "empty/B.TMP", "empty/c.Part"])
            Touch(name);
        Assert.Equal($"'{root}/empty' has no files; those with a point or an underscore before their names, and those that end in .tmp or .part, do not count.", Refuse("empty"));
        Assert.StartsWith("No file matches 'no-such-file-*' in '.'.", Assert.Throws<FileNotFoundException>(() => InputFiles.Find(["no-such-file-*"])).Message, StringComparison.Ordinal);
        // The good ones do not help.
        Assert.Throws<FileNotFoundException>(() => Find("day-1.csv", "none"));

        string Refuse(string name) => Assert.Throws<FileNotFoundException>(() => InputFiles.Find([$"{root}/{name}"])).Message;
    }

    private string[] Find(params string[] names) =>
        [.. InputFiles.Find(names.Select(name => Path.Combine(_folder.FullName, name))).Select(path => path[(_folder.FullName.Length + 1)..].Replace('\\', '/'))];

    private void Touch(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.PathOf(name))!);
        File.WriteAllText(_folder.PathOf(name), "");
    }
}
