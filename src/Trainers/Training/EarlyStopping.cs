using System.Globalization;
using System.Text.Json.Nodes;
using Sconce.Core.Errors;
using Sconce.Trainers.Training;

namespace Sconce.Trainers;

/// <summary>Stops a training when the network no longer improves on the validation data, and restores its best weights.</summary>
/// <remarks>
/// It needs <see cref="TrainingOptions.ValidationSet"/> or <see cref="TrainingOptions.ValidationFraction"/>. Prechelt,
/// "Early stopping - but when?", in: Neural networks: tricks of the trade, 1998.
/// </remarks>
/// <example>
/// <code>
/// new ConvolutionalNetwork.Options
/// {
///     NumberOfEpochs = 100,
///     ValidationFraction = 0.1,
///     EarlyStopping = new()
///     {
///         Patience = 8,
///         Measure = ValidationMeasure.Of("macro accuracy", scored => ml.MulticlassClassification.Evaluate(scored).MacroAccuracy, isHigherBetter: true),
///     },
/// }
/// </code>
/// </example>
public sealed record EarlyStopping
{
    /// <summary>The number of consecutive validations without an improvement after which the training stops, at least 1. Default: 5.</summary>
    public int Patience { get; init; } = 5;

    /// <summary>The minimum change that counts as an improvement, 0 or more, in the unit of the measure. Default: 0.</summary>
    public double MinimumImprovement { get; init; }

    /// <summary>The measure to improve. Default: <see cref="ValidationMeasure.Loss"/>.</summary>
    public ValidationMeasure Measure { get; init; } = ValidationMeasure.Loss;

    /// <summary>Whether the model gets the weights of the best validation instead of those of the last step, even if the training was not stopped early. Default: true.</summary>
    public bool RestoreBestWeights { get; init; } = true;

    internal void Validate()
    {
        Check.AtLeast(Patience, 1, "EarlyStopping.Patience");
        Check.NotNegative(MinimumImprovement, "EarlyStopping.MinimumImprovement");
    }
}

/// <summary>One training's <see cref="EarlyStopping"/>.</summary>
internal sealed class EarlyStopper(EarlyStopping options) : TrainingCallback
{
    private BestValue? _best;
    private WeightSnapshot? _weights;

    public override void TrainingBegan(TrainingSession session)
    {
        _best = new BestValue(options.Measure.IsHigherBetterFor(session.Definition.Objective), options.MinimumImprovement);
        _weights = new WeightSnapshot(session.ScoredNetwork);
    }

    public override void Validated(ValidationSummary summary, TrainingSession session)
    {
        if (_best!.Add(options.Measure.Value(summary, session)))
        {
            _weights!.Take(summary.Step);
        }
        else if (_best.Waited >= options.Patience)
        {
            var best = _weights!.Step is { } step ? string.Create(CultureInfo.InvariantCulture, $"; its best, {_best.Value:G4}, was after step {step}") : "";
            session.Stop($"the validation set's {options.Measure.NameFor(session.Definition.Objective)} has not improved for {(_best.Waited == 1 ? "1 validation" : $"{_best.Waited} validations")}{best}");
        }
    }

    public override void TrainingEnded(TrainingSession session)
    {
        if (!options.RestoreBestWeights || _weights!.Step is not { } step)
            return;
        _weights.Restore();
        session.State.BestStep = step;
    }

    public override JsonNode SaveState() => new JsonObject { ["best"] = _best!.Save(), ["step"] = _weights!.Step, ["weights"] = _weights.Save() };

    public override void RestoreState(JsonNode state)
    {
        _best!.Restore(state["best"]!);
        if (state["step"] is { } step)
            _weights!.Load(state["weights"]!.AsArray(), step.GetValue<int>());
    }
}
