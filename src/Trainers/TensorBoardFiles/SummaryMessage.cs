using System.Text;

namespace Sconce.Trainers.TensorBoardFiles;

/// <summary>TensorBoard's Summary: what each of several tags has at one step.</summary>
internal sealed class SummaryMessage
{
    private const int FloatType = 1;
    private const int StringType = 7;
    private const int TensorClass = 2;

    /// <summary>The message, as an Event holds it.</summary>
    public ProtoMessage Message { get; } = new();

    /// <summary>A number for a curve; null and what is not a number are left out.</summary>
    public SummaryMessage Scalar(string tag, double? value)
    {
        if (value is { } number && !double.IsNaN(number))
            Add(Tagged(tag).Float(2, (float)number));
        return this;
    }

    /// <summary>How values are spread; nothing where none of them is finite.</summary>
    public SummaryMessage Histogram(string tag, ReadOnlySpan<float> values)
    {
        if (ValueHistogram.Of(values) is { } histogram)
        {
            Add(Tagged(tag).Message(5, new ProtoMessage()
                .Double(1, histogram.Minimum).Double(2, histogram.Maximum).Double(3, histogram.Count).Double(4, histogram.Sum).Double(5, histogram.SumOfSquares)
                .Doubles(6, histogram.UpperBounds).Doubles(7, histogram.Counts)));
        }

        return this;
    }

    public SummaryMessage Image(string tag, PixelImage image)
    {
        Add(Tagged(tag).Message(4, new ProtoMessage().Integer(1, image.Height).Integer(2, image.Width).Integer(3, image.Channels).Bytes(4, image.ToPng())));
        return this;
    }

    /// <summary>Markdown.</summary>
    public SummaryMessage Text(string tag, string markdown)
    {
        Add(Tagged(tag, Plugin("text")).Message(8, new ProtoMessage().Integer(1, StringType).Message(2, new ProtoMessage()).Bytes(8, Encoding.UTF8.GetBytes(markdown))));
        return this;
    }

    /// <summary>What only a plugin reads: it is in the metadata, and the value is an empty tensor.</summary>
    public SummaryMessage PluginData(string tag, string plugin, ProtoMessage content)
    {
        var noValues = new ProtoMessage().Message(2, new ProtoMessage().Integer(1, 0));
        Add(Tagged(tag, Plugin(plugin, content)).Message(8, new ProtoMessage().Integer(1, FloatType).Message(2, noValues)));
        return this;
    }

    private static ProtoMessage Plugin(string name, ProtoMessage? content = null)
    {
        var data = new ProtoMessage().Text(1, name);
        return new ProtoMessage().Message(1, content is null ? data : data.Message(2, content)).Integer(4, TensorClass);
    }

    private static ProtoMessage Tagged(string tag, ProtoMessage? metadata = null)
    {
        var value = new ProtoMessage().Text(1, tag);
        return metadata is null ? value : value.Message(9, metadata);
    }

    private void Add(ProtoMessage value) => Message.Message(1, value);
}
