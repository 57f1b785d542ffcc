using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Pipelines.Tables;

namespace Sconce.Pipelines;

/// <summary>The parts of a table: views of its rows in their order, which copy nothing.</summary>
/// <param name="Train">The rows to learn from.</param>
/// <param name="Test">The rows to measure on.</param>
/// <param name="Validation">The rows to stop training by; null without <see cref="TableSplitOptions.ValidationShare"/>.</param>
public sealed record TableSplit(IDataView Train, IDataView Test, IDataView? Validation = null)
{
    private const int LeastFolds = 2;

    /// <summary>The rows to learn from with those to validate on, and which of them are these; null without <see cref="Validation"/>.</summary>
    internal (IDataView Rows, bool[] AreValidation)? WithValidation { get; private init; }

    /// <summary>Splits a table into rows to learn from and rows to test on.</summary>
    /// <param name="data">The rows, which have the same order whenever they are read. Memory is a few bytes for each.</param>
    /// <param name="options">How they are split. The same seed and data give the same parts.</param>
    /// <exception cref="ArgumentException">The data lacks a column, or an option has an unsupported value.</exception>
    /// <exception cref="InvalidDataException">A part would be empty, or a time is missing or is none; the facts name the column and the row.</exception>
    public static TableSplit Of(IDataView data, TableSplitOptions options)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var units = RowUnits.Of(data, options);
        double[] shares = [1 - options.TestShare - options.ValidationShare, options.ValidationShare, options.TestShare];
        var parts = units.Assign(shares);
        var view = Part(0);
        if (options.ValidationShare == 0)
            return new(view, Part(2));
        return new(view, Part(2), Part(1))
        {
            WithValidation = (new RowsByNumber(data, Array.ConvertAll(parts, part => part < 2)), [.. parts.Where(part => part < 2).Select(part => part == 1)]),
        };

        IDataView Part(int part)
        {
            var kept = Array.ConvertAll(parts, each => each == part);
            return Array.IndexOf(kept, value: true) >= 0 ? new RowsByNumber(data, kept) : throw units.RefuseEmpty(part switch { 0 => "learn from", 1 => "validate on", _ => "test on" });
        }
    }

    /// <summary>Splits a table into folds for cross-validation: each row is tested on once. With a time column, each fold is tested on rows later than those it learns from.</summary>
    /// <inheritdoc cref="Of"/>
    /// <param name="data">The rows, which have the same order whenever they are read.</param>
    /// <param name="count">The number of folds, at least 2.</param>
    /// <param name="options">How they are split; the shares are not used. By time, the earliest of <c>count + 1</c> blocks is only learned from.</param>
    public static IReadOnlyList<TableSplit> Folds(IDataView data, int count, TableSplitOptions options)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        Check.AtLeast(count, LeastFolds, nameof(count));
        options.Validate();
        var units = RowUnits.Of(data, options);
        var isByTime = options.TimeColumnName is not null;
        var blocks = isByTime ? count + 1 : count;
        var parts = units.Assign([.. Enumerable.Repeat(1.0 / blocks, blocks)]);
        return [.. Enumerable.Range(isByTime ? 1 : 0, count).Select(fold => new TableSplit(
            Rows(part => isByTime ? part < fold : part != fold, "learn from"),
            Rows(part => part == fold, "test on")))];

        IDataView Rows(Func<int, bool> isIn, string purpose)
        {
            var kept = Array.ConvertAll(parts, part => isIn(part));
            return Array.IndexOf(kept, value: true) >= 0 ? new RowsByNumber(data, kept) : throw units.RefuseEmpty(purpose);
        }
    }

    /// <summary>Which rows are to validate on, chosen like those to test on.</summary>
    /// <param name="data">The rows to learn from.</param>
    /// <param name="share">Their fraction.</param>
    /// <param name="options">How they are chosen; the shares are not used.</param>
    internal static bool[] ValidationOf(IDataView data, double share, TableSplitOptions options)
    {
        var units = RowUnits.Of(data, options);
        var marked = Array.ConvertAll(units.Assign([1 - share, share]), part => part == 1);
        return Array.IndexOf(marked, value: true) < 0 ? throw units.RefuseEmpty("validate on")
            : Array.IndexOf(marked, value: false) < 0 ? throw units.RefuseEmpty("learn from")
            : marked;
    }
}
