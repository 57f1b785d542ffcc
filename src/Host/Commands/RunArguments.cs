using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.ML;
using Sconce.Pipelines;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary>The part of <see cref="TrainingArguments"/> that says where a training keeps its record and checkpoints, and what it starts from.</summary>
internal static class RunArguments
{
    /// <summary>The folder of runs that are given by name.</summary>
    public static readonly string Folder = Path.Combine("models", "runs");

    private static readonly Option<string?> _run = new("--run") { Description = "Keep a record of the training and its checkpoints in models/runs/NAME, or in a folder if a path is given." };
    private static readonly Option<bool> _resume = new("--resume") { Description = "Resume the training of --run from its newest checkpoint. All other options have to be the same." };
    private static readonly Option<int?> _checkpointEvery = new("--checkpoint-every") { Description = "Write a checkpoint every N steps. Default: every minute." };
    private static readonly Option<string?> _from = new("--from") { Description = "Start from the weights of this model file, which has to have the same network." };
    private static readonly Option<string[]> _freeze = new("--freeze") { Description = "Freeze these weights: 'convolution1', 'dense*'. 'sconce inspect' lists the names.", AllowMultipleArgumentsPerToken = true };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } = [_run, _resume, _checkpointEvery, _from, _freeze];

    public static void Validate(CommandResult result)
    {
        if (result.GetResult(_run) is not null)
        {
            ValidateName(result, _run);
            return;
        }

        if (result.GetResult(_resume) is not null)
            result.AddError("--resume needs --run: the name of the run to resume.");
        if (result.GetResult(_checkpointEvery) is not null)
            result.AddError("--checkpoint-every needs --run: the run that keeps the checkpoints.");
    }

    /// <summary>
    /// Rejects a name that leads to the folder of all runs or out of it, because the contents of a run's folder are replaced.
    /// </summary>
    public static void ValidateName(CommandResult result, Option<string?> option)
    {
        if (result.GetValue(option)?.Trim() is "" or "." or "..")
            result.AddError($"{option.Name} is '{result.GetValue(option)}', which is not a name; pass a name, or the path of a folder.");
    }

    /// <summary>The run folder; null where none was given.</summary>
    public static string? FolderOf(ParseResult result) => result.GetValue(_run) is { } run ? FolderOf(run) : null;

    /// <summary>The folder of a run or a search, given by name or by path.</summary>
    public static string FolderOf(string name) => name.AsSpan().ContainsAny(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar) ? name : Path.Combine(Folder, name);

    /// <summary>Saves a model's evaluation in the run folder, if there is one.</summary>
    public static void Keep(ParseResult result, Func<Evaluation> evaluate)
    {
        if (FolderOf(result) is { } folder)
            evaluate().Save(folder);
    }

    /// <summary>Loads the model whose weights the training starts from; null where there is none.</summary>
    public static ITransformer? LoadPrevious(ParseResult result) => result.GetValue(_from) is { } path ? new MLContext().Model.LoadVerified(path, out _) : null;

    /// <summary>Replaces a recipe's values by those that the user gave.</summary>
    public static TOptions Apply<TOptions>(ParseResult result, TOptions options)
        where TOptions : TrainingOptions => options with
        {
            RunFolder = FolderOf(result) ?? options.RunFolder,
            Resume = result.GetValue(_resume) || options.Resume,
            Checkpoints = result.GetValue(_checkpointEvery) is { } steps ? new Checkpoints { EverySteps = steps } : options.Checkpoints,
            FrozenParameters = result.GetValue(_freeze) is { Length: > 0 } frozen ? frozen : options.FrozenParameters,
        };
}
