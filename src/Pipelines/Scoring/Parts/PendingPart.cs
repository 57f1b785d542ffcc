using Microsoft.ML;
using Sconce.Core.Storage;
using Sconce.Files.Rows;

namespace Sconce.Pipelines.Scoring.Parts;

/// <summary>The part that is being written.</summary>
internal sealed class PendingPart : IDisposable
{
    private readonly PartsFolder _folder;
    private readonly RowFormat _format;
    private readonly int _number;
    private readonly NewFile _file;
    private readonly RowWriter _writer;
    private NewFile? _badFile;
    private RowWriter? _badWriter;
    private InputPosition _end;

    /// <exception cref="IOException">Its file cannot be made.</exception>
    public PendingPart(PartsFolder folder, RowFormat format, DataViewSchema schema)
    {
        (_folder, _format, _number) = (folder, format, folder.Parts.Count);
        _file = Create(folder.PathOf(_number, format));
        // Text of a part is put after that of those before, which began with the names.
        _writer = format.CreateWriter(_file.Content, schema, continues: _number > 0);
    }

    /// <summary>What it came to so far.</summary>
    public ScoringTotals Totals { get; private set; }

    public void Write(RowBatch rows, IReadOnlyList<BadRow> bad, InputPosition end)
    {
        _writer.Write(rows);
        if (bad.Count > 0)
        {
            _badFile ??= Create(_folder.BadPathOf(_number));
            _badWriter ??= Quarantine.CreateWriter(_badFile.Content, continues: _folder.Parts.Any(part => part.HasBad));
            _badWriter.Write(Quarantine.BatchOf(bad));
        }

        var files = bad.Count(row => row.IsFile);
        Totals += new ScoringTotals(rows.Count, bad.Count - files, files);
        _end = end;
    }

    /// <summary>Completes its files, and gives what the manifest says of it.</summary>
    public ScoringPart Finish()
    {
        _writer.Finish();
        _badWriter?.Finish();
        var (file, bad) = (_file.Hash(), _badFile?.Hash());
        _badFile?.Publish();
        _file.Publish();
        var begin = _folder.Next;
        return new ScoringPart
        {
            Number = _number,
            Input = _folder.Run!.Inputs[begin.File].Path,
            Offset = begin.Row,
            Rows = Totals.Rows,
            Bad = Totals.Bad,
            BadFiles = Totals.BadFiles,
            End = _end,
            Bytes = file.Bytes,
            Hash = file.Hash,
            BadHash = bad?.Hash,
        };
    }

    public void Dispose()
    {
        _writer.Dispose();
        _badWriter?.Dispose();
        _file.Dispose();
        _badFile?.Dispose();
    }

    private NewFile Create(string path) => new(_folder.Options.Files, path, $"{path}.tmp");
}
