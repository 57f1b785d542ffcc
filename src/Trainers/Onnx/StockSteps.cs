using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Tables;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sconce.Trainers.Onnx;

/// <summary>
/// How one column of an ML.NET step is written: as a tensor [rows, values], from its source columns, also [rows, values].
/// </summary>
/// <param name="Sources">The source columns, in the order in which they are passed.</param>
/// <param name="Write">Adds the nodes.</param>
internal sealed record StockStep(IReadOnlyList<DataViewSchema.Column> Sources, Func<OnnxGraph, IReadOnlyList<OnnxValue>, OnnxValue> Write);

/// <summary>ML.NET's own transformers as ONNX's operators.</summary>
internal static class StockSteps
{
    /// <summary>ONNX's domain of operators for keys of text.</summary>
    public const string MachineLearningDomain = "ai.onnx.ml";

    /// <summary>Finds how a column is written; null for a step, a setting or a type that is not supported.</summary>
    public static StockStep? Find(ITransformer step, IRowToRowMapper mapper, DataViewSchema.Column column)
    {
        if (step is TableStep table)
        {
            List<DataViewSchema.Column> read = [.. mapper.GetDependencies([column])];
            return read.TrueForAll(source => OnnxColumns.TypeOf(source.Type) is not null) ? table.Mapping.Export(read) : null;
        }

        IReadOnlyList<DataViewSchema.Column> sources = step is ColumnConcatenatingTransformer concatenation
            ? [.. StepParameters.SourcesOf(concatenation, column.Name).Select(name => mapper.InputSchema[name])]
            : [.. mapper.GetDependencies([column])];
        if (OnnxColumns.TypeOf(column.Type) is not { } type || sources is not [var source, ..] || sources.Any(one => OnnxColumns.TypeOf(one.Type) is null))
            return null;
        Func<OnnxGraph, OnnxValue, OnnxValue>? write = step switch
        {
            ColumnConcatenatingTransformer => null,
            ColumnCopyingTransformer => (_, value) => value,
            NormalizingTransformer normalizer => StockNormalizers.Find(StepParameters.Of(normalizer, column.Name), type),
            LpNormNormalizingTransformer normalizer when type == DataType.Float => StockNormalizers.Find(StepParameters.Of(normalizer, column.Name), OnnxColumns.WidthOf(column.Type)),
            MissingValueReplacingTransformer replacing when StepParameters.Of(replacing, column.Name) is var values =>
                (graph, value) => graph.Add("Where", [graph.Add("IsNaN", [value]), graph.Constant(StockNormalizers.Values(values), type), value]),
            MissingValueIndicatorTransformer => (graph, value) => graph.Add("IsNaN", [value]),
            TypeConvertingTransformer when IsCast(source.Type, column.Type) => (graph, value) => graph.Cast(value, type),
            ValueToKeyMappingTransformer => MapToKey(source, column),
            KeyToValueMappingTransformer => MapToValue(source, type),
            KeyToVectorMappingTransformer => Indicate(source.Type, column.Type),
            KeyToBinaryVectorMappingTransformer => Digits(source.Type, column.Type),
            _ => null,
        };
        if (step is ColumnConcatenatingTransformer)
            return new StockStep(sources, (graph, values) => graph.Concat(1, values));
        return write is null || sources.Count > 1 ? null : new StockStep(sources, (graph, values) => write(graph, values[0]));
    }

    /// <summary>
    /// Whether ML.NET and ONNX convert numbers in the same way: to floats, and to integers that can represent all values.
    /// </summary>
    private static bool IsCast(DataViewType from, DataViewType to)
    {
        var (source, target) = (OnnxColumns.ItemOf(from), OnnxColumns.ItemOf(to));
        if (source is not (NumberDataViewType or BooleanDataViewType))
            return false;
        return target == NumberDataViewType.Single || target == NumberDataViewType.Double || target == source
            || (target == NumberDataViewType.Int64 && source != NumberDataViewType.Single && source != NumberDataViewType.Double && source != NumberDataViewType.UInt64);
    }

    /// <summary>Maps values to keys from 1; missing, empty and unknown values are 0.</summary>
    private static Func<OnnxGraph, OnnxValue, OnnxValue>? MapToKey(DataViewSchema.Column source, DataViewSchema.Column column)
    {
        var item = OnnxColumns.ItemOf(source.Type);
        if (NamesOf(column) is not { } values)
            return null;
        if (item is KeyDataViewType)
            return MapKeys(source, values);
        var isText = item is TextDataViewType;
        // Keys of numbers may have text values, for example from one-hot encoding.
        if (!isText && values.Type == "String")
            values = values with { Type = item.RawType.Name };
        if (values.Type != (isText ? "String" : item.RawType.Name) || item == NumberDataViewType.UInt64)
            return null;
        long[] keys = [.. Enumerable.Range(1, values.Count)];
        if (isText)
        {
            return (graph, value) => graph.Cast(
                graph.AddFrom(MachineLearningDomain, "LabelEncoder", [value], ("keys_strings", values.Values), ("values_int64s", keys), ("default_int64", 0L)), DataType.Uint32);
        }

        return (graph, value) =>
        {
            var (terms, type) = OnnxColumns.Of(values);
            var known = graph.Constant(terms);
            if (type is not (DataType.Float or DataType.Double))
                (value, known) = (graph.Cast(value, DataType.Int64), graph.Cast(known, DataType.Int64));
            var same = graph.Cast(graph.Add("Equal", [graph.Unsqueeze(value, 2), known]), DataType.Int64);
            return graph.Cast(graph.Sum(graph.Add("Mul", [same, graph.Constant(keys)]), 2), DataType.Uint32);
        };
    }

