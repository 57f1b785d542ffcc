using System.CommandLine;
using System.CommandLine.Parsing;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary>What a network of <c>train</c>, <c>tune</c> or <c>cross-validate</c> learns to predict.</summary>
internal static class TaskArguments
{
    private const string Regression = "regression";
    private const string Balanced = "balanced";

    /// <summary><c>--task</c>.</summary>
    public static Option<string> Task { get; } = new Option<string>("--task") { Description = "What to predict: classification, the label's class; regression, a number. regression needs --input.", DefaultValueFactory = _ => "classification" }.AcceptOnlyFromAmong("classification", Regression);

    /// <summary><c>--class-weights</c>.</summary>
    public static Option<string> Weights { get; } = new Option<string>("--class-weights") { Description = "balanced: every class counts the same, however many rows it has; none: every row counts the same.", DefaultValueFactory = _ => "none" }.AcceptOnlyFromAmong(Balanced, "none");

    public static bool IsRegression(ParseResult result) => result.GetValue(Task) == Regression;

    public static LearningTask LearningTaskOf(ParseResult result) => IsRegression(result) ? LearningTask.Regression : LearningTask.Classification;

    /// <summary>The weights of the classes; null for none.</summary>
    public static ClassWeights? ClassWeightsOf(ParseResult result) => result.GetValue(Weights) == Balanced ? ClassWeights.Balanced : null;

    public static void Validate(CommandResult result)
    {
        if (result.GetValue(Task) != Regression)
            return;
        if (result.GetResult(InputArguments.Input) is null)
            result.AddError($"{Task.Name} {Regression} needs {InputArguments.Input.Name}: files of rows with a number to predict.");
        if (result.GetResult(Weights) is not null && result.GetValue(Weights) == Balanced)
            result.AddError($"{Weights.Name} cannot be combined with {Task.Name} {Regression}.");
    }
}
