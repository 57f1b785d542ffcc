using System.Globalization;
using Microsoft.ML;

namespace Sconce.Trainers.Training;

/// <summary>
/// Data that is read more than once. It throws if a later pass has another number of rows than the first, for example for an enumerable
/// that can be read only once.
/// </summary>
internal sealed class RereadRows : IDataView
{
    private const long Unknown = -1;

    private readonly IDataView _data;
    private readonly string _name;
    private long _count = Unknown;

    private RereadRows(IDataView data, string name) => (_data, _name) = (data, name);

    public bool CanShuffle => _data.CanShuffle;

    public DataViewSchema Schema => _data.Schema;

    /// <param name="data">The data.</param>
    /// <param name="name">Its name at the start of a sentence: "The training data".</param>
    public static IDataView Of(IDataView data, string name) => data is RereadRows or IValidationSplittable ? data : new RereadRows(data, name);

    public long? GetRowCount() => _data.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(this, _data.GetRowCursor(columnsNeeded, rand));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private InvalidDataException Changed(long first, long now) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"{_name} had {first} rows when it was first read, and has {now} now. It is read several times, and has to return the same rows each time. Keep rows that can be enumerated only once in a list, or use ml.Data.Cache."));

    private sealed class Cursor(RereadRows data, DataViewRowCursor input) : WrappedCursor(input)
    {
        private long _rows;

        public override bool MoveNext()
        {
            var first = Interlocked.Read(ref data._count);
            if (Input.MoveNext())
            {
                if (_rows++ != first)
                    return true;
                while (Input.MoveNext())
                    _rows++;
                throw data.Changed(first, _rows);
            }

            if (first == Unknown)
                first = Interlocked.CompareExchange(ref data._count, _rows, Unknown);
            return first == Unknown || first == _rows ? false : throw data.Changed(first, _rows);
        }
    }
}
