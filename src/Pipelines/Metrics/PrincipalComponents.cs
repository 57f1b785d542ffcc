using Microsoft.ML;
using Sconce.Trainers;
using Sconce.Trainers.Columns;
using Sconce.Trainers.Native;
using Sconce.Trainers.Training;
using static TorchSharp.torch;

namespace Sconce.Pipelines.Metrics;

/// <summary>Principal component analysis, the optimal linear autoencoder: a baseline for others.</summary>
/// <remarks>
/// Exact, from the eigenvectors of the covariance: ML.NET's <c>ProjectToPrincipalComponents</c> is randomized, and gives
/// codes but no reconstructions.
/// </remarks>
internal static class PrincipalComponents
{
    private const int BatchSize = 4096;

    /// <summary>Measures the error of rows reconstructed from their first principal components.</summary>
    /// <param name="train">The rows to compute mean and components from.</param>
    /// <param name="test">The rows to measure.</param>
    /// <param name="column">The column, as a network reads it: bytes divided by 255.</param>
    /// <param name="count">The numbers of components, each from 1 to the number of values in a row.</param>
    /// <returns>The mean squared error for each of <paramref name="count"/>.</returns>
    public static IReadOnlyList<double> Errors(IDataView train, IDataView test, InputColumn column, IReadOnlyList<int> count)
    {
        TorchRuntime.EnsureLoaded();
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (mean, covariance) = Moments(train, column);
        var components = linalg.eigh(covariance).Item2;
        var (testMean, testCovariance) = Moments(test, column);

        // The test rows' scatter about the training mean, in the basis of the components: the last ones are lost.
        var offset = testMean - mean;
        var scatter = testCovariance.Plus(outer(offset, offset));
        var squares = components.t().mm(scatter).mul(components.t()).sum(1).data<double>().ToArray();
        return [.. count.Select(kept => squares.SkipLast(kept).Sum() / column.Length)];
    }

    /// <summary>The rows' mean and covariance, in double precision.</summary>
    private static (Tensor Mean, Tensor Covariance) Moments(IDataView data, InputColumn column)
    {
        var feature = column.Bind(data.Schema);
        using var rows = TrainingRows.Open(data, feature, new NoColumn(column.Name), long.MaxValue, _ => { }, default);
        using var batches = new BatchReader(rows, feature, new NoColumn(column.Name), (int)Math.Min(BatchSize, rows.Count));
        rows.BeginEpoch(0);
        using TorchSharp.Scalar one = 1;
        Tensor sum = zeros(column.Length, ScalarType.Float64), products = zeros(column.Length, column.Length, ScalarType.Float64);
        while (true)
        {
            using var scope = NewDisposeScope();
            var (count, features, _, _) = batches.Read();
            if (count == 0)
                break;
            var values = column.ToNetwork(features).flatten(1).to(ScalarType.Float64);
            sum.add_(values.sum([0]), one);
            products.add_(values.t().mm(values), one);
        }

        var mean = sum.Times(1d / rows.Count);
        return (mean, products.Times(1d / rows.Count) - outer(mean, mean));
    }
}
