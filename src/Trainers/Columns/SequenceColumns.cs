using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>Rows of different lengths in a field of one length: what a row does not fill is marked, so that a network can tell where it ends.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Field">As long as the longest row.</param>
/// <param name="Unit">What a row has a number of: "characters".</param>
internal abstract record SequenceColumn(string Name, Field Field, string Unit) : BoundColumn(Name, Field)
{
    /// <summary>Refuses a row without anything in it.</summary>
    public static void CheckNotEmpty(string name, int length, string unit, long row)
    {
        if (length == 0)
            throw new InvalidDataException($"Column '{name}' has no {unit} in row {row}; a sequence has at least one. ml.Data.FilterByCustomPredicate leaves such rows out.");
    }

    /// <summary>Refuses a row that is empty or does not fit.</summary>
    protected void CheckLength(int length, long row)
    {
        CheckNotEmpty(Name, length, Unit, row);
        if (length > Field.Shape[0])
            throw new InvalidDataException($"Column '{Name}' has {length} {Unit} in row {row}; the network was made for up to {Field.Shape[0]}. Shorten it, or train for rows as long as this one.");
    }
}

/// <summary>Rows of symbols, as 32-bit numbers: 1 for the first symbol, 0 beyond the end of a row.</summary>
internal abstract record SymbolColumn(string Name, ClassNames Symbols, int Longest, string Unit) : SequenceColumn(Name, new Field(ScalarType.Int32, [Longest]), Unit)
{
    /// <summary>Whether a symbol that is not among those that were trained on is taken, as one more than their number, or refused.</summary>
    public bool TakesUnknown { get; init; } = true;

    protected int Unknown(string symbol, long row) => TakesUnknown
        ? Symbols.Count + 1
        : throw new InvalidDataException($"Column '{Name}' has {symbol} in row {row}, which is not among the {Symbols.Count} {Unit} of the training data.");
}

/// <summary>Text, each character (Unicode scalar value) a symbol.</summary>
internal sealed record TextColumn(string Name, ClassNames Symbols, int Longest) : SymbolColumn(Name, Symbols, Longest, "characters")
{
    public override FieldReader CreateReader(DataViewRow row)
    {
        var numbers = Symbols.Values.Index().ToDictionary(symbol => symbol.Item.EnumerateRunes().First(), symbol => symbol.Index + 1);
        var getter = row.GetGetter<ReadOnlyMemory<char>>(row.Schema[Name]);
        var text = default(ReadOnlyMemory<char>);
        return destination =>
        {
            getter(ref text);
            var length = 0;
            foreach (var _ in text.Span.EnumerateRunes())
                length++;
            CheckLength(length, row.Position);

            var symbols = MemoryMarshal.Cast<byte, int>(destination);
            var at = 0;
            foreach (var rune in text.Span.EnumerateRunes())
                symbols[at++] = numbers.TryGetValue(rune, out var number) ? number : Unknown($"the character '{rune}'", row.Position);
            symbols[at..].Clear();
        };
    }
}

/// <summary>Vectors of keys, each key a symbol, a missing one an unknown symbol.</summary>
internal sealed record KeySequenceColumn(string Name, ClassNames Symbols, int Longest) : SymbolColumn(Name, Symbols, Longest, "keys")
{
    public override FieldReader CreateReader(DataViewRow row)
    {
        var getter = row.GetGetter<VBuffer<uint>>(row.Schema[Name]);
        var keys = default(VBuffer<uint>);
        return destination =>
        {
            getter(ref keys);
            CheckLength(keys.Length, row.Position);
            var symbols = MemoryMarshal.Cast<byte, int>(destination);
            var at = 0;
            foreach (var key in keys.DenseValues())
                symbols[at++] = key == 0 ? Unknown("a missing key", row.Position) : (int)key;
            symbols[at..].Clear();
        };
    }
}

/// <summary>Vectors of Single: steps of one number or several, NaN beyond the end of a row.</summary>
internal sealed record NumberSequenceColumn(string Name, IReadOnlyList<int> Shape) : SequenceColumn(Name, new Field(ScalarType.Float32, Shape), "steps")
{
    public override FieldReader CreateReader(DataViewRow row)
    {
        var stepSize = StepSize(Shape);
        var getter = row.GetGetter<VBuffer<float>>(row.Schema[Name]);
        var buffer = default(VBuffer<float>);
        return destination =>
        {
            getter(ref buffer);
            CheckLength(Steps(Name, buffer.Length, stepSize, row.Position), row.Position);
            var values = MemoryMarshal.Cast<byte, float>(destination);
            buffer.CopyTo(values);
            VectorColumn<float>.CheckFinite(Name, values[..buffer.Length], row);
            values[buffer.Length..].Fill(float.NaN);
        };
    }

    /// <summary>The number of values in a step: the product of all dimensions but the first.</summary>
    public static int StepSize(IEnumerable<int> shape) => shape.Skip(1).Aggregate(1, (product, size) => checked(product * size));

    /// <summary>The number of steps in a row of so many values.</summary>
    public static int Steps(string name, int values, int stepSize, long row) => values % stepSize == 0
        ? values / stepSize
        : throw new InvalidDataException($"Column '{name}' has {values} values in row {row}; a multiple of {stepSize} is expected, the number of values in a step.");
}
