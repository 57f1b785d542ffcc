using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Columns;
using static TorchSharp.torch;

namespace Sconce.Trainers.TensorBoardFiles;

/// <summary>Examples in memory, with their labels, on which the network is run after each epoch.</summary>
internal sealed class ExampleRows
{
    /// <summary>Keys with more values, such as hashes, are not used as labels: their values alone would fill the memory.</summary>
    private const int MostNames = 1_000_000;

    private readonly ModelDefinition _definition;
    private readonly Field _field;
    private readonly List<byte[]> _rows = [];
    private readonly List<string> _labels = [];

    private ExampleRows(ModelDefinition definition, Field field) => (_definition, _field) = (definition, field);

    public int Count => _rows.Count;

    /// <summary>The rows' labels, "" for a missing one; empty if the data has none.</summary>
    public IReadOnlyList<string> Labels => _labels;

    /// <summary>Reads the first rows of some data.</summary>
    /// <param name="data">The data, with the column that the network reads.</param>
    /// <param name="definition">The network.</param>
    /// <param name="count">The maximum number of rows to read.</param>
    /// <param name="labelColumnName">The column of the labels: text, numbers or keys. If it is missing or of another type, rows have no labels.</param>
    /// <exception cref="ArgumentException">The column that the network reads is missing, or of another type than in the training data.</exception>
    public static ExampleRows Read(IDataView data, ModelDefinition definition, int count, string labelColumnName)
    {
        var feature = SequenceSurvey.Fit(data, definition.ReadInput.Bind(data.Schema), count, CancellationToken.None);
        var examples = new ExampleRows(definition, feature.Field);
        var hasLabel = data.Schema.GetColumnOrNull(labelColumnName) is { } label && IsName(label);
        if (hasLabel && data.Schema[labelColumnName].Type is not (TextDataViewType or KeyDataViewType))
            data = new MLContext().Transforms.Conversion.ConvertType(labelColumnName, outputKind: DataKind.String).Fit(data).Transform(data);
        // A network may read several columns.
        List<DataViewSchema.Column> columns = [.. (definition.Input.Parts?.Select(part => part.Name) ?? [definition.Input.Name]).Select(name => data.Schema[name])];
        if (hasLabel)
            columns.Add(data.Schema[labelColumnName]);
        using var cursor = data.GetRowCursor(columns);
        var readFeature = feature.CreateReader(cursor);
        var readLabel = hasLabel ? LabelReader(cursor, data.Schema[labelColumnName]) : null;
        while (examples.Count < count && cursor.MoveNext())
        {
            var row = new byte[feature.Field.Bytes];
            readFeature(row);
            examples._rows.Add(row);
            if (readLabel is not null)
                examples._labels.Add(readLabel());
        }

        return examples;
    }

    /// <summary>Scores the rows in batches.</summary>
    /// <param name="network">The network, in evaluation mode.</param>
    /// <param name="objective">The objective, which defines the scores.</param>
    /// <param name="take">Receives each batch's tensors, which are valid until it returns.</param>
    public void Score(nn.Module<Tensor, Tensor> network, Objective objective, Action<IReadOnlyList<Tensor?>> take)
    {
        using var noGradient = no_grad();
        using var state = _definition.CarryState(network, lanes: 1);
        bool[] wanted = [.. objective.Columns.Select(_ => true)];
        foreach (var batch in _rows.Chunk(_definition.Network.ScoringBatchSize))
        {
            using var scope = NewDisposeScope();
            var raw = _field.Allocate(batch.Length);
            foreach (var (i, row) in batch.Index())
                row.CopyTo(raw.bytes[(i * _field.Bytes)..]);
            take(objective.Score(state ?? network, _definition.Input.ToNetwork(raw), wanted));
        }
    }

    /// <summary>A row as an image; null if rows are not images.</summary>
    public PixelImage? Image(int row) => Image(_rows[row]);

    /// <summary>Values in the layout of a row, as an image: bytes as they are, floats from 0 to 1.</summary>
    public PixelImage? Image(ReadOnlySpan<byte> row)
    {
        var (channels, height, width) = _definition.Input.Shape switch
        {
            [var rows, var columns] => (1, rows, columns),
            [1 or 3, var rows, var columns] => (_definition.Input.Shape[0], rows, columns),
            _ => (0, 0, 0),
        };
        if (channels == 0 || _definition.Input is { Type: not (FeatureType.Byte or FeatureType.Single) } or { IsSequence: true })
            return null;
        var values = _field.Type == ScalarType.Byte ? row.ToArray() : Array.ConvertAll(MemoryMarshal.Cast<byte, float>(row).ToArray(), share => (byte)MathF.Round(byte.MaxValue * Math.Clamp(share, 0, 1)));
        var pixels = new byte[values.Length];
        // Networks store channels one after another, files store the channels of a pixel side by side.
        for (var i = 0; i < values.Length; i++)
            pixels[i % (height * width) * channels + i / (height * width)] = values[i];
        return new PixelImage(height, width, channels, pixels);
    }

    private static bool IsName(DataViewSchema.Column column) => column.Type switch
    {
        TextDataViewType or NumberDataViewType or BooleanDataViewType => true,
        KeyDataViewType key => key.RawType == typeof(uint) && key.Count <= MostNames
            && column.Annotations.Schema.GetColumnOrNull("KeyValues")?.Type is null or VectorDataViewType { ItemType: TextDataViewType or NumberDataViewType or BooleanDataViewType },
        _ => false,
    };

    private static Func<string> LabelReader(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is KeyDataViewType key)
        {
            var (names, readKey) = (ClassNames.FromColumn(column, key), row.Reader<uint>(column));
            return () => readKey() is > 0 and var value ? names.Values[(int)value - 1] : "";
        }

        var readText = row.Reader<ReadOnlyMemory<char>>(column);
        return () => readText().ToString();
    }
}
