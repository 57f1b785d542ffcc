using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>A file's rows, read one after another.</summary>
internal interface IRowValues : IDisposable
{
    /// <summary>Goes to the next row; false when there is none.</summary>
    bool MoveNext();

    /// <summary>Gives the row's values.</summary>
    /// <exception cref="InvalidDataException">They are not what is expected; the message names file, row and value.</exception>
    void Read(Span<float> values);
}

/// <summary>Says what a column of a model takes.</summary>
internal static class RowValues
{
    /// <summary>What is expected in place of <paramref name="value"/>; null where the column can hold it.</summary>
    public static string? Refuse(this InputColumn column, float value) =>
        !float.IsFinite(value) ? "a finite number is expected"
        : column.Type == FeatureType.Byte && (value is < 0 or > byte.MaxValue || value != MathF.Floor(value)) ? "the model reads whole numbers from 0 to 255"
        : null;
}

/// <summary>Serves a file's rows as one vector column.</summary>
internal sealed class RowValuesCursor(DataViewSchema schema, InputColumn column, bool active, IRowValues rows) : DataViewRowCursor
{
    private readonly float[] _values = new float[column.Length];
    private long _position = -1;

    public override DataViewSchema Schema => schema;

    public override long Position => _position;

    public override long Batch => 0;

    public override bool IsColumnActive(DataViewSchema.Column asked) => active && asked.Index == 0;

    public override bool MoveNext()
    {
        if (!rows.MoveNext())
        {
            _position = -1;
            return false;
        }

        _position++;
        if (active)
            rows.Read(_values);
        return true;
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new DataViewRowId((ulong)Position, 0);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column asked)
    {
        Delegate getter = column.Type == FeatureType.Byte
            ? (ValueGetter<VBuffer<byte>>)((ref VBuffer<byte> value) => Fill(ref value, pixel => (byte)pixel))
            : (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => Fill(ref value, number => number));
        return getter as ValueGetter<TValue> ?? throw new InvalidOperationException($"Column '{asked.Name}' holds {asked.Type.RawType}; a getter of {typeof(TValue)} was asked for.");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            rows.Dispose();
        base.Dispose(disposing);
    }

    private void Fill<T>(ref VBuffer<T> value, Func<float, T> convert)
    {
        var editor = VBufferEditor.Create(ref value, _values.Length);
        for (var i = 0; i < _values.Length; i++)
            editor.Values[i] = convert(_values[i]);
        value = editor.Commit();
    }
}
