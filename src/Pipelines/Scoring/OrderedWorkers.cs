using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Sconce.Pipelines.Scoring;

/// <summary>Work on items beside each other, whose results come in the items' order, and no faster than they are taken.</summary>
internal static class OrderedWorkers
{
    /// <summary>Runs work on each item.</summary>
    /// <param name="items">The items; they are asked for on a thread of their own, a few ahead of what is taken.</param>
    /// <param name="begin">Is called once on each working thread, and gives what works there.</param>
    /// <param name="workers">The number of threads, at least 1.</param>
    /// <param name="cancellation">Ends it all.</param>
    /// <remarks>An exception, of the items or of the work, comes after the results before it. Whoever stops taking results stops the work.</remarks>
    public static async IAsyncEnumerable<TResult> Run<TItem, TResult>(
        IAsyncEnumerable<TItem> items, Func<Func<TItem, TResult>> begin, int workers, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var waiting = Channel.CreateBounded<(TItem Item, TaskCompletionSource<TResult> Result)>(workers);
        var results = Channel.CreateBounded<Task<TResult>>(2 * workers);
        List<Task> threads = [Task.Run(() => Produce(items, waiting.Writer, results.Writer, stop.Token), CancellationToken.None)];
        for (var i = 0; i < workers; i++)
            threads.Add(Task.Factory.StartNew(() => Work(waiting.Reader, begin, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        try
        {
            await foreach (var result in results.Reader.ReadAllAsync(stop.Token).ConfigureAwait(false))
                yield return await result.WaitAsync(stop.Token).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            // Nothing that the work uses may be freed before it has ended.
            await Task.WhenAll(threads).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Gives a sequence's items as they come, on whatever thread asks for them.</summary>
    public static async IAsyncEnumerable<T> ToAsync<T>(IEnumerable<T> items)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (var item in items)
            yield return item;
    }

    private static async Task Produce<TItem, TResult>(
        IAsyncEnumerable<TItem> items, ChannelWriter<(TItem, TaskCompletionSource<TResult>)> waiting, ChannelWriter<Task<TResult>> results, CancellationToken stop)
    {
        Exception? failure = null;
        try
        {
            await foreach (var item in items.WithCancellation(stop).ConfigureAwait(false))
            {
                var result = new TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously);
                await results.WriteAsync(result.Task, stop).ConfigureAwait(false);
                await waiting.WriteAsync((item, result), stop).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // Whatever it is, it is thrown again to whoever takes the results.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception;
        }

        waiting.Complete();
        results.Complete(failure);
    }

    private static void Work<TItem, TResult>(ChannelReader<(TItem Item, TaskCompletionSource<TResult> Result)> waiting, Func<Func<TItem, TResult>> begin, CancellationToken stop)
    {
        Func<TItem, TResult>? work = null;
        while (waiting.WaitToReadAsync(stop).AsTask().GetAwaiter().GetResult())
        {
            if (!waiting.TryRead(out var next))
                continue;
            try
            {
                work ??= begin();
                next.Result.SetResult(work(next.Item));
            }
#pragma warning disable CA1031 // Likewise.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                next.Result.SetException(exception);
            }
        }
    }
}
