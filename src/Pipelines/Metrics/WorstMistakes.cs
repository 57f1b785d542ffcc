using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Pipelines.Plots;
using Sconce.Trainers;

namespace Sconce.Pipelines.Metrics;

/// <summary>Finds the rows with the worst predictions, in bounded memory.</summary>
internal static class WorstMistakes
{
    /// <summary>Misclassified rows, in ascending order of the predicted probability of the true class.</summary>
    /// <param name="model">A classifier.</param>
    /// <param name="data">The rows, from which the images of the kept rows are read.</param>
    /// <param name="scored">The model's output for them.</param>
    /// <param name="count">The maximum number of results.</param>
    public static IReadOnlyList<Mistake> OfClassifier(ModelFile model, IDataView data, IDataView scored, int count)
    {
        var objective = (Classification)model.Objective!;
        var names = objective.Classes.Values;
        var worst = new Worst<(long Row, Mistake Mistake)>(count);
        using var cursor = scored.GetRowCursor(ClassificationReport.ScoredColumns(objective).Select(name => scored.Schema[name]));
        var label = cursor.GetGetter<uint>(scored.Schema[objective.LabelColumnName]);
        var answer = cursor.GetGetter<uint>(scored.Schema[Classification.PredictedLabel]);
        var score = cursor.GetGetter<VBuffer<float>>(scored.Schema[Classification.ScoreName]);
        uint expected = 0, given = 0;
        VBuffer<float> probabilities = default;
        while (cursor.MoveNext())
        {
            label(ref expected);
            answer(ref given);
            if (expected == given || expected == 0)
                continue;
            score(ref probabilities);
            var probability = probabilities.GetItemOrDefault((int)expected - 1);
            worst.Offer(1 - probability, () => (cursor.Position, new Mistake(names[(int)expected - 1], names[(int)given - 1], probability, [])));
        }

        return WithImages(model, data, worst.Ordered());
    }

    /// <summary>Wrong Booleans, in ascending order of the predicted probability of the true one.</summary>
    /// <inheritdoc cref="OfClassifier"/>
    public static IReadOnlyList<Mistake> OfBinary(ModelFile model, IDataView data, IReadOnlyList<ScoredBoolean> scored, int count)
    {
        var objective = (BinaryClassification)model.Objective!;
        var worst = new Worst<(long Row, Mistake Mistake)>(count);
        foreach (var (index, row) in scored.Index())
        {
            if (row.Label != row.PredictedLabel)
                worst.Offer(1 - row.TrueProbability, () => (index, new Mistake(objective.NameOf(row.Label), objective.NameOf(row.PredictedLabel), row.TrueProbability, [])));
        }

        return WithImages(model, data, worst.Ordered());
    }

    /// <summary>Adds the rows' images, if the model reads such.</summary>
    private static IReadOnlyList<Mistake> WithImages(ModelFile model, IDataView data, IReadOnlyList<(long Row, Mistake Mistake)> kept)
    {
        var images = IsImage(model.Input) ? Images(model, data, kept.Select(item => item.Row).ToHashSet()) : [];
        return [.. kept.Select(item => images.TryGetValue(item.Row, out var image) ? item.Mistake with { Images = [image] } : item.Mistake)];
    }

    /// <summary>Reads the images of some rows, without running the network.</summary>
    private static Dictionary<long, byte[]> Images(ModelFile model, IDataView data, HashSet<long> rows)
    {
        var read = model.Transform(data, model.Input.Name);
        using var cursor = read.GetRowCursor([read.Schema[model.Input.Name]]);
        var image = ImageReader(cursor, model.Input, model.Input.Name);
        var images = new Dictionary<long, byte[]>();
        // Rows are counted, since positions may be those in a source before a filter.
        for (var row = 0L; images.Count < rows.Count && cursor.MoveNext(); row++)
        {
            if (rows.Contains(row))
                images[row] = image();
        }

        return images;
    }

    /// <summary>Rows with the largest errors, as originals and reconstructions.</summary>
    public static IReadOnlyList<Mistake> OfAutoencoder(ModelFile model, IDataView data, int count)
    {
        if (model.Autoencoder.Model.Definition.Objective is not Reconstruction { ErrorColumnName: { } error, ReconstructionColumnName: { } reconstruction } || !IsImage(model.Input))
            return [];
        var input = model.Input;
        string[] wanted = [input.Name, reconstruction, error];
        var scored = model.Transform(data, wanted);
        var worst = new Worst<Mistake>(count);
        using var cursor = scored.GetRowCursor(scored.Schema.Where(column => wanted.Contains(column.Name)));
        var measure = cursor.GetGetter<float>(scored.Schema[error]);
        var (original, made) = (ImageReader(cursor, input, input.Name), ImageReader(cursor, input, reconstruction));
        var value = 0f;
        while (cursor.MoveNext())
        {
            measure(ref value);
            worst.Offer(value, () => new Mistake("original", "reconstruction", value, [original(), made()]));
        }

        return worst.Ordered();
    }

    /// <summary>Only gray images can be shown: [height, width] or [1, height, width].</summary>
    private static bool IsImage(InputColumn column) => column is { Type: FeatureType.Byte or FeatureType.Single, IsSequence: false, Shape: [_, _] or [1, _, _] };

    private static Func<byte[]> ImageReader(DataViewRow row, InputColumn column, string name)
    {
        var (height, width) = (column.Shape[^2], column.Shape[^1]);
        return column.Type == FeatureType.Byte ? Of<byte>(pixels => new(pixels, height, width)) : Of<float>(shares => new(shares, height, width));

        Func<byte[]> Of<T>(Func<T[], GrayImage> create)
        {
            var read = row.GetGetter<VBuffer<T>>(row.Schema[name]);
            VBuffer<T> values = default;
            return () =>
            {
                read(ref values);
                return PngFile.Encode(create([.. values.DenseValues()]));
            };
        }
    }

    /// <summary>The items with the largest measures, at most <paramref name="count"/>; the first of equal ones.</summary>
    /// <param name="count">The maximum number of results.</param>
    internal sealed class Worst<T>(int count)
    {
        private readonly PriorityQueue<T, (double Measure, int Order)> _kept = new();
        private int _order;

        /// <param name="measure">How wrong it is.</param>
        /// <param name="make">Creates the item, if it is kept.</param>
        public void Offer(double measure, Func<T> make)
        {
            _order--;
            if (_kept.Count == count && _kept.TryPeek(out _, out var least) && (measure, _order).CompareTo(least) <= 0)
                return;
            if (_kept.Count == count)
                _kept.Dequeue();
            _kept.Enqueue(make(), (measure, _order));
        }

        public IReadOnlyList<T> Ordered() => [.. _kept.UnorderedItems.OrderByDescending(item => item.Priority).Select(item => item.Element)];
    }
}
