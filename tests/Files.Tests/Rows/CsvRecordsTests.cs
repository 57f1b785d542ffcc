using Sconce.Files.Csv;

namespace Sconce.Files.Tests.Rows;

/// <summary>Rows and fields, compared with what a reader finds that goes letter by letter.</summary>
public sealed class CsvRecordsTests
{
    private const string Letters = "ab,,\"\"\n\r;x";

    [Fact]
    public void Fields_are_those_that_a_reader_of_single_letters_finds()
    {
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => Letters[random.Next(Letters.Length)]));
            var expected = Read(text).ToList();
            foreach (var piece in (int[])[1, random.Next(2, 20), 1_000])
                Assert.Equal(expected, Split(text, piece));
        }
    }

    /// <summary>Vectors and buffers end anywhere.</summary>
    [Fact]
    public void Fields_of_any_length_are_found_wherever_they_stand()
    {
        var random = new Random(2);
        for (var i = 0; i < 20; i++)
        {
            var fields = Enumerable.Range(0, 400).Select(_ => new string('x', random.Next(random.Next(400))) + (random.Next(8) == 0 ? ",\n\"" : "")).ToList();
            var rows = fields.Chunk(7).Select(row => string.Join('|', row)).ToList();
            var text = string.Join("\r\n", fields.Chunk(7).Select(row => string.Join(',', row.Select(field => field.EndsWith('"') ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field))));
            Assert.Equal(rows, Split(text, random.Next(1, 100_000)));
        }
    }

    [Theory]
    [InlineData("a,b", "a", "b")]
    [InlineData("\"a,b\",\"\"", "a,b", "")]
    [InlineData("\"say \"\"x\"\"\"", "say \"x\"")]
    public void A_line_is_split_as_an_option(string line, params string[] fields) => Assert.Equal(fields, CsvRecords.Split(line));

    private static IEnumerable<string> Split(string text, int piece)
    {
        using var records = new CsvRecords(new Pieces(text, piece), ',', '"');
        while (records.MoveNext())
            yield return records.Fault is null ? string.Join('|', Enumerable.Range(0, records.FieldCount).Select(field => records.Field(field).ToString())) : $"bad: {records.Raw}";
    }

    /// <summary>A row is bad to the end of the line in which its quotes show that they are.</summary>
    private static IEnumerable<string> Read(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var (start, fields, isBad) = (at, new List<string>(), false);
            while (true)
            {
                var field = "";
                if (at < text.Length && text[at] == '"')
                {
                    for (at++; at < text.Length && (text[at] != '"' || (at + 1 < text.Length && text[at + 1] == '"')); at++)
                    {
                        at += text[at] == '"' ? 1 : 0;
                        field += text[at];
                    }

                    isBad = at == text.Length || (++at < text.Length && text[at] is not (',' or '\n' or '\r'));
                }

                while (at < text.Length && text[at] is not ('\n' or '\r') && (isBad || text[at] != ','))
                    field += text[at++];
                fields.Add(field);
                if (at == text.Length || text[at] != ',')
                    break;
                at++;
            }

            yield return isBad ? $"bad: {text[start..at]}" : string.Join('|', fields);
            if (at < text.Length)
                at += text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n' ? 2 : 1;
        }
    }

    private sealed class Pieces(string text, int piece) : TextReader
    {
        private int _next;

        public override int Read(char[] buffer, int index, int count)
        {
            var length = Math.Min(Math.Min(count, piece), text.Length - _next);
            text.CopyTo(_next, buffer, index, length);
            _next += length;
            return length;
        }
    }
}
