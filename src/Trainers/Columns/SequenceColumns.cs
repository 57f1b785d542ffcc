using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using static TorchSharp.torch;

namespace Sconce.Trainers.Columns;

/// <summary>Reads the rows of a sequence column, of any length.</summary>
/// <param name="Read">Reads the current row, and returns how many of its symbols or steps are used.</param>
/// <param name="Write">Writes them to a span that has room for them, and fills the rest with the end mark.</param>
internal sealed record SequenceReader(Func<int> Read, FieldReader Write);

/// <summary>
/// Rows of different lengths in a field of fixed length. The rest of a shorter row is marked, so that a network can find the row's end.
/// </summary>
/// <param name="Name">The column's name.</param>
/// <param name="Field">As long as the longest row of the training data.</param>
/// <param name="Unit">The unit of a row's length: "characters".</param>
internal abstract record SequenceColumn(string Name, Field Field, string Unit) : ColumnBinding(Name, Field)
{
    /// <summary>How much of a row is read; null for all of it.</summary>
    public SequenceLimit? Limit { get; init; }

    /// <summary>Records whether any row was longer than the field. Such rows are not written. Null: they are an error.</summary>
    public LongerRows? Longer { get; init; }

    /// <summary>Creates a reader of rows that may be longer than the field.</summary>
    public abstract SequenceReader CreateSequenceReader(DataViewRow row);

    /// <remarks>For rows that have been measured: none is longer.</remarks>
    public sealed override FieldReader CreateReader(DataViewRow row)
    {
        var (read, write) = CreateSequenceReader(row);
        return destination =>
        {
            var length = read();
            if (length <= Field.Shape[0])
                write(destination);
            else if (Longer is not null)
                Longer.WereSeen = true;
            else
                throw new InvalidDataException($"Column '{Name}' has {length} {Unit} in row {row.Position}; when the data was first read no row had more than {Field.Shape[0]}. The data has to be the same each time it is read; hold it in a list, or use ml.Data.Cache.").About(row: row.Position + 1, column: Name);
        };
    }

    /// <summary>The field with room for a row of this length.</summary>
    /// <exception cref="InvalidDataException">A row of this length does not fit into an array.</exception>
    public Field FieldFor(int length)
    {
        var stepSize = NumberSequenceColumn.StepSize(Field.Shape);
        return length <= Array.MaxLength / sizeof(int) / stepSize
            ? new Field(Field.Type, [length, .. Field.Shape.Skip(1)])
            : throw new InvalidDataException($"Column '{Name}' has a row with {length} {Unit}; at most {Array.MaxLength / sizeof(int) / stepSize} can be held. MaximumInputLength and Truncation shorten rows.").About(column: Name);
    }

    /// <summary>Marks the steps beyond the end of a row.</summary>
    public void MarkEnd(Span<byte> rest)
    {
        if (Field.Type == ScalarType.Float32)
            MemoryMarshal.Cast<byte, float>(rest).Fill(float.NaN);
        else
            rest.Clear();
    }

    /// <summary>Refuses an empty row.</summary>
    public static void CheckNotEmpty(string name, int length, string unit, long row)
    {
        if (length == 0)
            throw new InvalidDataException($"Column '{name}' has no {unit} in row {row}; at least one is expected. ml.Data.FilterByCustomPredicate drops such rows.").About(row: row + 1, column: name);
    }

    /// <summary>Returns the part of a row that is read.</summary>
    /// <exception cref="InvalidDataException">The row is empty, or longer than the network allows.</exception>
    public static (int Start, int Length) Cut(string name, SequenceLimit? limit, int length, string unit, long row)
    {
        CheckNotEmpty(name, length, unit, row);
        if (limit is null || length <= limit.Length)
            return (0, length);
        return limit.Truncation switch
        {
            SequenceTruncation.KeepStart => (0, limit.Length),
            SequenceTruncation.KeepEnd => (length - limit.Length, limit.Length),
            _ => throw new InvalidDataException($"Column '{name}' has {length} {unit} in row {row}; at most {limit.Length} are allowed. Increase the limit or shorten the row; of a feature column the network's Truncation can do so.").About(row: row + 1, column: name),
        };
    }

    /// <inheritdoc cref="Cut(string, SequenceLimit?, int, string, long)"/>
    protected (int Start, int Length) Cut(int length, DataViewRow row) => Cut(Name, Limit, length, Unit, row.Position);
}

/// <summary>Whether there were rows longer than a field.</summary>
internal sealed class LongerRows
{
    public bool WereSeen { get; set; }
}

/// <summary>Rows of symbols, as 32-bit numbers: 1 for the first symbol, 0 beyond the end of a row.</summary>
internal abstract record SymbolColumn(string Name, ClassNames Symbols, int Longest, string Unit) : SequenceColumn(Name, new Field(ScalarType.Int32, [Longest]), Unit)
{
    /// <summary>
    /// Whether a symbol that is not in the training data is read as the number of symbols plus one; otherwise it is an error.
    /// </summary>
    public bool TakesUnknown { get; init; } = true;

