namespace Sconce.Pipelines.Tests.Scoring;

/// <summary>How a <see cref="FaultyFiles"/> fails.</summary>
public enum Fault
{
    /// <summary>One operation fails.</summary>
    Once,

    /// <summary>From then on nothing can be written; renaming and deleting succeed.</summary>
    FullDisk,

    /// <summary>From then on nothing succeeds: the process is gone.</summary>
    Death,
}

/// <summary>Files of which the operation of a number fails: what was to be written is half written then.</summary>
internal sealed class FaultyFiles(int failing = int.MaxValue, Fault fault = Fault.Once) : FileOperations
{
    public const string Reason = "the fault that was wanted";

    /// <summary>The operations so far.</summary>
    public int Count { get; private set; }

    public override FileStream Create(string path) => Open(path, FileMode.Create);

    public override FileStream OpenLines(string path) => Open(path, FileMode.OpenOrCreate, bufferSize: 0);

    public override FileStream OpenRead(string path)
    {
        Step();
        return base.OpenRead(path);
    }

    public override void Move(string from, string to)
    {
        Step();
        base.Move(from, to);
    }

    public override void Delete(string path)
    {
        Step();
        base.Delete(path);
    }

    private Stream Open(string path, FileMode mode, int bufferSize = 4096)
    {
        Step(writes: true);
        return new Stream(this, path, mode, bufferSize);
    }

    private void Step(bool writes = false)
    {
        Count++;
        if (Count == failing || (Count > failing && (fault == Fault.Death || (fault == Fault.FullDisk && writes))))
            throw new IOException(Reason);
    }

    private sealed class Stream(FaultyFiles files, string path, FileMode mode, int bufferSize) : FileStream(path, mode, FileAccess.ReadWrite, FileShare.Read, bufferSize)
    {
        // All other ways of writing come here.
        public override void Write(byte[] buffer, int offset, int count)
        {
            try
            {
                files.Step(writes: true);
            }
            catch (IOException)
            {
                base.Write(buffer, offset, count / 2);
                throw;
            }

            base.Write(buffer, offset, count);
        }

        public override void Flush(bool flushToDisk)
        {
            if (flushToDisk)
                files.Step(writes: true);
            // No test cuts the power: the disk is spared.
            base.Flush(flushToDisk: false);
        }

        public override void SetLength(long value)
        {
            files.Step();
            base.SetLength(value);
        }
    }
}
