using System.Buffers;
using Parquet;
using Parquet.Schema;

namespace Sconce.Pipelines;

/// <summary>Reads a Parquet file, one row group after another.</summary>
internal sealed class ParquetRowReader : ColumnarRowReader
{
    private readonly Stream _content;
    private readonly ParquetReader _reader;
    private readonly (ColumnarField Field, DataField? Data)[] _fields;
    private int _group = -1;

    /// <exception cref="InvalidDataException">The file is damaged, or has not what is asked for.</exception>
    public ParquetRowReader(string path, Stream content, RowRequest request)
        : base(path)
    {
        _content = content;
        try
        {
            _reader = Translate(() => ParquetReader.CreateAsync(content));
            _fields = Translate(() => Task.FromResult(_reader.Schema.Fields.Select(Describe).ToArray()));
            if (_reader.RowGroups.Sum(group => group.RowCount) != _reader.Metadata!.NumRows)
                throw Damaged("its row groups do not have the number of rows that it says");
            Bind([.. _fields.Select(field => field.Field)], request);
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    public override void Dispose() => _content.Dispose();

    protected override int? OpenChunk() => ++_group < _reader.RowGroupCount ? checked((int)_reader.RowGroups[_group].RowCount) : null;

    protected override FieldChunk ReadField(int field)
    {
        var data = _fields[field].Data!;
        return data switch
        {
            TimeDataField { Precision: TimeUnitPrecision.Millis } => Read<int, TimeSpan>(data, value => TimeSpan.FromMilliseconds((long)value)),
            TimeDataField { Precision: TimeUnitPrecision.Nanos } => Read<long, TimeSpan>(data, value => new TimeSpan(value / TimeSpan.NanosecondsPerTick)),
            TimeDataField => Read<long, TimeSpan>(data, value => TimeSpan.FromMicroseconds(value)),
            // Times of no zone are the same everywhere: whoever makes them local ones does so by the machine's own zone.
            DateTimeDataField => Read<DateTime, DateTime>(data, value => DateTime.SpecifyKind(value, value.Kind == DateTimeKind.Utc ? DateTimeKind.Utc : DateTimeKind.Unspecified)),
            _ => Type.GetTypeCode(data.ClrType) switch
            {
                TypeCode.Boolean => Read<bool>(data),
                TypeCode.SByte => Read<sbyte>(data),
                TypeCode.Byte => Read<byte>(data),
                TypeCode.Int16 => Read<short>(data),
                TypeCode.UInt16 => Read<ushort>(data),
                TypeCode.Int32 => Read<int>(data),
                TypeCode.UInt32 => Read<uint>(data),
                TypeCode.Int64 => Read<long>(data),
                TypeCode.UInt64 => Read<ulong>(data),
                TypeCode.Single => Read<float>(data),
                TypeCode.Double => Read<double>(data),
                _ when data.ClrType == typeof(Guid) => Read<Guid, ReadOnlyMemory<char>>(data, value => value.ToString().AsMemory()),
                _ => Read<ReadOnlyMemory<char>>(data),
            },
        };
    }

    protected override bool HasMissing(int field) => _fields[field].Data is { IsNullable: true } data
        && _reader.RowGroups.Any(group => group.GetMetadata(data)?.MetaData?.Statistics?.NullCount != 0);

    private static (ColumnarField Field, DataField? Data) Describe(Field field) => field switch
    {
        DataField data => Describe(field.Name, data, data.IsArray),
        ListField { Item: DataField item } => Describe(field.Name, item, isList: true),
        ListField => (new(field.Name, null, "lists of columns"), null),
        _ => (new(field.Name, null, "columns of its own"), null),
    };

    private static (ColumnarField Field, DataField? Data) Describe(string name, DataField data, bool isList)
    {
        var type = data switch
        {
            TimeDataField => typeof(TimeSpan),
            _ when data.ClrType == typeof(Guid) => typeof(ReadOnlyMemory<char>),
            _ => data.ClrType,
        };
        var isHeld = ColumnTypes.IsNumber(type) || type == typeof(bool) || type == typeof(ReadOnlyMemory<char>) || type == typeof(DateTime) || type == typeof(TimeSpan);
        return (isHeld ? ColumnarField.Of(name, type, isList) : new(name, null, type == typeof(ReadOnlyMemory<byte>) ? "bytes" : type == typeof(decimal) ? "decimal numbers" : $"values of {type.Name}"), data);
    }

    private FieldChunk<T> Read<T>(DataField field)
        where T : struct => Read<T, T>(field, null);

    /// <summary>Reads a column of the group. Values that are there lie one after another in the file; levels say where others are not.</summary>
    private FieldChunk<T> Read<TStored, T>(DataField field, Converter<TStored, T>? convert)
        where TStored : struct
    {
        var group = _reader.RowGroups[_group];
        var count = checked((int)(group.GetMetadata(field)?.MetaData?.NumValues ?? throw Damaged($"a row group has no column '{field.Path}'")));
        var stored = new TStored[count];
        var definitions = field.MaxDefinitionLevel > 0 ? ArrayPool<int>.Shared.Rent(count) : null;
        var repetitions = field.MaxRepetitionLevel > 0 ? ArrayPool<int>.Shared.Rent(count) : null;
        try
        {
            Translate(async () =>
            {
                await group.ReadRawAsync(field, stored.AsMemory(), definitions?.AsMemory(), repetitions?.AsMemory()).ConfigureAwait(false);
                return true;
            });
            var values = convert is null ? (T[])(object)stored : Array.ConvertAll(stored, convert);
            if (repetitions is not null)
                return ReadLists(field, values, definitions.AsSpan(0, count), repetitions.AsSpan(0, count), group.RowCount);
            if (count != group.RowCount)
                throw Damaged($"column '{field.Path}' has {count} values in a row group of {group.RowCount} rows");
            return new(values, definitions is null ? null : Spread(values, definitions.AsSpan(0, count), field.MaxDefinitionLevel));
        }
        finally
        {
            if (definitions is not null)
                ArrayPool<int>.Shared.Return(definitions);
            if (repetitions is not null)
                ArrayPool<int>.Shared.Return(repetitions);
        }
    }

    /// <summary>Puts each value in its place, from the last to the first, so that none is overwritten.</summary>
    /// <returns>The places without a value; null where all have one.</returns>
    private static bool[]? Spread<T>(T[] values, ReadOnlySpan<int> definitions, int defined)
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

    private FieldChunk<T> ReadLists<T>(DataField field, T[] values, ReadOnlySpan<int> definitions, ReadOnlySpan<int> repetitions, long rows)
    {
        if (repetitions.Count(0) != rows || repetitions is [not 0, ..])
            throw Damaged($"column '{field.Path}' has {repetitions.Count(0)} lists in a row group of {rows} rows");
        // From this level on there is a value, or a place for one; one below it is a list without values, and below that no list.
        var element = field is { IsNullable: true, IsArray: false } ? field.MaxDefinitionLevel - 1 : field.MaxDefinitionLevel;
        var offsets = new int[rows + 1];
        bool[]? withoutList = null;
        List<int> elements = [];
        var row = -1;
        for (var i = 0; i < definitions.Length; i++)
        {
            if (repetitions[i] == 0)
                row++;
            if (definitions[i] >= element)
                elements.Add(definitions[i]);
            else if (definitions[i] < element - 1)
                (withoutList ??= new bool[rows])[row] = true;
            offsets[row + 1] = elements.Count;
        }

        Array.Resize(ref values, elements.Count);
        return new(values, Spread(values, [.. elements], field.MaxDefinitionLevel)) { Offsets = offsets, RowsWithoutList = withoutList };
    }

    /// <summary>Waits, as a cursor is synchronous, and says which file is damaged: the library throws whatever its decoders meet.</summary>
    private T Translate<T>(Func<Task<T>> read)
    {
        try
        {
            return read().GetAwaiter().GetResult();
        }
        catch (Exception exception) when (exception is NotSupportedException or NotImplementedException)
        {
            throw new InvalidDataException($"'{Path}' has what cannot be read of Parquet here: {exception.Message.TrimEnd('.')}. Write it again, with plain columns of numbers or text.", exception);
        }
        catch (Exception exception) when (exception is not (OutOfMemoryException or UnauthorizedAccessException))
        {
            throw Damaged(exception.Message, exception);
        }
    }

    private InvalidDataException Damaged(string what, Exception? cause = null) =>
        new($"'{Path}' cannot be read as Parquet: {what.TrimEnd('.')}. It is damaged or cut short: fetch or write it again.", cause);
}