    protected int Unknown(string symbol, long row) => TakesUnknown
        ? Symbols.Count + 1
        : throw new InvalidDataException($"Column '{Name}' has {symbol} in row {row}, which is not among the {Symbols.Count} {Unit} of the training data.").About(row: row + 1, column: Name);
}

/// <summary>Text: each character (Unicode scalar value) is a symbol.</summary>
internal sealed record TextColumn(string Name, ClassNames Symbols, int Longest) : SymbolColumn(Name, Symbols, Longest, "characters")
{
    public override SequenceReader CreateSequenceReader(DataViewRow row)
    {
        var numbers = Symbols.Values.Index().ToDictionary(symbol => symbol.Item.EnumerateRunes().First(), symbol => symbol.Index + 1);
        var getter = row.GetGetter<ReadOnlyMemory<char>>(row.Schema[Name]);
        var text = default(ReadOnlyMemory<char>);
        int start = 0, length = 0;
        return new(Read, Write);

        int Read()
        {
            getter(ref text);
            length = 0;
            foreach (var _ in text.Span.EnumerateRunes())
                length++;
            (start, length) = Cut(length, row);
            return length;
        }

        void Write(Span<byte> destination)
        {
            var symbols = MemoryMarshal.Cast<byte, int>(destination);
            var at = -start;
            foreach (var rune in text.Span.EnumerateRunes())
            {
                if (at == length)
                    break;
                if (at >= 0)
                    symbols[at] = numbers.TryGetValue(rune, out var number) ? number : Unknown($"the character '{rune}'", row.Position);
                at++;
            }

            symbols[length..].Clear();
        }
    }
}

/// <summary>Vectors of keys: each key is a symbol, and a missing key is an unknown symbol.</summary>
internal sealed record KeySequenceColumn(string Name, ClassNames Symbols, int Longest) : SymbolColumn(Name, Symbols, Longest, "keys")
{
    public override SequenceReader CreateSequenceReader(DataViewRow row)
    {
        var getter = row.GetGetter<VBuffer<uint>>(row.Schema[Name]);
        var keys = default(VBuffer<uint>);
        int start = 0, length = 0;
        return new(Read, Write);

        int Read()
        {
            getter(ref keys);
            (start, length) = Cut(keys.Length, row);
            return length;
        }

        void Write(Span<byte> destination)
        {
            var symbols = MemoryMarshal.Cast<byte, int>(destination);
            foreach (var (at, key) in keys.DenseValues().Skip(start).Take(length).Index())
                symbols[at] = key == 0 ? Unknown("a missing key", row.Position) : (int)key;
            symbols[length..].Clear();
        }
    }
}

/// <summary>Vectors of Single: steps of one or more numbers, with NaN beyond the end of a row.</summary>
internal sealed record NumberSequenceColumn(string Name, IReadOnlyList<int> Shape) : SequenceColumn(Name, new Field(ScalarType.Float32, Shape), "steps")
{
    public override SequenceReader CreateSequenceReader(DataViewRow row)
    {
        var stepSize = StepSize(Shape);
        var getter = row.GetGetter<VBuffer<float>>(row.Schema[Name]);
        var buffer = default(VBuffer<float>);
        var dense = default(VBuffer<float>);
        int start = 0, length = 0;
        return new(Read, Write);

        int Read()
        {
            getter(ref buffer);
            (start, length) = Cut(Steps(Name, buffer.Length, stepSize, row.Position), row);
            return length;
        }

        void Write(Span<byte> destination)
        {
            var values = MemoryMarshal.Cast<byte, float>(destination);
            var read = values[..(length * stepSize)];
            if (buffer.Length == read.Length)
            {
                buffer.CopyTo(read);
            }
            else
            {
                buffer.CopyToDense(ref dense);
                dense.GetValues().Slice(start * stepSize, read.Length).CopyTo(read);
            }

            VectorColumn<float>.CheckFinite(Name, read, row);
            values[read.Length..].Fill(float.NaN);
        }
    }

    /// <summary>The number of values in a step: the product of all dimensions but the first.</summary>
    public static int StepSize(IEnumerable<int> shape) => shape.Skip(1).Aggregate(1, (product, size) => checked(product * size));

    /// <summary>The number of steps in a row with <paramref name="values"/> values.</summary>
    public static int Steps(string name, int values, int stepSize, long row) => values % stepSize == 0
        ? values / stepSize
        : throw new InvalidDataException($"Column '{name}' has {values} values in row {row}; a multiple of {stepSize}, the number of values of a step, is expected.").About(row: row + 1, column: name);
}
