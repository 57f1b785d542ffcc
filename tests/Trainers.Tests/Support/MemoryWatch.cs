using System.Diagnostics;

namespace Sconce.Trainers.Tests;

/// <summary>How far the managed heap and the process have grown since it was made, at the most of all looks.</summary>
internal sealed class MemoryWatch
{
    private readonly long _heap;
    private readonly long _resident;
    private long _mostHeap;
    private long _mostResident;

    public MemoryWatch()
    {
        Settle();
        _heap = GC.GetTotalMemory(forceFullCollection: true);
        _resident = Resident();
    }

    public void Look()
    {
        _mostHeap = Math.Max(_mostHeap, GC.GetTotalMemory(forceFullCollection: false) - _heap);
        _mostResident = Math.Max(_mostResident, Resident() - _resident);
    }

    public void AssertBelow(long bytes)
    {
        Assert.True(_mostHeap < bytes, $"the managed heap grew by {_mostHeap:N0} bytes");
        Assert.True(_mostResident < bytes, $"the process grew by {_mostResident:N0} bytes");
    }

    /// <summary>Collects what earlier tests have left, native memory behind finalizers included.</summary>
    public static void Settle()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        GC.Collect();
    }

    private static long Resident()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}

/// <summary>Progress on the training thread itself: <see cref="Progress{T}"/> posts to another one.</summary>
internal sealed class Immediate<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
