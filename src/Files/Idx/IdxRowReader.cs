using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Files.Rows;
using Sconce.Files.Text;

namespace Sconce.Files.Idx;

/// <summary>Reads an IDX file, raw or gz, in bounded memory. Labels are read from the file of labels beside it, named as those of MNIST.</summary>
internal sealed class IdxRowReader : RowReader
{
    private const int BufferSize = 1 << 20;
    private const int RowsPerBlock = 4_096;
    private const string ImageName = "Image", LabelName = "Label";

    private readonly IdxContent _content;
    private readonly IdxHeader _header;
    private readonly int _rowLength;
    private byte[] _row;
    private readonly int _feature;
    private readonly int _label;
    private readonly bool _isFinite;
    private readonly IdxFile? _labels;
    private readonly ColumnValues? _labelValues;

    /// <exception cref="InvalidDataException">The file is damaged, or does not have the requested columns.</exception>
    public IdxRowReader(string path, Stream content, RowRequest request)
        : base(path)
    {
        _content = new IdxContent(path, content, BufferSize);
        _header = _content.Header;
        try
        {
            if (_header.ItemLength * _header.ElementType.Size() > Array.MaxLength)
            {
                throw new InvalidDataException($"'{path}' has rows of {_header.ItemLength} values ({_header.Shape}), more than fit into memory.")
                    .About(file: path);
            }

            _rowLength = (int)_header.ItemLength * _header.ElementType.Size();
            // A header may claim rows of any length; memory is allocated as they are read.
            _row = new byte[Math.Min(_rowLength, BufferSize)];
            (Schema, _feature, _label, _isFinite) = request.IsByName ? BindByName(request) : Bind(request);
            _labels = _label < 0 ? null : LoadLabels();
            _labelValues = _labels is null ? null : ValuesOf(request.Columns.Count > 0 ? request.Columns[_label] : new(LabelName, NumberDataViewType.UInt32));
        }
        catch
        {
            _content.Dispose();
            throw;
        }
    }

    public override DataViewSchema Schema { get; }

    public override long? RowCount => _header.Dimensions[0];

    public override IReadOnlyList<long> Blocks => !_content.CanSeek ? []
        : [.. Enumerable.Repeat((long)RowsPerBlock, (int)((_header.Dimensions[0] + RowsPerBlock - 1L) / RowsPerBlock))];

    public override void Dispose() => _content.Dispose();

    public override void Skip(long rows)
    {
        if (!_content.CanSeek)
        {
            base.Skip(rows);
            return;
        }

        rows = Math.Min(rows, _header.Dimensions[0] - Position);
        _content.Skip(rows * _rowLength);
        Advance(rows);
    }

    protected override bool MoveNext()
    {
        if (Position == _header.Dimensions[0])
        {
            _content.CheckEnd();
            return false;
        }

        _content.Read(ref _row, _rowLength);
        return true;
    }

    protected override string? Read(RowBatch batch, int row)
    {
        if (_feature < 0)
        {
            // Only labels are read.
        }
        else if (_header.ElementType == IdxElementType.Byte)
        {
            _row.CopyTo(((FixedValues<byte>)batch.Columns[_feature]).Row(row));
        }
        else
        {
            var values = ((FixedValues<float>)batch.Columns[_feature]).Row(row);
            var words = MemoryMarshal.Cast<float, uint>(values);
            MemoryMarshal.Cast<byte, uint>(_row).CopyTo(words);
            if (BitConverter.IsLittleEndian)
                BinaryPrimitives.ReverseEndianness(words, words);
            var bad = _isFinite ? values.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue) : -1;
            if (bad >= 0)
                return $"value {bad + 1} is {values[bad]}; a finite number is expected";
        }

