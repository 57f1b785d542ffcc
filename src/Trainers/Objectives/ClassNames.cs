using System.Globalization;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers;

/// <summary>The values of a label column's keys, in their order: <c>MapKeyToValue</c> converts a predicted key back to one.</summary>
/// <param name="Type">The .NET type of the values: "UInt32", "String", …; null if the key column had no values.</param>
/// <param name="Values">The value of each class as text, in the invariant culture.</param>
public sealed record ClassNames(string? Type, IReadOnlyList<string> Values)
{
    /// <summary>The type of values that are text.</summary>
    internal const string Text = "String";

    private static readonly Dictionary<string, PrimitiveDataViewType> _types = new PrimitiveDataViewType[]
    {
        BooleanDataViewType.Instance, NumberDataViewType.Byte, NumberDataViewType.SByte, NumberDataViewType.Int16, NumberDataViewType.UInt16,
        NumberDataViewType.Int32, NumberDataViewType.UInt32, NumberDataViewType.Int64, NumberDataViewType.UInt64, NumberDataViewType.Single, NumberDataViewType.Double,
    }.ToDictionary(type => type.RawType.Name, StringComparer.Ordinal);

    private static readonly MethodInfo _read = typeof(ClassNames).GetMethod(nameof(Read), BindingFlags.NonPublic | BindingFlags.Static)!;
    private static readonly MethodInfo _add = typeof(ClassNames).GetMethod(nameof(Add), BindingFlags.NonPublic | BindingFlags.Instance)!;

    /// <summary>The type of values that are numbers or booleans; null for text, and if there are no values.</summary>
    internal PrimitiveDataViewType? ItemType => Type is null ? null : _types.GetValueOrDefault(Type);

    /// <summary>The number of classes.</summary>
    internal int Count => Values.Count;

    /// <summary>Checks classes that come from a file.</summary>
    /// <exception cref="ArgumentException">One of them is null.</exception>
    internal void Validate()
    {
        if (Values.Any(value => value is null))
            throw new ArgumentException("One of the classes or symbols is null.");
    }

    /// <summary>Whether each key has the same value in both.</summary>
    internal bool HasSameValues(ClassNames other) => Type == other.Type && Values.SequenceEqual(other.Values);

    /// <summary>The first difference from other classes; null if there is none, or if either has no values.</summary>
    internal string? DifferenceFrom(ClassNames other)
    {
        if (Count != other.Count)
            return $"{Count} instead of {other.Count}";
        if (Type is null || other.Type is null)
            return null;
        var (index, (here, there)) = Values.Zip(other.Values).Index().FirstOrDefault(pair => pair.Item.First != pair.Item.Second);
        return here == there ? null : $"number {index + 1} is '{here}' instead of '{there}'";
    }

    internal static ClassNames FromColumn(DataViewSchema.Column column, KeyDataViewType key)
    {
        if (key.Count > int.MaxValue)
            throw new ArgumentException($"Column '{column.Name}' has {key.Count} keys (0: an unknown number), which is not supported; ml.Transforms.Conversion.MapValueToKey creates keys of a known number.").About(column: column.Name);
        var count = (int)key.Count;
        var values = column.Annotations.Schema.GetColumnOrNull("KeyValues");
        if (values?.Type is not VectorDataViewType { Size: var size } vector || size != count)
            return new ClassNames(null, [.. Enumerable.Range(1, count).Select(i => i.ToString(CultureInfo.InvariantCulture))]);

        return vector.ItemType switch
        {
            TextDataViewType => Read<ReadOnlyMemory<char>>(column, Text),
            var type when type.Equals(_types.GetValueOrDefault(type.RawType.Name)) => _read.MakeGenericMethod(type.RawType)
                .CreateDelegate<Func<DataViewSchema.Column, string, ClassNames>>()(column, type.RawType.Name),
            var other => throw new ArgumentException($"Column '{column.Name}' has key values of the type {other}; text, numbers or booleans are expected.").About(column: column.Name),
        };
    }

    /// <summary>The texts in an annotation of a column; null if it has none of that name, or another type.</summary>
    internal static ClassNames? FromAnnotation(DataViewSchema.Column column, string kind)
    {
        if (column.Annotations.Schema.GetColumnOrNull(kind)?.Type is not VectorDataViewType { ItemType: TextDataViewType })
            return null;
        var texts = default(VBuffer<ReadOnlyMemory<char>>);
        column.Annotations.GetValue(kind, ref texts);
        return new ClassNames(Text, [.. texts.DenseValues().Select(text => text.ToString())]);
    }

    /// <summary>Adds the values, in their own type, as the annotation <paramref name="kind"/>.</summary>
    internal void Annotate(DataViewSchema.Annotations.Builder annotations, string kind)
    {
        if (Type == Text)
            AnnotateText(annotations, kind);
        else if (ItemType is { } type)
            _add.MakeGenericMethod(type.RawType).CreateDelegate<Annotator>(this)(annotations, kind, type);
        else if (Type is not null)
            throw new ArgumentException($"Class values of the type '{Type}' are not supported.");
    }

    /// <summary>Adds the values as text, as required for slot names.</summary>
    internal void AnnotateText(DataViewSchema.Annotations.Builder annotations, string kind)
    {
        var names = new VBuffer<ReadOnlyMemory<char>>(Count, [.. Values.Select(value => value.AsMemory())]);
        annotations.Add(kind, new VectorDataViewType(TextDataViewType.Instance, Count), (ref VBuffer<ReadOnlyMemory<char>> destination) => names.CopyTo(ref destination));
    }

    private static ClassNames Read<T>(DataViewSchema.Column column, string type)
    {
        var buffer = default(VBuffer<T>);
        column.Annotations.GetValue("KeyValues", ref buffer);
        return new ClassNames(type, [.. buffer.DenseValues().Select(value => Convert.ToString(value, CultureInfo.InvariantCulture)!)]);
    }

    private delegate void Annotator(DataViewSchema.Annotations.Builder annotations, string kind, PrimitiveDataViewType type);

    private void Add<T>(DataViewSchema.Annotations.Builder annotations, string kind, PrimitiveDataViewType type)
    {
        var values = new VBuffer<T>(Count, [.. Values.Select(value => (T)Convert.ChangeType(value, typeof(T), CultureInfo.InvariantCulture))]);
        annotations.Add(kind, new VectorDataViewType(type, Count), (ref VBuffer<T> destination) => values.CopyTo(ref destination));
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
