using System.Runtime.ExceptionServices;
using Microsoft.ML;
using ParquetSharp;
using ParquetSharp.Schema;
using Sconce.Core.Errors;
using Sconce.Files.Columnar;
using Sconce.Files.Rows;

namespace Sconce.Files.Parquet;

/// <summary>Writes a column for each value of a row, in row groups of about 16 MB, with page checksums.</summary>
internal sealed class ParquetRowWriter : ColumnarRowWriter
{
    private const int ValuesPerGroup = 1 << 22;

    private readonly ParquetDestination _destination;
    private readonly ParquetFileWriter _writer;
    private readonly ParquetColumnBuffer[] _columns;

    /// <exception cref="ArgumentException">
    /// Parquet does not support the type of a column, or two columns would have the same name.
    /// </exception>
    public ParquetRowWriter(Stream destination, DataViewSchema schema)
        : base(ValuesPerGroup)
    {
        _columns = [.. schema.Select(ParquetColumnBuffer.For)];
        string[] names = [.. _columns.SelectMany(column => column.Names)];
        if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twins)
        {
            throw new ArgumentException($"A Parquet file cannot have two columns '{twins.Key}'. Rename one of them with ml.Transforms.CopyColumns.")
                .About(column: twins.Key);
        }

        Node[] nodes = [.. _columns.SelectMany(column => column.CreateNodes())];
        try
        {
            using var root = new GroupNode("schema", Repetition.Required, nodes);
            using var properties = new WriterPropertiesBuilder();
            properties.Compression(ParquetSharp.Compression.Snappy).EnablePageChecksum();
            // Scores rarely repeat: a dictionary would take longer than writing them.
            foreach (var name in _columns.Where(column => column.IsFloating).SelectMany(column => column.Names))
                properties.DisableDictionary(name);
            using var built = properties.Build();
            _destination = new ParquetDestination(destination);
            _writer = new ParquetFileWriter(_destination, root, built, leaveOpen: true);
        }
        finally
        {
            Array.ForEach(nodes, node => node.Dispose());
        }
    }

    public override void Finish()
    {
        base.Finish();
        // Closing writes the file's footer.
        Run(_writer.Close);
    }

    public override void Dispose()
    {
        // An unfinished file gets no footer, which would make it look complete.
        _destination.IsClosed = true;
        _writer.Dispose();
        _destination.Dispose();
        base.Dispose();
    }

    protected override void Append(RowBatch batch, int from, int to)
    {
        for (var i = 0; i < _columns.Length; i++)
            _columns[i].Append(batch.Columns[i], from, to);
    }

    protected override void WriteChunk(int rows) => Run(() =>
    {
        using var group = _writer.AppendRowGroup();
        foreach (var column in _columns)
            column.WriteTo(group);
        group.Close();
    });

    /// <summary>Throws the destination's own exception instead of the library's, which has only its message.</summary>
    private void Run(Action write)
    {
        try
        {
            write();
        }
        catch (ParquetException) when (_destination.Failure is not null)
        {
            ExceptionDispatchInfo.Throw(_destination.Failure);
        }
    }
}
