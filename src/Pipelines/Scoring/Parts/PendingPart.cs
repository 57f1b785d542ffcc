using Microsoft.ML;
using Sconce.Core.Storage;
using Sconce.Files.Rows;

namespace Sconce.Pipelines.Scoring.Parts;

/// <summary>The part that is being written.</summary>
internal sealed class PendingPart : IDisposable
{
    private readonly PartsFolder _folder;
    private readonly int _number;
    private readonly HashedPart _file;
    private readonly Dictionary<int, InputRead> _reads = [];
    private HashedPart? _bad;
    private InputPosition _end;

    /// <exception cref="IOException">Its file cannot be created.</exception>
    public PendingPart(PartsFolder folder, RowFormat format, DataViewSchema schema)
    {
        (_folder, _number) = (folder, folder.Parts.Count);
        // Text follows that of the parts before, the first of which has the header.
        _file = new(folder, folder.PathOf(_number, format), content => format.CreateWriter(content, schema, continues: _number > 0));
    }

    /// <summary>The rows so far.</summary>
    public ScoringTotals Totals { get; private set; }

    public void Write(RowBatch rows, IReadOnlyList<BadRow> bad, InputPosition end, IReadOnlyList<InputRead> reads)
    {
        _file.Writer.Write(rows);
        if (bad.Count > 0)
        {
            _bad ??= new(_folder, _folder.BadPathOf(_number), content => Quarantine.CreateWriter(content, continues: _folder.Parts.Any(part => part.HasBad)));
            _bad.Writer.Write(Quarantine.BatchOf(bad));
        }

        foreach (var read in reads)
            _reads[read.File] = read;
        var files = bad.Count(row => row.IsFile);
        Totals += new ScoringTotals(rows.Count, bad.Count - files, files);
        _end = end;
    }

    /// <summary>Completes its files, and returns its line of the manifest.</summary>
    public ScoringPart Finish()
    {
        var hash = _file.Finish();
        var badHash = _bad?.Finish();
        var bytes = _file.Content.Length;
        _bad?.Publish();
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
            Bytes = bytes,
            Hash = hash,
            BadHash = badHash,
            Reads = _reads.Count == 0 ? null : [.. _reads.Values.OrderBy(read => read.File)],
        };
    }

    public void Dispose()
    {
        _file.Dispose();
        _bad?.Dispose();
    }

    /// <summary>A file of the part, which is hashed while it is written.</summary>
    private sealed class HashedPart : IDisposable
    {
        private readonly NewFile _file;

        public HashedPart(PartsFolder folder, string path, Func<Stream, RowWriter> begin)
        {
            _file = new(folder.Options.Files, path, $"{path}.tmp");
            Content = new HashingStream(_file.Content);
            try
            {
                Writer = begin(Content);
            }
            catch
            {
                _file.Dispose();
                throw;
            }
        }

        public HashingStream Content { get; }

        public RowWriter Writer { get; }

        public string Finish()
        {
            Writer.Finish();
            return Content.Complete();
        }

        public void Publish() => _file.Publish();

        public void Dispose()
        {
            Writer.Dispose();
            _file.Dispose();
        }
    }
}
