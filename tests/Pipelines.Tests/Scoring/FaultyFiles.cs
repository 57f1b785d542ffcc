using Sconce.Core.Storage;

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

    /// <summary>The operations so far, each with the file's name: those that write are "write" and "flush".</summary>
    public List<(string Operation, string File)> Log { get; } = [];

    public int Count => Log.Count;

    public override FileStream Create(string path) => Open(path, FileMode.Create);

    public override FileStream OpenLines(string path) => Open(path, FileMode.OpenOrCreate, bufferSize: 0);

    public override FileStream OpenRead(string path)
    {
        Step("read", path);
        return base.OpenRead(path);
    }

    public override void Move(string from, string to, bool replaces)
    {
        Step("move", from);
        base.Move(from, to, replaces);
    }

    public override void Delete(string path)
    {
        Step("delete", path);
        base.Delete(path);
    }

    private Stream Open(string path, FileMode mode, int bufferSize = 4096)
    {
        Step("create", path);
        return new Stream(this, path, mode, bufferSize);
    }

    private void Step(string operation, string path)
    {
        Log.Add((operation, Path.GetFileName(path)));
        if (Count == failing || (Count > failing && (fault == Fault.Death || (fault == Fault.FullDisk && operation is "create" or "write" or "flush"))))
            throw new IOException(Reason);
    }

    private sealed class Stream(FaultyFiles files, string path, FileMode mode, int bufferSize) : FileStream(path, mode, FileAccess.ReadWrite, FileShare.Read, bufferSize)
    {
        // All other ways of writing come here.
        public override void Write(byte[] buffer, int offset, int count)
        {
            try
            {
                files.Step("write", Name);
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
                files.Step("flush", Name);
            // No test cuts the power: the disk is spared.
            base.Flush(flushToDisk: false);
        }

        public override void SetLength(long value)
        {
            files.Step("cut", Name);
            base.SetLength(value);
        }
    }
}
