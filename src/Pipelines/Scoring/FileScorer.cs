using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>Scores files with a classification model into one CSV file: one row out for each row in, in order.</summary>
public static class FileScorer
{
    private const int RowsPerReport = 1024;

    /// <summary>Scores every row of <paramref name="inputs"/> and writes <paramref name="output"/> whole, or not at all.</summary>
    /// <param name="ml">The context to read with.</param>
    /// <param name="model">A model that classifies.</param>
    /// <param name="inputs">IDX files of images (raw or gz), or CSV files of pixels, as <see cref="ScoringInput"/> reads them.</param>
    /// <param name="output">The CSV file: a header, then <c>PredictedLabel</c> and a column <c>Score.NAME</c> with the probability of each class.</param>
    /// <param name="progress">Is told the number of rows scored so far, now and then and at the end.</param>
    /// <param name="cancellation">Stops between two rows; nothing is left of the output then.</param>
    /// <returns>The number of rows and the seconds they took, reading and writing included.</returns>
    /// <exception cref="InvalidDataException">A row cannot be used; the message names file and place.</exception>
    /// <exception cref="IOException">A file cannot be read, or the output cannot be written.</exception>
    public static (long Rows, double Seconds) Score(
        MLContext ml, ModelFile model, IReadOnlyList<string> inputs, string output, IProgress<long>? progress = null, CancellationToken cancellation = default) =>
        // Every input is opened before anything is scored: a name that is mistyped is found at once.
        Score(model, inputs.Select(input => ScoringInput.Open(ml, input, model.Input)).ToList(), output, progress, cancellation);

    /// <summary>Scores every row of several data views, one after another, and writes <paramref name="output"/> whole, or not at all.</summary>
    /// <inheritdoc cref="Score(MLContext, ModelFile, IReadOnlyList{string}, string, IProgress{long}?, CancellationToken)"/>
    public static (long Rows, double Seconds) Score(
        ModelFile model, IEnumerable<IDataView> inputs, string output, IProgress<long>? progress = null, CancellationToken cancellation = default) =>
        Score(model, inputs, null, output, progress, cancellation);

    /// <summary>Scores every image and writes <paramref name="output"/> whole, or not at all: the column <c>ImagePath</c> comes first.</summary>
    /// <param name="ml">The context to read with.</param>
    /// <param name="model">A model that classifies image files.</param>
    /// <param name="images">The images, one set after another.</param>
    /// <param name="output">The CSV file: a header, then the path, <c>PredictedLabel</c> and a column <c>Score.NAME</c> with the probability of each class.</param>
    /// <param name="progress">Is told the number of rows scored so far, now and then and at the end.</param>
    /// <param name="cancellation">Stops between two rows; nothing is left of the output then.</param>
    /// <returns>The number of rows and the seconds they took, reading and writing included.</returns>
    /// <exception cref="InvalidDataException">The model reads no image files.</exception>
    /// <exception cref="IOException">The output cannot be written.</exception>
    public static (long Rows, double Seconds) Score(
        MLContext ml, ModelFile model, IEnumerable<ImageSet> images, string output, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        var input = model.Images ?? throw new InvalidDataException($"'{model.Path}' reads no image files; a model that 'sconce train cnn --images' has made does.");
        return Score(model, images.Select(set => set.ToDataView(ml)), input.PathColumnName, output, progress, cancellation);
    }

    private static (long Rows, double Seconds) Score(
        ModelFile model, IEnumerable<IDataView> inputs, string? nameColumn, string output, IProgress<long>? progress, CancellationToken cancellation)
    {
        if (model.Objective is not Classification { Classes.Values: var classes })
            throw new InvalidDataException($"'{model.Path}' is no classifier: it has no probabilities to write.{(model.Objective is Reconstruction ? " 'sconce encode' writes an autoencoder's codes." : "")}");

        var clock = Stopwatch.StartNew();
        long rows = 0;
        AtomicFile.Write(output, stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(false), bufferSize: 1 << 16, leaveOpen: true);
            writer.NewLine = "\n";
            string[] leading = nameColumn is null ? ["PredictedLabel"] : [CsvFormat.Quote(nameColumn), "PredictedLabel"];
            writer.WriteLine(string.Join(',', leading.Concat(classes.Select(name => CsvFormat.Quote($"Score.{name}")))));
            foreach (var input in inputs)
                rows = ScoreOne(model.Transform(input, "Score"), nameColumn, classes, writer, rows, progress, cancellation);
        });
        progress?.Report(rows);
        return (rows, clock.Elapsed.TotalSeconds);
    }

    private static long ScoreOne(IDataView scored, string? nameColumn, IReadOnlyList<string> classes, StreamWriter writer, long rows, IProgress<long>? progress, CancellationToken cancellation)
    {
        var names = classes.Select(CsvFormat.Quote).ToList();
        var scoreColumn = scored.Schema.GetColumnOrNull("Score");
        if (scoreColumn?.Type is not VectorDataViewType { Size: var size, ItemType: NumberDataViewType } || size != classes.Count)
            throw new InvalidDataException($"The model's column 'Score' is {scoreColumn?.Type.ToString() ?? "missing"}; a vector of {classes.Count} probabilities is expected. A later step of the pipeline has replaced it.");

        // The label is read off the probabilities: pipelines may have mapped PredictedLabel back to a value of any type.
        DataViewSchema.Column? rowName = nameColumn is null ? null : scored.Schema[nameColumn];
        using var cursor = scored.GetRowCursor(rowName is null ? [scoreColumn.Value] : [rowName.Value, scoreColumn.Value]);
        var readName = rowName is null ? null : cursor.GetGetter<ReadOnlyMemory<char>>(rowName.Value);
        var text = default(ReadOnlyMemory<char>);
        var readScore = cursor.GetGetter<VBuffer<float>>(scoreColumn.Value);
        var score = default(VBuffer<float>);
        Span<char> number = stackalloc char[32];
        while (cursor.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            readScore(ref score);
            if (readName is not null)
            {
                readName(ref text);
                writer.Write(CsvFormat.Quote(text.ToString()));
                writer.Write(',');
            }

            writer.Write(names[TensorPrimitives.IndexOfMax(score.GetValues())]);
            foreach (var value in score.GetValues())
            {
                value.TryFormat(number, out var length, default, CultureInfo.InvariantCulture);
                writer.Write(',');
                writer.Write(number[..length]);
            }

            writer.WriteLine();
            if (++rows % RowsPerReport == 0)
                progress?.Report(rows);
        }

        return rows;
    }
}