        if (_labels is not null)
            batch.Columns[_label].Copy(_labelValues!, _labels.GetItem((int)Position - 1)[0], row);
        return null;
    }

    private DataViewType ItemType
    {
        get
        {
            PrimitiveDataViewType item = _header.ElementType == IdxElementType.Byte ? NumberDataViewType.Byte : NumberDataViewType.Single;
            return _header.Dimensions.Length == 1 ? item : new VectorDataViewType(item, _header.Dimensions.Skip(1).Select(size => (int)size).ToArray());
        }
    }

    /// <summary>Finds the single column that a model reads, regardless of its name.</summary>
    private (DataViewSchema Schema, int Feature, int Label, bool IsFinite) Bind(RowRequest request)
    {
        var type = ItemType;
        IReadOnlyList<RequestedColumn> columns = request.Columns.Count > 0 ? request.Columns : [new(ImageName, type)];
        List<RequestedColumn> features = [.. columns.Where(column => column.Role == ColumnRole.Feature)];
        if (columns.FirstOrDefault(column => column.Role == ColumnRole.Kept) is { } kept)
            throw Invalid($"'{Path}' is an IDX file, whose only column has no name, so it has no column '{kept.Name}' to keep.", kept.Name);
        if (features is not [var feature])
            throw Invalid($"'{Path}' is an IDX file with one column ({type}), but {request.Reader} reads {features.Count}: {string.Join(", ", features.Select(each => $"'{each.Name}' ({each.Type})"))}.");
        if (!IsLike(type, feature.Type!))
            throw Invalid($"'{Path}' has rows of {type}; the model was trained on {feature.Type}.", feature.Name);
        var schema = RequestedColumn.SchemaOf(columns.Select(column => column.Role == ColumnRole.Label ? column with { Type = TextDataViewType.Instance } : column));
        return (schema, IndexOf(ColumnRole.Feature), IndexOf(ColumnRole.Label), feature.IsFinite);

        int IndexOf(ColumnRole role) => columns.Index().FirstOrDefault(column => column.Item.Role == role, (Index: -1, Item: feature)).Index;
    }

    /// <summary>Finds the columns Image and Label.</summary>
    private (DataViewSchema Schema, int Image, int Label, bool IsFinite) BindByName(RowRequest request)
    {
        var hasLabels = IdxLabels.FileOf(Path) is not null;
        var (image, label) = (-1, -1);
        IReadOnlyList<RequestedColumn> columns = request.Columns.Count > 0 ? request.Columns
            : [new(ImageName, ItemType), .. hasLabels ? (RequestedColumn[])[new(LabelName, NumberDataViewType.UInt32)] : []];
        foreach (var (place, column) in columns.Index())
        {
            if (column.FieldName == ImageName)
                image = place;
            else if (column.FieldName == LabelName && hasLabels)
                label = place;
            else
                throw FieldBinding.Missing(Path, hasLabels ? [ImageName, LabelName] : [ImageName], 1, request, column, byPlace: false);
            if (image == place && !IsLike(ItemType, column.Type!))
                throw Invalid($"'{Path}' has rows of {ItemType}; {column.Type} is expected for column '{column.Name}'.", column.Name);
        }

        return (RequestedColumn.SchemaOf(columns), image, label, image >= 0 && columns[image].IsFinite);
    }

    private static bool IsLike(DataViewType found, DataViewType expected) => found.Equals(expected)
        || (found is VectorDataViewType one && expected is VectorDataViewType other && one.ItemType.Equals(other.ItemType) && one.Size == other.Size && (one.Dimensions.Length == 1 || other.Dimensions.Length == 1));

    private IdxFile? LoadLabels()
    {
        if (IdxLabels.FileOf(Path) is not { } path)
            return null;
        var labels = IdxFile.Load(path);
        return labels.Count == _header.Dimensions[0] ? labels
            : throw new InvalidDataException($"'{Path}' has {_header.Dimensions[0]} rows, but '{path}' has {labels.Count} labels; one label for each row is expected.")
                .About(file: path);
    }

    /// <summary>The labels 0 to 255 as values of a column.</summary>
    private ColumnValues ValuesOf(RequestedColumn column)
    {
        var type = Schema[_label].Type;
        var parser = ValueParser.For(new RequestedColumn(column.Name, type) { Annotations = column.Annotations });
        var values = ColumnValues.Create(column.Name, type, byte.MaxValue + 1);
        for (var label = 0; label <= byte.MaxValue; label++)
        {
            var text = label.ToString(CultureInfo.InvariantCulture);
            if (!parser.TryRead(text, values, label))
                throw Invalid($"'{Path}': labels are whole numbers from 0 to 255, but column '{column.Name}' of {column.Type} cannot represent '{text}'; {parser.Refuse(text)}.", column.Name);
        }

        return values;
    }
}
