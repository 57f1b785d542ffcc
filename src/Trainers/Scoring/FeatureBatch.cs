using Microsoft.ML;
using Sconce.Trainers.Columns;

namespace Sconce.Trainers.Scoring;

/// <summary>
/// The features of a batch of rows, one row after another. Sequences may be longer than in the training: the batch is then as wide as its
/// longest row, and has fewer rows.
/// </summary>
internal sealed class FeatureBatch
{
    private readonly ColumnBinding _column;
    private readonly FieldReader? _read;
    private readonly SequenceReader? _sequence;
    private readonly int _mostBytes;
    private byte[] _bytes;

    public FeatureBatch(ColumnBinding column, DataViewRow input, int capacity)
    {
        (_column, Field) = (column, column.Field);
        _bytes = new byte[_mostBytes = capacity * column.Field.Bytes];
        if (column is SequenceColumn sequence)
            _sequence = sequence.CreateSequenceReader(input);
        else
            _read = column.CreateReader(input);
    }

    /// <summary>The type and shape of each row in this batch.</summary>
    public Field Field { get; private set; }

    /// <summary>The buffer of the rows, which may be larger than they are.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Reads the current row as row <paramref name="row"/> of the batch; 0 starts a new batch.</summary>
    /// <returns>False if the row does not fit into the batch and belongs to the next one.</returns>
    /// <exception cref="InvalidDataException">The row's value cannot be used.</exception>
    public bool TryRead(int row)
    {
        if (_sequence is null)
        {
            _read!(Room(row));
            return true;
        }

        if (row == 0)
            Field = _column.Field;
        var length = _sequence.Read();
        var field = length > Field.Shape[0] ? ((SequenceColumn)_column).FieldFor(length) : Field;
        var needed = (row + 1L) * field.Bytes;
        // At most as many padded values as a full batch of training rows, because the memory of the layers' outputs grows with them.
        if (row > 0 && needed > _mostBytes)
            return false;
        if (needed > _bytes.Length)
            _bytes = new byte[needed];
        Widen(row, field);
        _sequence.Write(Room(row));
        return true;
    }

    private Span<byte> Room(int row) => _bytes.AsSpan(row * Field.Bytes, Field.Bytes);

    private void Widen(int rows, Field field)
    {
        var before = Field.Bytes;
        Field = field;
        if (field.Bytes == before)
            return;
        for (var row = rows - 1; row >= 0; row--)
        {
            var room = Room(row);
            _bytes.AsSpan(row * before, before).CopyTo(room);
            ((SequenceColumn)_column).MarkEnd(room[before..]);
        }
    }
}
