using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Sconce.Trainers.Model;

namespace Sconce.Pipelines;

/// <summary>How a model reads image files, according to its ML.NET transformers.</summary>
/// <param name="PathColumnName">The column of the paths.</param>
/// <param name="Polarity">Whether pixels are used as they are or inverted.</param>
/// <param name="IsColor">Whether images have several channels.</param>
public sealed record ImageInput(string PathColumnName, ImagePolarity Polarity, bool IsColor)
{
    /// <summary>Inspects a model; null if it reads no image files.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputSchema">The columns of the data that it was trained on.</param>
    internal static ImageInput? Of(ITransformer model, DataViewSchema inputSchema)
    {
        var steps = PipelineSteps.Of(model).ToList();
        var (loading, extracting) = (steps.FindIndex(step => step is ImageLoadingTransformer), steps.FindIndex(step => step is ImagePixelExtractingTransformer));
        if (loading < 0 || extracting < 0)
            return null;
        var before = steps.Take(loading).Aggregate(inputSchema, (schema, step) => step.GetOutputSchema(schema));
        var mapper = steps[loading].GetRowToRowMapper(before);
        var image = mapper.OutputSchema[mapper.OutputSchema.Count - 1];
        var (black, channels) = Extract(steps[extracting], image.Name);
        return new(mapper.GetDependencies([image]).Single().Name, black > 0 ? ImagePolarity.DarkOnLight : ImagePolarity.LightOnDark, channels > 1);
    }

    /// <summary>Extracts a black pixel: transformers do not expose their options.</summary>
    private static (float Black, int Channels) Extract(ITransformer step, string column)
    {
        var ml = new MLContext();
        using var image = MLImage.CreateFromPixels(1, 1, MLPixelFormat.Bgra32, [0, 0, 0, byte.MaxValue]);
        var schema = SchemaDefinition.Create(typeof(BlackRow));
        schema[nameof(BlackRow.Image)].ColumnName = column;
        var pixels = step.Transform(ml.Data.LoadFromEnumerable([new BlackRow { Image = image }], schema));
        var output = pixels.Schema[pixels.Schema.Count - 1];
        var channels = ((VectorDataViewType)output.Type).Size;
        return ((VectorDataViewType)output.Type).ItemType == NumberDataViewType.Byte
            ? (pixels.GetColumn<byte[]>(output).Single()[0], channels)
            : (pixels.GetColumn<float[]>(output).Single()[0], channels);
    }

    /// <summary>One black pixel.</summary>
    private sealed class BlackRow
    {
        [ImageType(1, 1)]
        public MLImage? Image { get; set; }
    }
}
