using Google.Protobuf;

namespace Sconce.Trainers.TensorBoardFiles;

/// <summary>The values of several tags at one step. Each method adds one and returns the summary.</summary>
internal sealed partial class Summary
{
    /// <summary>A point of a curve. Null and NaN are left out.</summary>
    public Summary Scalar(string tag, double? value)
    {
        if (value is { } number && !double.IsNaN(number))
            Value.Add(new Types.Value { Tag = tag, SimpleValue = (float)number });
        return this;
    }

    /// <summary>A histogram of the finite values; nothing if there are none.</summary>
    public Summary Histogram(string tag, ReadOnlySpan<float> values)
    {
        if (ValueHistogram.Of(values) is { } histogram)
            Value.Add(new Types.Value { Tag = tag, Histo = histogram });
        return this;
    }

    /// <summary>An image, encoded as PNG.</summary>
    public Summary Image(string tag, PixelImage image)
    {
        var encoded = new Types.Image { Height = image.Height, Width = image.Width, Colorspace = image.Channels, EncodedImageString = ByteString.CopyFrom(image.ToPng()) };
        Value.Add(new Types.Value { Tag = tag, Image = encoded });
        return this;
    }

    public Summary Text(string tag, string markdown)
    {
        var text = new TensorProto { Dtype = DataType.DtString, TensorShape = new(), StringVal = { ByteString.CopyFromUtf8(markdown) } };
        Value.Add(new Types.Value { Tag = tag, Tensor = text, Metadata = Plugin("text", ByteString.Empty) });
        return this;
    }

    /// <summary>Data for a plugin, which reads it from the metadata: the value is an empty tensor.</summary>
    public Summary PluginData(string tag, string plugin, IMessage content)
    {
        var empty = new TensorProto { Dtype = DataType.DtFloat, TensorShape = new() { Dim = { new TensorShapeProto.Types.Dim { Size = 0 } } } };
        Value.Add(new Types.Value { Tag = tag, Tensor = empty, Metadata = Plugin(plugin, content.ToByteString()) });
        return this;
    }

    private static SummaryMetadata Plugin(string name, ByteString content) =>
        new() { PluginData = new() { PluginName = name, Content = content }, DataClass = DataClass.Tensor };
}
