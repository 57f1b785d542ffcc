using System.CommandLine;
using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Files;
using Sconce.Host.Display;
using Sconce.Pipelines;
using Sconce.Pipelines.Tables;

namespace Sconce.Host.Commands.Tables;

/// <summary>A table that was read and understood.</summary>
/// <param name="Rows">The rows, all of which have a label.</param>
/// <param name="Survey">What was understood of it.</param>
/// <param name="Unlabeled">The number of rows that were left out because they have no label.</param>
/// <param name="Reading">How the files were read.</param>
internal sealed record TableData(IDataView Rows, TableSurvey Survey, long Unlabeled, LoadRowsOptions Reading)
{
    /// <summary>Reads the files of a command, and prints what was understood of their columns.</summary>
    public static TableData Open(ParseResult result, Terminal terminal, MLContext ml, CancellationToken cancellation)
    {
        var inputs = result.GetValue(InputArguments.Input)!;
        var reading = InputArguments.ReadingOf(result, cancellation) with { IsTable = true };
        IDataView rows = ml.Data.LoadRows(inputs, reading);
        var options = TableArguments.SurveyOf(result, cancellation) with { File = inputs is [var only] ? only : null };
        var unlabeled = 0L;
        if (reading.OnError == RowErrors.Skip)
        {
            foreach (var label in TableArguments.LabelsOf(result))
                TableColumns.Find(rows.Schema, label, nameof(options.LabelColumnName), options.File);
            (rows, unlabeled) = LabeledRows.Of(rows, TableArguments.LabelsOf(result));
        }

        var survey = Take(rows, options, TableArguments.LabelsOf(result));
        TableDisplay.Print(terminal, survey);
        if (unlabeled > 0)
            terminal.Line($"{unlabeled:N0} rows without a label were skipped.");
        return new(rows, survey, unlabeled, reading);
    }

    /// <summary>Surveys the rows. If some have no label, the remedy is to skip them.</summary>
    private static TableSurvey Take(IDataView rows, TableSurveyOptions options, IReadOnlyList<string> labels)
    {
        try
        {
            return TableSurvey.Take(rows, options);
        }
        catch (InvalidDataException exception) when (labels.All(name => rows.Schema.GetColumnOrNull(name) is not null) && LabeledRows.Of(rows, labels) is { Dropped: > 0 })
        {
            var facts = ErrorFacts.Of(exception);
            throw new InvalidDataException(exception.Message).About(property: nameof(LoadRowsOptions.OnError), file: facts.File, row: facts.Row, column: facts.Column);
        }
    }

    /// <summary>Opens files to test with, which have the same columns.</summary>
    public IDataView OpenTest(ParseResult result, MLContext ml, IReadOnlyList<string> paths)
    {
        var columns = Rows.Schema.Where(column => !column.IsHidden).Select(column => new RowColumn(column.Name, column.Type));
        IDataView test = ml.Data.LoadRows(paths, Reading with { Columns = [.. columns] });
        return Reading.OnError == RowErrors.Skip ? LabeledRows.Of(test, TableArguments.LabelsOf(result)).Rows : test;
    }
}
