using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ParquetSharp;
using Sconce.Files.Columnar;

namespace Sconce.Files.Parquet;

/// <summary>Reads a column of a row group from its beginning, some rows at a time.</summary>
internal abstract class ParquetColumn : IDisposable
{
    /// <summary>The array that values were last read into, for the next values of as many rows; null for none.</summary>
    public Array? Buffer { get; set; }

    /// <summary>Reads the values of so many rows.</summary>
    /// <exception cref="EndOfStreamException">There are fewer.</exception>
    public abstract FieldChunk Read(int rows);

    /// <summary>Passes over rows.</summary>
    public abstract void Skip(long rows);

    /// <summary>Whether there is anything behind what was read.</summary>
    public abstract bool HasMore { get; }

    public abstract void Dispose();
}

/// <summary>What columns of values and of lists have in common: values that are there lie one after another; levels say where others are not.</summary>
/// <param name="name">What messages call it.</param>
/// <param name="reader">The column.</param>
/// <param name="convert">Makes a value of a stored one; null where they are of one type.</param>
internal abstract class ParquetColumn<TStored, T>(string name, ColumnReader<TStored> reader, StoredConversion<TStored, T>? convert) : ParquetColumn
    where TStored : unmanaged
{
    private readonly List<(int Value, string Reason)> _faults = [];
    private TStored[] _stored = [];

    protected string Name => name;

    protected ColumnReader<TStored> Reader => reader;

    public override void Dispose() => reader.Dispose();

    /// <summary>Reads at most so many levels, and the values among them.</summary>
    /// <param name="levels">The number.</param>
    /// <param name="definitions">Gets which of them have a value.</param>
    /// <param name="repetitions">Gets which of them begin a row.</param>
    /// <param name="values">Gets the values, behind those that are there.</param>
    /// <param name="count">The number of values.</param>
    /// <param name="before">The number of values that were read before those.</param>
    /// <returns>The number of levels: at least one.</returns>
    protected int ReadBatch(int levels, Span<short> definitions, Span<short> repetitions, T[] values, ref int count, int before = 0)
    {
        if (convert is null)
        {
            var direct = Check(reader.ReadBatch(levels, definitions, repetitions, ((TStored[])(object)values).AsSpan(count), out var there));
            count += (int)there;
            return direct;
        }

        if (_stored.Length < levels)
            _stored = new TStored[levels];
        var read = Check(reader.ReadBatch(levels, definitions, repetitions, _stored, out var found));
        // Of texts the library has pointers, which are good until it reads on.
        for (var i = 0; i < found; i++, count++)
        {
            if (convert(_stored[i], out values[count]) is { } fault)
                _faults.Add((before + count, fault));
        }

        return read;
    }

    /// <summary>Takes what is wrong with the first values, by the places that <see cref="Spread"/> gives these.</summary>
    protected Dictionary<int, string> TakeFaults(int values, ReadOnlySpan<short> definitions, short defined)
    {
        Dictionary<int, string> faults = [];
        if (_faults.Count == 0)
            return faults;
        var reasons = _faults.Where(fault => fault.Value < values).ToDictionary(fault => fault.Value, fault => fault.Reason);
        var rest = _faults.Where(fault => fault.Value >= values).Select(fault => (fault.Value - values, fault.Reason)).ToList();
        _faults.Clear();
        _faults.AddRange(rest);
        for (int place = 0, value = 0; value < values; place++)
        {
            if ((definitions.IsEmpty || definitions[place] == defined) && reasons.TryGetValue(value++, out var reason))
                faults.Add(place, reason);
        }

        return faults;
    }

    /// <summary>That something was read: where nothing was, the column ends before its row group does.</summary>
    protected int Check(long read) => read > 0 ? (int)read : throw new EndOfStreamException($"column '{name}' ends before its row group does");

    /// <summary>Puts each value in its place, from the last to the first, so that none is overwritten.</summary>
    /// <returns>The places without a value; null where all have one.</returns>
    protected static bool[]? Spread(T[] values, ReadOnlySpan<short> definitions, short defined)
    {
        var present = definitions.Count(defined);
        if (present == definitions.Length)
            return null;
        var missing = new bool[definitions.Length];
        for (var i = definitions.Length - 1; i >= 0; i--)
        {
            missing[i] = definitions[i] != defined;
            values[i] = missing[i] ? default! : values[--present];
        }

        return missing;
    }
}

