using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Sconce.Pipelines.Scoring;

/// <summary>Processes items in parallel; results are in order, and produced no faster than they are consumed.</summary>
internal static class OrderedWorkers
{
    /// <summary>Processes all items.</summary>
    /// <param name="items">The items; they are enumerated on a separate thread, a few ahead of the results.</param>
    /// <param name="begin">Called once on each worker thread; returns the function that processes items there.</param>
    /// <param name="workers">The number of threads, at least 1.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <remarks>An exception is thrown after the results before it. The work ends when the caller stops enumerating.</remarks>
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
            // The resources of the work may be freed only after it has ended.
            await Task.WhenAll(threads).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Enumerates a sequence on the caller's thread.</summary>
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
#pragma warning disable CA1031 // Whatever it is, it is rethrown to the caller.
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
