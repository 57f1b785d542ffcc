using Sconce.Trainers.Native;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Native;

public sealed class TorchThreadsTests : IDisposable
{
    /// <summary>More than one, wherever the tests run.</summary>
    private const int Everywhere = 3;

    private readonly int _before = OnNewThreads(1, get_num_threads)[0];

    public TorchThreadsTests() => SetEverywhere(Everywhere);

    public void Dispose() => SetEverywhere(_before);

    /// <summary>Threads that score begin at the same moment; whoever trains afterwards has all processors.</summary>
    [Fact]
    public void Each_thread_has_one_and_the_number_for_later_threads_stays()
    {
        for (var round = 0; round < 30; round++)
        {
            var scoring = OnNewThreads(8, () =>
            {
                TorchThreads.UseOne();
                return get_num_threads();
            });
            Assert.All(scoring, number => Assert.Equal(1, number));
            Assert.Equal(Everywhere, OnNewThreads(1, get_num_threads)[0]);
        }
    }

    private static void SetEverywhere(int number) => OnNewThreads(1, () =>
    {
        _ = get_num_threads();
        set_num_threads(number);
        return number;
    });

    private static int[] OnNewThreads(int count, Func<int> run)
    {
        TorchRuntime.EnsureLoaded();
        var results = new int[count];
        using var start = new Barrier(count);
        List<Thread> threads = [.. Enumerable.Range(0, count).Select(i => new Thread(() =>
        {
            start.SignalAndWait();
            results[i] = run();
        }))];
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return results;
    }
}
