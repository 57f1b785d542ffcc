using Microsoft.ML.Data;
using Sconce.Files.Rows;
using Sconce.Files.Text;
using Sconce.Tests;

namespace Sconce.Files.Tests.Rows;

/// <summary>Text that cannot be read to its end.</summary>
public sealed class TextBytesTests
{
    [Theory]
    [InlineData("csv", "Age\n1\n2\n3")]
    [InlineData("jsonl", "{\"Age\":1}\n{\"Age\":2}\n{\"Ag")]
    public void A_stream_that_was_looked_into_and_fails_is_not_taken_for_its_end(string format, string text)
    {
        var content = new TextBytes(new Failing(System.Text.Encoding.UTF8.GetBytes(text)), endsAtFailure: false);
        Assert.True(content.PeekLine(64).Length > 0);
        using var reader = RowFormats.Named(format)!.CreateReader("stream", content, new RowRequest([new("Age", NumberDataViewType.Single)]));
        var batch = new RowBatch(reader.Schema, 10);
        Assert.Throws<IOException>(() => reader.Fill(batch, 10));
        Assert.Equal(["1", "2"], RowFiles.Show(batch).Take(2).Select(bits => $"{BitConverter.Int32BitsToSingle(int.Parse(bits))}"));
    }

    private sealed class Failing(byte[] start) : MemoryStream(start)
    {
        public override bool CanSeek => false;

        public override int Read(Span<byte> buffer) => base.Read(buffer) is > 0 and var read ? read : throw new IOException("The line is gone.");
    }
}
