using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers;

/// <summary>The values of a label column's keys, in their order: <c>MapKeyToValue</c> converts a predicted key back to one.</summary>
/// <param name="Type">The .NET type of the values: "UInt32", "String", …; null where the key column had no values.</param>
/// <param name="Values">Each class's value as text, in the invariant culture.</param>
public sealed record ClassNames(string? Type, IReadOnlyList<string> Values)
{
    /// <summary>The number of classes.</summary>
    internal int Count => Values.Count;

    /// <summary>Checks classes that come from a file.</summary>
    /// <exception cref="ArgumentException">One of them is nothing.</exception>
    internal void Validate()
    {
        if (Values.Any(value => value is null))
            throw new ArgumentException("One of the classes or symbols is null.");
    }

    /// <summary>Whether each number stands for the same in both.</summary>
    internal bool HasSameValues(ClassNames other) => Type == other.Type && Values.SequenceEqual(other.Values);

    /// <summary>The first difference from other classes; null where there is none, or where either has no values.</summary>
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
            TextDataViewType => Read<ReadOnlyMemory<char>>("String"),
            BooleanDataViewType => Read<bool>(),
            NumberDataViewType number when number == NumberDataViewType.Byte => Read<byte>(),
            NumberDataViewType number when number == NumberDataViewType.SByte => Read<sbyte>(),
            NumberDataViewType number when number == NumberDataViewType.Int16 => Read<short>(),
            NumberDataViewType number when number == NumberDataViewType.UInt16 => Read<ushort>(),
            NumberDataViewType number when number == NumberDataViewType.Int32 => Read<int>(),
            NumberDataViewType number when number == NumberDataViewType.UInt32 => Read<uint>(),
            NumberDataViewType number when number == NumberDataViewType.Int64 => Read<long>(),
            NumberDataViewType number when number == NumberDataViewType.UInt64 => Read<ulong>(),
            NumberDataViewType number when number == NumberDataViewType.Single => Read<float>(),
            NumberDataViewType number when number == NumberDataViewType.Double => Read<double>(),
            var other => throw new ArgumentException($"Column '{column.Name}' has key values of the type {other}; text, numbers or booleans are expected.").About(column: column.Name),
        };

        ClassNames Read<T>(string? name = null)
        {
            var buffer = default(VBuffer<T>);
            column.Annotations.GetValue("KeyValues", ref buffer);
            return new ClassNames(name ?? typeof(T).Name, [.. buffer.DenseValues().Select(value => Convert.ToString(value, CultureInfo.InvariantCulture)!)]);
        }
    }

    /// <summary>Adds the values, in their own type, as the annotation <paramref name="kind"/>.</summary>
    internal void Annotate(DataViewSchema.Annotations.Builder annotations, string kind)
    {
        switch (Type)
        {
            case "String": AnnotateText(annotations, kind); break;
            case nameof(Boolean): Add<bool>(BooleanDataViewType.Instance); break;
            case nameof(Byte): Add<byte>(NumberDataViewType.Byte); break;
            case nameof(SByte): Add<sbyte>(NumberDataViewType.SByte); break;
            case nameof(Int16): Add<short>(NumberDataViewType.Int16); break;
            case nameof(UInt16): Add<ushort>(NumberDataViewType.UInt16); break;
            case nameof(Int32): Add<int>(NumberDataViewType.Int32); break;
            case nameof(UInt32): Add<uint>(NumberDataViewType.UInt32); break;
            case nameof(Int64): Add<long>(NumberDataViewType.Int64); break;
            case nameof(UInt64): Add<ulong>(NumberDataViewType.UInt64); break;
            case nameof(Single): Add<float>(NumberDataViewType.Single); break;
            case nameof(Double): Add<double>(NumberDataViewType.Double); break;
            case null: break;
            default: throw new ArgumentException($"Class values of the type '{Type}' are not supported.");
        }

        void Add<T>(PrimitiveDataViewType type)
        {
            var values = new VBuffer<T>(Count, [.. Values.Select(value => (T)Convert.ChangeType(value, typeof(T), CultureInfo.InvariantCulture))]);
            annotations.Add(kind, new VectorDataViewType(type, Count), (ref VBuffer<T> destination) => values.CopyTo(ref destination));
        }
    }

    /// <summary>Adds the values as text, as slot names have to be.</summary>
    internal void AnnotateText(DataViewSchema.Annotations.Builder annotations, string kind)
    {
        var names = new VBuffer<ReadOnlyMemory<char>>(Count, [.. Values.Select(value => value.AsMemory())]);
        annotations.Add(kind, new VectorDataViewType(TextDataViewType.Instance, Count), (ref VBuffer<ReadOnlyMemory<char>> destination) => names.CopyTo(ref destination));
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
