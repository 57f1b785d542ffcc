namespace Sconce.Files.Json;

/// <summary>Reads the lines of UTF-8 text as bytes. Memory holds one line and a buffer.</summary>
internal sealed class ByteLines(ByteWindow content) : JsonRecords
{
    private int _taken;

    public override bool MoveNext()
    {
        Release();
        IsTooLong = false;
        for (var searched = 0; ;)
        {
            var held = content.Held.Span;
            var length = held[searched..].IndexOf((byte)'\n');
            if (length >= 0)
            {
                Take(searched + length, searched + length + 1);
                return true;
            }

            searched = held.Length;
            if (searched >= ByteWindow.Limit)
            {
                (IsTooLong, searched) = (true, 0);
                content.Drop(held.Length);
            }

            if (content.Fill())
                continue;
            if (searched == 0 && !IsTooLong)
                return false;
            Take(searched, searched);
            return true;
        }
    }

    /// <summary>Unreads the current line.</summary>
    public void Return() => (_taken, Number) = (0, Number - 1);

    private void Release()
    {
        content.Drop(_taken);
        _taken = 0;
    }

    private void Take(int length, int taken)
    {
        Number++;
        var line = content.Held[..(IsTooLong ? 0 : length)];
        Current = line.Span is [.., (byte)'\r'] ? line[..^1] : line;
        _taken = taken;
    }
}
