using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Trainers.Columns;
using Sconce.Trainers.Native;
using Sconce.Trainers.Onnx;
using Sconce.Trainers.Persistence;
using TorchSharp;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sconce.Trainers;

/// <summary>The element types in which a network reads its features.</summary>
public enum FeatureType
{
    /// <summary>Bytes, which the network scales by 1/255 as its first step.</summary>
    Byte,

    /// <summary>Floats, which the network takes as they are.</summary>
    Single,

    /// <summary>Text, each character a symbol.</summary>
    Text,

    /// <summary>Keys of UInt32, each a symbol.</summary>
    Key,
}

/// <summary>The feature column: its name, element type and shape in the training data.</summary>
/// <param name="Name">The column's name; of several columns their names, separated by commas.</param>
/// <param name="Type">The column's element type.</param>
/// <param name="Shape">The shape of one row, taken from the dimensions of the column's type: [28, 28] for <c>Vector&lt;Byte, 28, 28&gt;</c>. If rows have different lengths, the first number is that of the longest row.</param>
public sealed record InputColumn(string Name, FeatureType Type, IReadOnlyList<int> Shape)
{
    /// <summary>Whether rows have different lengths: text, keys, or a vector of Single whose first dimension is unknown.</summary>
    public bool IsSequence { get; init; }

    /// <summary>The symbols of text or keys, in order; null for numbers.</summary>
    public ClassNames? Symbols { get; init; }

    /// <summary>The columns that the network reads side by side, if there are several; null for a single column.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<InputPart>? Parts { get; init; }

