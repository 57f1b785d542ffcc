using Microsoft.ML;

namespace Sconce.Trainers;

/// <summary>Rows that do not fit: they are read from the data in every epoch, and drawn at random from a pool that is kept full.</summary>
internal sealed class StreamedRows(RowLayout layout, long count, int poolRows) : TrainingRows(count, layout.RowBytes)
{
    private readonly RowStore _pool = new(layout.RowBytes, poolRows);
    private readonly byte[] _row = new byte[layout.RowBytes];
    private DataViewRowCursor? _cursor;
    private FieldReader? _readFeature;
    private FieldReader? _readTarget;
    private Random? _random;
    private int _held;

    public override void BeginEpoch(int seed)
    {
        _cursor?.Dispose();
        _cursor = layout.OpenCursor();
        _readFeature = layout.Feature.CreateReader(_cursor);
        _readTarget = layout.Target.CreateReader(_cursor);
        _random = new Random(seed);
        _held = 0;
        while (_held < poolRows && TryRead())
        {
            if (_held < _pool.Count)
                _row.CopyTo(_pool[_held]);
            else
                _pool.Add(_row);
            _held++;
        }
    }

    public override bool TryNext(Span<byte> destination)
    {
        if (_held == 0)
            return false;

        var drawn = _pool[_random!.Next(_held)];
        drawn.CopyTo(destination);
        if (TryRead())
            _row.CopyTo(drawn);
        else
            _pool[--_held].CopyTo(drawn);
        return true;
    }

    public override void Dispose() => _cursor?.Dispose();

    private bool TryRead()
    {
        if (!_cursor!.MoveNext())
            return false;
        _readFeature!(_row.AsSpan(0, layout.FeatureBytes));
        _readTarget!(_row.AsSpan(layout.FeatureBytes));
        return true;
    }
}
