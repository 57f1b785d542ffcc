using System.Runtime.Intrinsics;
using Sconce.Files.Text;

namespace Sconce.Files.Csv;

/// <summary>A buffer with the current record of a text, and the characters that were read ahead.</summary>
/// <param name="text">The text; it is disposed with this.</param>
internal sealed class CharWindow(TextReader text) : IDisposable
{
    /// <summary>The maximum length of a record in characters.</summary>
    public const int Limit = 1 << 26;

    private const int FirstBuffer = 1 << 16;

    /// <summary>The number of readable characters after <see cref="End"/>: whole vectors are loaded even at the end.</summary>
    public static readonly int Slack = Vector256<ushort>.Count;

    public char[] Buffer { get; private set; } = new char[FirstBuffer + Slack];

    /// <summary>The index of the record.</summary>
    public int Start { get; set; }

    /// <summary>The index after the last character.</summary>
    public int End { get; private set; }

    public bool IsAtEnd { get; private set; }

    /// <summary>Whether the record is too long; no more is read then.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Whether any text so far had bytes that are not UTF-8.</summary>
    public bool HasUndecodable { get; private set; }

    public ReadOnlySpan<char> Held => Buffer.AsSpan(Start..End);

    /// <summary>Reads more, which moves the record.</summary>
    /// <returns>False at the end.</returns>
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