    /// <summary>How much of a row is read, if rows have different lengths; null for all of it.</summary>
    [JsonInclude, JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal SequenceLimit? Limit { get; init; }

    /// <summary>The number of values in a row; if rows have different lengths, in the longest.</summary>
    internal int Length => Shape.Aggregate(1, (product, size) => product * size);

    /// <summary>Whether a network that was trained on this column reads another one in the same way.</summary>
    internal bool IsReadAs(InputColumn other) =>
        (Type, IsSequence) == (other.Type, other.IsSequence) && (Parts ?? []).SequenceEqual(other.Parts ?? []) && Shape.SequenceEqual(other.Shape) && (Symbols is null || Symbols.HasSameValues(other.Symbols!));

    /// <summary>Converts the column's values to the network's input: floats of the same shape, with bytes scaled, or symbols as 64-bit numbers.</summary>
    /// <remarks>Beyond the end of a row, floats are NaN and symbols are 0: <see cref="SequenceLengths"/> finds the lengths.</remarks>
    internal torch.Tensor ToNetwork(torch.Tensor raw)
    {
        if (Symbols is not null)
            return raw.to(torch.ScalarType.Int64);
        if (ExpandsCategories)
            return InputParts.Expand(Parts!, raw);
        if (Type != FeatureType.Byte)
            return raw;
        using Scalar scale = 1d / byte.MaxValue;
        return raw.to(torch.ScalarType.Float32).mul_(scale);
    }

    /// <summary>
    /// A batch of rows of the full length, as <see cref="ToNetwork"/> returns them: all zeros, or all the first symbol (0 is not a symbol).
    /// </summary>
    internal torch.Tensor Example(int rows)
    {
        long[] shape = [rows, .. Shape.Select(size => (long)size)];
        return Symbols is null ? torch.zeros(shape, torch.ScalarType.Float32) : torch.ones(shape, torch.ScalarType.Int64);
    }

    /// <summary>Converts the network's output to the column's type and units. Bytes are rounded and clipped to 0 to 255.</summary>
    internal torch.Tensor FromNetwork(torch.Tensor values) =>
        Type == FeatureType.Byte ? values.Times(byte.MaxValue).round().Within(0, byte.MaxValue).to(torch.ScalarType.Byte) : values;

    /// <summary>Adds <see cref="ToNetwork"/> to a graph.</summary>
    internal OnnxValue ExportToNetwork(OnnxGraph graph, OnnxValue raw) => Type switch
    {
        FeatureType.Byte => graph.Times(graph.Cast(raw, DataType.Float), 1d / byte.MaxValue),
        FeatureType.Key => graph.Cast(raw, DataType.Int64),
        _ => ExpandsCategories ? InputParts.Export(graph, Parts!, raw) : raw,
    };

    /// <summary>Adds <see cref="FromNetwork"/> to a graph.</summary>
    internal OnnxValue ExportFromNetwork(OnnxGraph graph, OnnxValue values) => Type == FeatureType.Byte
        ? graph.Cast(graph.Add("Clip", [graph.Add("Round", [graph.Times(values, byte.MaxValue)]), graph.Constant(0f), graph.Constant((float)byte.MaxValue)]), DataType.Uint8)
        : values;

    internal DataViewType ColumnType => Type switch
    {
        FeatureType.Text => TextDataViewType.Instance,
        FeatureType.Key => new VectorDataViewType(new KeyDataViewType(typeof(uint), Symbols!.Count)),
        _ when IsSequence => new VectorDataViewType(ItemType, Shape.Select((size, i) => i == 0 ? 0 : size).ToArray()),
        _ => new VectorDataViewType(ItemType, Shape.ToArray()),
    };

    /// <summary>Whether categories are read one-hot; if each column has only one category, both forms are the same.</summary>
    private bool ExpandsCategories => Parts is not null && Length != Parts.Sum(part => part.Size);

    private PrimitiveDataViewType ItemType => Type == FeatureType.Byte ? NumberDataViewType.Byte : NumberDataViewType.Single;

    /// <summary>Infers name, type and shape from the training data, for a network that reads rows of one length.</summary>
    internal static InputColumn FromSchema(DataViewSchema schema, string name)
    {
        var type = schema.Require("Feature", name).Type;
        if (type is not VectorDataViewType { IsKnownSize: true } vector || FeatureTypeOf(vector.ItemType) is not { } featureType)
            throw new ArgumentException($"Feature column '{name}' has the type {type}{(type is VectorDataViewType { IsKnownSize: false } ? ", a vector of unknown size" : "")}; a vector of Byte or Single of known size is expected. {Mend(type)}").About(column: name);
        return new InputColumn(name, featureType, [.. vector.Dimensions]);
    }

    /// <summary>
    /// Infers name, type and shape from the training data. If rows have different lengths, the data is read once to find the longest row
    /// and the symbols.
    /// </summary>
    /// <param name="data">The training data.</param>
    /// <param name="name">The column's name.</param>
    /// <param name="network">The network.</param>
    /// <param name="cancellation">Checked every 1,024 rows.</param>
    /// <param name="length">The maximum length of rows of different lengths, if it is known; null for that of the longest row.</param>
    internal static InputColumn FromData(IDataView data, string name, Network network, CancellationToken cancellation, int? length = null)
    {
        var column = data.Schema.Require("Feature", name);
        return network.ReadsSequences && SequenceSurvey.Take(data, column, network.Limit, cancellation, length) is { } sequences ? sequences : FromSchema(data.Schema, name);
    }

    /// <summary>As <see cref="FromSchema"/>, for an estimator that knows only the shape of a schema.</summary>
    internal static void CheckShape(SchemaShape schema, string name, Network network)
    {
        var column = schema.Require("Feature", name);
        if (network.ReadsSequences && SequenceSurvey.Accepts(column))
            return;
        if (column.Kind != SchemaShape.Column.VectorKind.Vector || column.IsKey || FeatureTypeOf(column.ItemType) is null)
        {
            var found = column.Kind switch
            {
                SchemaShape.Column.VectorKind.Scalar => $"{(column.IsKey ? "Key" : column.ItemType)}",
                SchemaShape.Column.VectorKind.Vector => $"Vector<{column.ItemType}>",
                _ => $"Vector<{column.ItemType}>, a vector of unknown size",
            };
            throw new ArgumentException($"Feature column '{name}' has the type {found}; a vector of Byte or Single of known size is expected. {Mend(column.ItemType, column.Kind, column.IsKey)}").About(column: name);
        }
    }

    /// <summary>
    /// Binds the column of the data to score. It has the same type and number of values, or is a sequence of any length with the same
    /// symbols.
    /// </summary>
    /// <exception cref="ArgumentException">It is missing, or does not fit.</exception>
    internal ColumnBinding Bind(DataViewSchema schema)
    {
        if (Parts is not null)
            return InputParts.Bind(this, schema);
        var column = schema.Require("Feature", Name);
        var type = column.Type;
        if (IsSequence)
            return BindSequence(column);
        if (type is not VectorDataViewType vector || FeatureTypeOf(vector.ItemType) != Type)
            throw new ArgumentException($"Feature column '{Name}' has the type {type}; the network was trained on {ColumnType}. {Mend(type, Type)}").About(column: Name);
        if (vector.Size != Length || (vector.Dimensions.Length > 1 && !vector.Dimensions.SequenceEqual(Shape)))
        {
            throw new ArgumentException(
                $"Feature column '{Name}' has {(vector.IsKnownSize ? $"{vector.Size} values a row" : "an unknown number of values a row")} ({type}); " +
                $"the network was trained on {Length} ({ColumnType}).").About(column: Name);
        }

        return Type == FeatureType.Byte
            ? new VectorColumn<byte>(Name, new Field(torch.ScalarType.Byte, Shape))
            : new VectorColumn<float>(Name, new Field(torch.ScalarType.Float32, Shape));
    }

    /// <summary>Checks a column that comes from a file.</summary>
    /// <exception cref="ArgumentException">No network can read it.</exception>
    internal void Validate()
    {
        Check.NotEmpty(Name, "Input.Name");
        Check.AtLeast(Shape.Count, 1, "Input.Shape.Count");
        Limit?.Validate();
        foreach (var size in Shape)
            Check.AtLeast(size, 1, "Input.Shape");
        Check.AtMost(Shape.Aggregate(1L, (product, size) => Math.Min(product * size, int.MaxValue + 1L)), int.MaxValue, "The number of values in Input.Shape");
        Symbols?.Validate();
        foreach (var part in Parts ?? [])
            part.Validate();
        if (Parts is not null && (Type != FeatureType.Single || IsSequence || Shape.Count != 1 || (Shape[0] != Parts.Sum(part => (long)part.Size) && Shape[0] != Parts.Sum(part => (long)part.ExpandedSize))))
            throw new ArgumentException("Input has several columns, and another type or number of values than they have.");
        var isSymbols = Type is FeatureType.Text or FeatureType.Key;
        if (isSymbols != Symbols is not null || (isSymbols && !IsSequence))
            throw new ArgumentException($"Input has the type {Type} and {(Symbols is null ? "no " : "")}symbols; text and keys have symbols and are sequences; numbers have no symbols.");
        if (Type == FeatureType.Text && (Symbols!.Values.Any(symbol => symbol.EnumerateRunes().Count() != 1) || Symbols.Values.Distinct().Count() != Symbols.Count))
            throw new ArgumentException("Each symbol of text has to be a single character, and no two may be the same.");
    }

    /// <summary>A sentence that names the step to convert a column of another type to one that a network reads.</summary>
    internal static string Mend(DataViewType type, FeatureType wanted = FeatureType.Single)
    {
        var kind = type is VectorDataViewType vector
            ? vector.IsKnownSize ? SchemaShape.Column.VectorKind.Vector : SchemaShape.Column.VectorKind.VariableVector
            : SchemaShape.Column.VectorKind.Scalar;
        var item = (type as VectorDataViewType)?.ItemType ?? type;
        return Mend(item, kind, item is KeyDataViewType, wanted);
    }

    private static string Mend(DataViewType item, SchemaShape.Column.VectorKind kind, bool isKey, FeatureType wanted = FeatureType.Single)
    {
        var isByte = wanted == FeatureType.Byte;
        // The type of images is in another package.
        if (item.RawType.Name == "MLImage")
            return $"ml.Transforms.ResizeImages and then ml.Transforms.ExtractPixels{(isByte ? " with outputAsFloatArray: false" : "")} convert images to such a column.";
        if (isByte && (isKey || item != NumberDataViewType.Byte))
            return "ML.NET cannot convert a column to Byte. Pass the bytes that the network was trained on.";
        if (isKey)
            return "ml.Transforms.Conversion.MapKeyToVector converts it to such a column.";
        if (item is TextDataViewType)
            return "ml.Transforms.Text.FeaturizeText converts text to numbers, ml.Transforms.Categorical.OneHotEncoding categories.";
        if (NameOf(item) is not { } name)
            return "No step of ML.NET converts it to such a column.";
        var convert = item == NumberDataViewType.Single || (item == NumberDataViewType.Byte && (isByte || kind != SchemaShape.Column.VectorKind.Scalar))
            ? null : "ml.Transforms.Conversion.ConvertType to Single";
        return kind switch
        {
            SchemaShape.Column.VectorKind.VariableVector =>
                $"Declare the size of the vector where the data is loaded: [VectorType(n)] on the property, or SchemaDefinition with new VectorDataViewType({name}, n).{(convert is null ? "" : $" Then {convert} converts it to such a column.")}",
            SchemaShape.Column.VectorKind.Scalar => $"{(convert is null ? "" : $"{convert}, and then ")}ml.Transforms.Concatenate converts it to such a column.",
            _ => $"{convert ?? "ml.Transforms.Conversion.ConvertType to Single"} converts it to such a column.",
        };
    }

    /// <summary>The C# expression for a type that ML.NET converts to numbers; null for any other.</summary>
    private static string? NameOf(DataViewType item) => item switch
    {
        NumberDataViewType => $"NumberDataViewType.{item.RawType.Name}",
        BooleanDataViewType or DateTimeDataViewType or DateTimeOffsetDataViewType or TimeSpanDataViewType => $"{item.GetType().Name}.Instance",
        _ => null,
    };

    private ColumnBinding BindSequence(DataViewSchema.Column column)
    {
        var type = column.Type;
        return Type switch
        {
            FeatureType.Text when type is TextDataViewType => new TextColumn(Name, Symbols!, Shape[0]) { Limit = Limit },
            FeatureType.Key when type is VectorDataViewType { ItemType: KeyDataViewType key } && key.RawType == typeof(uint) && key.Count == (ulong)Symbols!.Count => BindKeys(ClassNames.FromColumn(column, key)),
            FeatureType.Single when type is VectorDataViewType { ItemType: var item } vector && item == NumberDataViewType.Single && FitsSteps(vector) => new NumberSequenceColumn(Name, Shape) { Limit = Limit },
            _ => throw new ArgumentException($"Column '{Name}' has the type {type}; the network was trained on {ColumnType}."),
        };

        KeySequenceColumn BindKeys(ClassNames keys) => keys.DifferenceFrom(Symbols!) is { } difference
            ? throw new ArgumentException($"Column '{Name}' has other keys than the network was trained on, or the same keys in another order: {difference}. Use the same fitted ml.Transforms.Conversion.MapValueToKey for both.").About(column: Name)
            : new KeySequenceColumn(Name, Symbols!, Shape[0]) { Limit = Limit };

        bool FitsSteps(VectorDataViewType vector) => vector.Dimensions.Length == 1 || vector.Dimensions.Skip(1).SequenceEqual(Shape.Skip(1));
    }

    private static FeatureType? FeatureTypeOf(DataViewType type) =>
        type == NumberDataViewType.Byte ? FeatureType.Byte : type == NumberDataViewType.Single ? FeatureType.Single : null;

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
