using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Columns;
using Sconce.Trainers.Forecasts;
using Sconce.Trainers.Interop;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>The next values of a series, scaled. Training minimizes the mean absolute error; unknown values (NaN) do not count.</summary>
/// <param name="Horizon">The number of values.</param>
public sealed record Forecasting(int Horizon) : Objective
{
    internal const string ColumnName = "Next";

    /// <inheritdoc/>
    [JsonIgnore]
    public override int OutputSize => Horizon;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string? MetricName => "mean absolute error";

    internal override IReadOnlyList<ScoreColumn> Columns => [new(ColumnName + "Forecast", new VectorDataViewType(NumberDataViewType.Single, Horizon))];

    internal override (Tensor Loss, Tensor? Metric) Evaluate(nn.Module<Tensor, Tensor> network, Tensor input, Tensor target, Tensor? weights = null)
    {
        using var scope = NewDisposeScope();
        var forecast = network.forward(input);
        // Filled values are NaN in the target, and are left out of the mean.
        var given = target.isnan().logical_not();
        var error = nn.functional.l1_loss(forecast, where(given, target, forecast.detach())) / given.to(ScalarType.Float32).mean().clamp_min(1.0 / Math.Max(1, target.numel()));
        return (error.MoveToOuterDisposeScope(), error.detach().MoveToOuterDisposeScope());
    }

    internal override IReadOnlyList<Tensor?> Score(nn.Module<Tensor, Tensor> network, Tensor input, IReadOnlyList<bool> wanted) => [network.forward(input)];

    internal override IReadOnlyList<OnnxValue> Export(OnnxGraph graph, nn.Module<Tensor, Tensor> network, OnnxValue input) => [graph.Export(network, input)];

    internal override bool LearnsTheSameAs(Objective other) => other is Forecasting { Horizon: var horizon } && horizon == Horizon;
}

/// <summary>The target of <see cref="ForecastWindows"/>.</summary>
internal sealed record ForecastTarget(int Horizon) : Target
{
    public override ColumnBinding Bind(DataViewSchema schema, Objective objective) => new VectorColumn<float>(Forecasting.ColumnName, new Field(ScalarType.Float32, [Horizon])) { MayBeMissing = true };

    public override Objective CreateObjective(IDataView data, CancellationToken cancellation) => new Forecasting(Horizon);

    public override IEnumerable<SchemaShape.Column> OutputShape(SchemaShape input) =>
        [ScoreAnnotations.PlainShape(Forecasting.ColumnName + "Forecast", SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single)];
}
