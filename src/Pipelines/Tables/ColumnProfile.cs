using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Pipelines.Tables;

/// <summary>What one pass over a column finds, in bounded memory.</summary>
internal sealed class ColumnProfile(DataViewSchema.Column column)
{
    /// <summary>The most values that are counted one by one.</summary>
    public const int MostCounted = 1_000;

    private const int MostExamples = 3;
    private const int MostLength = 40;
    private const int WordsOfText = 4;
    private const int LeastTexts = 20;
    private const int SampledNumbers = 4_096;

    private readonly DistinctCount _distinct = new();
    private readonly List<string> _examples = [];
    private readonly List<double> _sample = [];
    private readonly Random _random = new(0);
    private readonly long[] _forms = new long[Enum.GetValues<CellForm>().Length];
    private readonly (long Row, string Text)[] _first = new (long, string)[Enum.GetValues<CellForm>().Length];
    private double _previous = double.NaN;
    private long _words;

    public DataViewSchema.Column Column => column;

    public bool IsNumeric => column.Type is NumberDataViewType;

    public long Rows { get; private set; }

    public long Missing { get; private set; }

    public long Present => Rows - Missing;

    /// <summary>The first row without a value, from 1; 0 for none.</summary>
    public long FirstMissing { get; private set; }

    /// <summary>How often each value occurs, and its first row, from 1; null if there are too many values.</summary>
    public OrderedDictionary<string, (long Count, long Row)>? Values { get; private set; } = new(StringComparer.Ordinal);

    public long Distinct => _distinct.Count;

    public IReadOnlyList<string> Examples => _examples;

    public double Minimum { get; private set; } = double.PositiveInfinity;

    public double Maximum { get; private set; } = double.NegativeInfinity;

    public double? Median => _sample.Count == 0 ? null : Quantile.Of([.. _sample.Order()], 0.5);

    /// <summary>Whether all numbers are whole.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>Whether each number is the one after the previous row's.</summary>
    public bool IsConsecutive { get; private set; } = true;

    /// <summary>The first row, from 1, whose number Single cannot represent; 0 for none.</summary>
    public long FirstBeyondSingle { get; private set; }

    public void Add(TableCell cell)
    {
        Rows++;
        if (cell.IsMissing)
        {
            Missing++;
            FirstMissing = FirstMissing == 0 ? Rows : FirstMissing;
            return;
        }

        if (IsNumeric)
            AddNumber(cell.Number);
        if (column.Type is TextDataViewType)
            AddText(cell.Text);
        if (IsNumeric)
            _distinct.Add(cell.Number);
        else
            _distinct.Add(cell.Text);
        if (_examples.Count < MostExamples && Shorten(cell.Text) is var example && !_examples.Contains(example))
            _examples.Add(example);
        if (Values is null)
            return;
        var (count, row) = Values.TryGetValue(cell.Text, out var known) ? known : (0, Rows);
        Values[cell.Text] = (count + 1, row);
        if (Values.Count > MostCounted)
            Values = null;
    }

    /// <summary>The number of texts of a form.</summary>
    public long CountOf(params ReadOnlySpan<CellForm> forms)
    {
        var count = 0L;
        foreach (var form in forms)
            count += _forms[(int)form];
        return count;
    }

    /// <summary>The first row, from 1, with a text of a form, and the text.</summary>
    public (long Row, string Text) FirstOf(CellForm form) => _first[(int)form];

    /// <summary>What the values seem to mean.</summary>
    public TableColumnKind Kind => column.Type switch
    {
        BooleanDataViewType => TableColumnKind.Boolean,
        KeyDataViewType => TableColumnKind.Category,
        DateTimeDataViewType or DateTimeOffsetDataViewType => TableColumnKind.Date,
        TextDataViewType => KindOfText(),
        _ => TableColumnKind.Number,
    };

    /// <summary>A text of at most 40 characters.</summary>
    public static string Shorten(string text) => text.Length > MostLength ? $"{text.AsSpan(0, MostLength)}…" : text;

    private TableColumnKind KindOfText()
    {
        var present = Present - CountOf(CellForm.MissingMark);
        if (present > 0 && CountOf(CellForm.Truth) == present)
            return TableColumnKind.Boolean;
        if (present > 0 && CountOf(CellForm.IsoDate) == present)
            return TableColumnKind.Date;
        return present >= LeastTexts && _words >= WordsOfText * present && Distinct > present / 2 ? TableColumnKind.Text : TableColumnKind.Category;
    }

    private void AddText(string text)
    {
        var form = (int)CellForms.Of(text);
        if (_forms[form]++ == 0)
            _first[form] = (Rows, Shorten(text));
        _words += 1 + text.AsSpan().Count(' ');
    }

    private void AddNumber(double number)
    {
        (Minimum, Maximum) = (Math.Min(Minimum, number), Math.Max(Maximum, number));
        IsWhole &= number == Math.Floor(number);
        IsConsecutive &= double.IsNaN(_previous) || number == _previous + 1;
        _previous = number;
        if (FirstBeyondSingle == 0 && !float.IsFinite((float)number))
            FirstBeyondSingle = Rows;
        // Each row is in the sample with the same probability (Vitter, 1985).
        if (_sample.Count < SampledNumbers)
            _sample.Add(number);
        else if (_random.NextInt64(Present) is var place and < SampledNumbers)
            _sample[(int)place] = number;
    }
}
