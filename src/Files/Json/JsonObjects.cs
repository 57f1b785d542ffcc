namespace Sconce.Files.Json;

/// <summary>Reads JSON objects of any number of lines: those of one array, or one after another.</summary>
/// <param name="content">The text.</param>
/// <param name="firstLine">The number of the line that it begins in.</param>
internal sealed class JsonObjects(ByteWindow content, long firstLine) : JsonRecords
{
    private long _line = firstLine;
    private bool _isArray;
    private bool _hasBegun;
    private bool _hasObject;
    private bool _hasEnded;
    private int _taken;

    public override bool MoveNext()
    {
        content.Drop(_taken);
        _taken = 0;
        Fault = null;
        if (_hasEnded)
            return false;
        if (!_hasBegun)
        {
            _hasBegun = true;
            _isArray = PassOver() == '[';
            if (_isArray)
                content.Drop(1);
        }

        var next = PassOver();
        if (_isArray && _hasObject && next is not (']' or null))
        {
            if (next != ',')
                return End($"a comma is expected between two objects, not '{next}'");
            content.Drop(1);
            next = PassOver();
            if (next == ']')
                return End("an object is expected after a comma, not ']'");
        }

        Number = _line;
        if (next == '{')
            return TakeObject();
        if (_isArray && next == ']')
        {
            content.Drop(1);
            _hasEnded = true;
            if (PassOver() is not { } other)
                return false;
            return End($"'{other}' follows the end of the array");
        }

        return next is { } wrong ? End($"an object is expected for each row, not '{wrong}'")
            : _isArray ? End("the array is not closed; the file is cut short")
            : false;
    }

    private bool End(string fault)
    {
        (Fault, _hasEnded, Current) = (fault, true, ReadOnlyMemory<byte>.Empty);
        return true;
    }

    /// <summary>Skips white space.</summary>
    /// <returns>The next character; null at the end.</returns>
    private char? PassOver()
    {
        do
        {
            var held = content.Held.Span;
            for (var i = 0; i < held.Length; i++)
            {
                if (held[i] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
                {
                    _line += held[i] == '\n' ? 1 : 0;
                    continue;
                }

                content.Drop(i);
                return (char)held[i];
            }

            content.Drop(held.Length);
        }
        while (content.Fill());
        return null;
    }

    private bool TakeObject()
    {
        var (depth, at, isText) = (0, 0, false);
        while (true)
        {
            var held = content.Held.Span;
            while (at < held.Length)
            {
                // The character after a backslash may not have been read yet.
                var step = held[at..].IndexOfAny(isText ? "\"\\"u8 : "{}\""u8);
                at = step < 0 ? held.Length : at + step;
                if (at == held.Length || (held[at] == '\\' && at + 1 == held.Length))
                    break;
                if (held[at] == '\\')
                    at++;
                else if (held[at] == '"')
                    isText = !isText;
                else
                    depth += held[at] == '{' ? 1 : -1;
                at++;
                if (depth > 0)
                    continue;
                Take(at);
                return true;
            }

            if (held.Length >= ByteWindow.Limit)
                return End($"an object has more than {ByteWindow.Limit >> 20} MB");
            if (!content.Fill())
                return End("the object is not closed");
        }
    }

    private void Take(int length)
    {
        (Current, _taken, _hasObject) = (content.Held[..length], length, true);
        _line += Current.Span.Count((byte)'\n');
    }
}
