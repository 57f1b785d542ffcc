using System.Globalization;
using System.Runtime.CompilerServices;

namespace Sconce.Fuzzing;

/// <summary>
/// Gives a reader files that were changed at random: each is read, or refused by an exception that the reader documents, and costs
/// memory in proportion to its size. <c>SCONCE_FUZZ</c> multiplies the number of inputs, and <c>SCONCE_FUZZ_SEED</c> makes them others.
/// </summary>
internal static class Fuzzer
{
    /// <summary>More than any input here may take: they are a few kilobytes each, and what a file of the size says may be inflated some hundred times.</summary>
    private const long MostBytes = 256L << 20;

    private const int MostFailures = 5;

    /// <param name="corpus">Files that can be read.</param>
    /// <param name="inputs">The number of inputs.</param>
    /// <param name="mutate">Makes an input; null for any change of bytes.</param>
    /// <param name="read">Reads it, and all that it holds.</param>
    /// <param name="isDocumented">Whether the reader may refuse an input by this exception.</param>
    /// <param name="name">Names the kept inputs.</param>
    public static void Run(
        IReadOnlyList<byte[]> corpus, int inputs, Action<byte[]> read, Func<Exception, bool> isDocumented, Func<Mutator, byte[], byte[]>? mutate = null, [CallerMemberName] string name = "")
    {
        foreach (var file in corpus)
            read(file);
        var (times, first) = (Setting("SCONCE_FUZZ", 1), Setting("SCONCE_FUZZ_SEED", 0));
        List<string> failures = [];
        var refused = 0;
        for (var i = 0; i < inputs * times && failures.Count < MostFailures; i++)
        {
            var seed = first * 1_000_003 + i;
            var (file, other) = (corpus[i % corpus.Count], corpus[(i / corpus.Count + i) % corpus.Count]);
            var input = mutate is null ? new Mutator(seed).Mutate(file, other) : mutate(new Mutator(seed), file);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read(input);
            }
            catch (Exception exception) when (isDocumented(exception) && exception is not (OutOfMemoryException or NullReferenceException))
            {
                refused++;
            }
            catch (Exception exception)
            {
                failures.Add(Keep(input, exception.ToString()));
            }

            var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            if (bytes > MostBytes)
                failures.Add(Keep(input, $"{bytes:N0} bytes of memory for an input of {input.Length:N0}"));

            string Keep(byte[] content, string what)
            {
                var path = Path.Combine(Path.GetTempPath(), $"sconce-fuzz-{name}-{seed}");
                File.WriteAllBytes(path, content);
                return $"Seed {seed} ({path}): {what}";
            }
        }

        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
        // A mutator that breaks nothing, or everything, tests nothing.
        Assert.InRange(refused, 1, inputs * times);
    }

    private static int Setting(string name, int usual) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : usual;
}