    /// <summary>Maps keys to the keys of the values that have the same names.</summary>
    private static Func<OnnxGraph, OnnxValue, OnnxValue>? MapKeys(DataViewSchema.Column source, ClassNames values)
    {
        if (NamesOf(source) is not { Type: not null } names || names.Values.Distinct(StringComparer.Ordinal).Count() < names.Count || values.Values.Except(names.Values, StringComparer.Ordinal).Any())
            return null;
        var keys = values.Values.Index().ToDictionary(value => value.Item, value => value.Index + 1L, StringComparer.Ordinal);
        long[] table = [0, .. names.Values.Select(name => keys.GetValueOrDefault(name))];
        return (graph, value) => graph.Cast(graph.Add("Gather", [graph.Constant(table), graph.Cast(value, DataType.Int64)]), DataType.Uint32);
    }

    /// <summary>
    /// The values of a column's keys; null if it has no keys, too many, or values of a type that a graph does not support.
    /// </summary>
    public static ClassNames? NamesOf(DataViewSchema.Column column) =>
        OnnxColumns.ItemOf(column.Type) is KeyDataViewType { Count: <= int.MaxValue } key
        && (column.Annotations.Schema.GetColumnOrNull("KeyValues") is not { } names || OnnxColumns.ItemOf(names.Type) is TextDataViewType or BooleanDataViewType or NumberDataViewType)
            ? ClassNames.FromColumn(column, key)
            : null;

    /// <summary>Maps keys to their values; a missing key (0) to NaN, to empty text, or to 0 if the type has no missing value.</summary>
    private static Func<OnnxGraph, OnnxValue, OnnxValue>? MapToValue(DataViewSchema.Column source, DataType type)
    {
        if (NamesOf(source) is not { Type: not null } values)
            return null;
        return (graph, value) =>
        {
            var missing = type == DataType.String ? graph.Constant(OnnxTensor.Of([""])) : graph.Cast(graph.Constant(OnnxTensor.Of([type is DataType.Float or DataType.Double ? double.NaN : 0], DataType.Double)), type);
            return graph.Add("Gather", [graph.Concat(0, missing, graph.Constant(OnnxColumns.Of(values).Values)), graph.Cast(value, DataType.Int64)]);
        };
    }

    /// <summary>Maps each key to a one-hot vector, or counts how often each key occurs.</summary>
    private static Func<OnnxGraph, OnnxValue, OnnxValue>? Indicate(DataViewType source, DataViewType column)
    {
        if (OnnxColumns.ItemOf(source) is not KeyDataViewType { Count: > 0 and <= int.MaxValue and var count })
            return null;
        long[] keys = [.. Enumerable.Range(1, (int)count)];
        // Several keys become either concatenated vectors or a single one.
        var isCount = OnnxColumns.WidthOf(column) == keys.Length;
        return (graph, value) =>
        {
            var same = graph.Cast(graph.Add("Equal", [graph.Unsqueeze(graph.Cast(value, DataType.Int64), 2), graph.Constant(keys)]), DataType.Float);
            return isCount ? graph.Sum(same, 1) : graph.Reshape(same, 0, -1);
        };
    }

    /// <summary>The binary digits of each key, the most significant first: all 0 for the first key, all 1 for a missing key.</summary>
    private static Func<OnnxGraph, OnnxValue, OnnxValue>? Digits(DataViewType source, DataViewType column)
    {
        if (OnnxColumns.ItemOf(source) is not KeyDataViewType { Count: > 0 and <= 1 << 20 and var count })
            return null;
        var digits = OnnxColumns.WidthOf(column) / OnnxColumns.WidthOf(source);
        double[] table = [.. Enumerable.Range(-1, (int)count + 1).SelectMany(key => Enumerable.Range(0, digits).Select(digit => (double)((key >> (digits - 1 - digit)) & 1)))];
        return (graph, value) => graph.Reshape(
            graph.Add("Gather", [graph.Constant(OnnxTensor.Of(table, DataType.Float, (int)count + 1, digits)), graph.Cast(value, DataType.Int64)]), 0, -1);
    }
}
