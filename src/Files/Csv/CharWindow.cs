using System.Runtime.Intrinsics;
using Sconce.Files.Text;

namespace Sconce.Files.Csv;

/// <summary>The part of a text that is held: from the start of a record to what was read last.</summary>
/// <param name="text">The text; it is disposed with this.</param>
internal sealed class CharWindow(TextReader text) : IDisposable
{
    /// <summary>More characters than the longest record that is held.</summary>
    public const int Limit = 1 << 26;

    private const int FirstBuffer = 1 << 16;

    /// <summary>Characters behind <see cref="End"/> that may be read, though they are not text: a vector is loaded whole at the end, too.</summary>
    public static readonly int Slack = Vector256<ushort>.Count;

    public char[] Buffer { get; private set; } = new char[FirstBuffer + Slack];

    /// <summary>The place of the record's first character.</summary>
    public int Start { get; set; }

    /// <summary>The place behind the last character.</summary>
    public int End { get; private set; }

    /// <summary>Whether the text has no more characters.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>Whether the record has more characters than are held; the text cannot be read on then.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Whether any text so far had bytes that are not UTF-8.</summary>
    public bool HasUndecodable { get; private set; }

    public ReadOnlySpan<char> Held => Buffer.AsSpan(Start..End);

    /// <summary>Reads more.</summary>
    /// <returns>Whether there was any; the record is at another place then.</returns>
    public bool Fill()
    {
        if (IsAtEnd)
            return false;
        if (Start > 0)
        {
            Held.CopyTo(Buffer);
            (Start, End) = (0, End - Start);
        }

        if (End == Buffer.Length - Slack)
        {
            if (End >= Limit)
            {
                (IsTooLong, IsAtEnd) = (true, true);
                return false;
            }

            var larger = new char[2 * End + Slack];
            Held.CopyTo(larger);
            Buffer = larger;
        }

        var read = text.Read(Buffer, End, Buffer.Length - Slack - End);
        HasUndecodable |= Buffer.AsSpan(End, read).Contains(TextContent.Undecodable);
        End += read;
        IsAtEnd = read == 0;
        return read > 0;
    }

    public void Dispose() => text.Dispose();
}
