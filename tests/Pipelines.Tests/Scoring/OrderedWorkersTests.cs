using Sconce.Pipelines.Scoring;

namespace Sconce.Pipelines.Tests.Scoring;

public class OrderedWorkersTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public async Task Results_come_in_the_items_order_whichever_is_ready_first(int workers)
    {
        var random = new Random(1);
        var pauses = Enumerable.Range(0, 200).Select(_ => random.Next(3)).ToArray();
        var results = OrderedWorkers.Run<int, int>(Count(pauses.Length), () => item =>
        {
            Thread.Sleep(pauses[item]);
            return item;
        }, workers, Token);
        Assert.Equal(Enumerable.Range(0, pauses.Length), await results.ToListAsync(Token));
    }

    [Fact]
    public async Task Each_thread_begins_once_and_all_of_them_work()
    {
        using var together = new Barrier(3);
        var begun = 0;
        var results = OrderedWorkers.Run<int, int>(Count(3), () =>
        {
            Interlocked.Increment(ref begun);
            // No item is done before there is one for each thread.
            return item => together.SignalAndWait(TimeSpan.FromSeconds(30)) ? item : -1;
        }, 3, Token);
        Assert.Equal([0, 1, 2], await results.ToListAsync(Token));
        Assert.Equal(3, begun);
    }

    /// <summary>Back-pressure: whoever takes nothing is given no more than waits between the stages.</summary>
    [Fact]
    public async Task No_more_items_are_asked_for_than_can_wait()
    {
        const int Workers = 2;
        var asked = 0;
        await using var results = OrderedWorkers.Run<int, int>(Ask(), () => item => item, Workers, Token).GetAsyncEnumerator(Token);
        for (var taken = 1; taken <= 50; taken++)
        {
            Assert.True(await results.MoveNextAsync());
            await Task.Delay(1, Token);
            // Waiting for a thread, at work, waiting to be taken, and the one that waits for room.
            Assert.InRange(Volatile.Read(ref asked), taken, taken + 2 * Workers + 2);
        }

        async IAsyncEnumerable<int> Ask()
        {
            while (true)
            {
                await Task.Yield();
                yield return asked++;
            }
        }
    }

    [Fact]
    public async Task What_goes_wrong_comes_after_the_results_before_it()
    {
        var ofWork = OrderedWorkers.Run<int, int>(Count(20), () => item => item == 7 ? throw new TimeZoneNotFoundException() : item, 3, Token);
        Assert.Equal(Enumerable.Range(0, 7), await TakeUntil<TimeZoneNotFoundException>(ofWork));
        var ofItems = OrderedWorkers.Run<int, int>(Fail(after: 5), () => item => item, 3, Token);
        Assert.Equal(Enumerable.Range(0, 5), await TakeUntil<TimeZoneNotFoundException>(ofItems));
        var ofBeginning = OrderedWorkers.Run<int, int>(Count(20), () => throw new TimeZoneNotFoundException(), 3, Token);
        Assert.Empty(await TakeUntil<TimeZoneNotFoundException>(ofBeginning));

        static async IAsyncEnumerable<int> Fail(int after)
        {
            await foreach (var item in Count(after))
                yield return item;
            throw new TimeZoneNotFoundException();
        }
    }

    /// <summary>When the results are let go, nothing works any more: what the work uses may be freed.</summary>
    [Fact]
    public async Task Whoever_stops_taking_stops_the_work()
    {
        var (ended, working) = (false, 0);
        await foreach (var result in OrderedWorkers.Run<int, int>(Endless(), () => item => { Interlocked.Increment(ref working); Thread.Sleep(1); Interlocked.Decrement(ref working); return item; }, 3, Token))
        {
            if (result == 10)
                break;
        }

        Assert.Equal((true, 0), (ended, working));

        async IAsyncEnumerable<int> Endless()
        {
            try
            {
                for (var item = 0; ; item++)
                {
                    await Task.Yield();
                    yield return item;
                }
            }
            finally
            {
                ended = true;
            }
        }
    }

    [Fact]
    public async Task Cancellation_ends_it_whoever_waits()
    {
        using var stop = new CancellationTokenSource();
        var results = OrderedWorkers.Run<int, int>(Count(20), () => item =>
        {
            if (item == 3)
                stop.Cancel();
            return item;
        }, 2, stop.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await results.ToListAsync(Token));
    }

    private static async IAsyncEnumerable<int> Count(int count)
    {
        for (var item = 0; item < count; item++)
        {
            await Task.Yield();
            yield return item;
        }
    }

    private static async Task<List<int>> TakeUntil<TException>(IAsyncEnumerable<int> results)
        where TException : Exception
    {
        List<int> taken = [];
        await Assert.ThrowsAsync<TException>(async () =>
        {
            await foreach (var result in results)
                taken.Add(result);
        });
        return taken;
    }
}