/// <summary>A column of one value a row.</summary>
internal sealed class ParquetValues<TStored, T>(string name, ColumnReader<TStored> reader, StoredConversion<TStored, T>? convert) : ParquetColumn<TStored, T>(name, reader, convert)
    where TStored : unmanaged
{
    private readonly short _defined = reader.ColumnDescriptor.MaxDefinitionLevel;

    public override bool HasMore => Reader.HasNext;

    public override FieldChunk Read(int rows)
    {
        var values = Buffer is T[] held && held.Length == rows ? held : GC.AllocateUninitializedArray<T>(rows);
        Buffer = RuntimeHelpers.IsReferenceOrContainsReferences<T>() ? null : values;
        var definitions = _defined > 0 ? new short[rows] : [];
        var count = 0;
        for (var levels = 0; levels < rows;)
            levels += ReadBatch(rows - levels, _defined > 0 ? definitions.AsSpan(levels) : [], [], values, ref count);
        return new FieldChunk<T>(values, _defined > 0 ? Spread(values, definitions, _defined) : null) { Faults = TakeFaults(count, definitions, _defined) };
    }

    public override void Skip(long rows)
    {
        while (rows > 0)
            rows -= Check(Reader.Skip(Math.Min(rows, int.MaxValue)));
    }
}

/// <summary>A column of lists: where a row ends is known when the next one begins, so that some of that is read before.</summary>
/// <param name="name">What messages call it.</param>
/// <param name="reader">The column.</param>
/// <param name="convert">Makes a value of a stored one; null where they are of one type.</param>
/// <param name="isOptional">Whether a list may have places without a value.</param>
internal sealed class ParquetLists<TStored, T>(string name, ColumnReader<TStored> reader, StoredConversion<TStored, T>? convert, bool isOptional) : ParquetColumn<TStored, T>(name, reader, convert)
    where TStored : unmanaged
{
    private const int BatchLevels = 4_096;

    private readonly short _defined = reader.ColumnDescriptor.MaxDefinitionLevel;
    private readonly List<short> _definitions = [];
    private readonly List<short> _repetitions = [];
    private readonly List<T> _values = [];
    private readonly short[] _batchDefinitions = new short[BatchLevels];
    private readonly short[] _batchRepetitions = new short[BatchLevels];
    private readonly T[] _batchValues = new T[BatchLevels];
    private int _rows;

    public override bool HasMore => _rows > 0 || Reader.HasNext;

    public override FieldChunk Read(int rows)
    {
        while (_rows <= rows && Reader.HasNext)
            ReadMore();
        Check(_rows < rows ? 0 : 1);

        // From this level on there is a value, or a place for one; one below it is a list without values, and below that no list.
        var element = isOptional ? _defined - 1 : _defined;
        var offsets = new int[rows + 1];
        bool[]? withoutList = null;
        List<short> elements = [];
        var (row, level, present) = (-1, 0, 0);
        for (; level < _definitions.Count && (row < rows - 1 || _repetitions[level] != 0); level++)
        {
            var definition = _definitions[level];
            if (_repetitions[level] == 0)
                row++;
            if (definition >= element)
                elements.Add(definition);
            else if (definition < element - 1)
                (withoutList ??= new bool[rows])[row] = true;
            present += definition == _defined ? 1 : 0;
            offsets[row + 1] = elements.Count;
        }

        var values = new T[elements.Count];
        _values.CopyTo(0, values, 0, present);
        _values.RemoveRange(0, present);
        _definitions.RemoveRange(0, level);
        _repetitions.RemoveRange(0, level);
        _rows -= rows;
        return new FieldChunk<T>(values, Spread(values, CollectionsMarshal.AsSpan(elements), _defined))
        {
            Offsets = offsets,
            RowsWithoutList = withoutList,
            Faults = TakeFaults(present, CollectionsMarshal.AsSpan(elements), _defined),
        };
    }

    public override void Skip(long rows)
    {
        for (; rows > 0; rows -= Math.Min(rows, BatchLevels))
            Read((int)Math.Min(rows, BatchLevels));
    }

    private void ReadMore()
    {
        var count = 0;
        var levels = ReadBatch(BatchLevels, _batchDefinitions, _batchRepetitions, _batchValues, ref count, _values.Count);
        if (_repetitions.Count == 0 && _batchRepetitions[0] != 0)
            throw new InvalidDataException($"column '{Name}' begins in the middle of a list");
        _definitions.AddRange(_batchDefinitions.AsSpan(0, levels));
        _repetitions.AddRange(_batchRepetitions.AsSpan(0, levels));
        _values.AddRange(_batchValues.AsSpan(0, count));
        _rows += _batchRepetitions.AsSpan(0, levels).Count((short)0);
    }
}
