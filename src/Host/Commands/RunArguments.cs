using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.ML;
using Sconce.Pipelines;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary>The part of <see cref="TrainingArguments"/> that says where a training writes its record, and what it goes on from.</summary>
internal static class RunArguments
{
    /// <summary>Where runs are that are given by their names.</summary>
    public static readonly string Folder = Path.Combine("models", "runs");

    private static readonly Option<string?> _run = new("--run") { Description = "Keep a record of the training, and checkpoints, in models/runs/NAME; or in a folder, given as a path." };
    private static readonly Option<bool> _resume = new("--resume") { Description = "Go on with the training of --run, from its newest checkpoint; with the same command otherwise." };
    private static readonly Option<int?> _checkpointEvery = new("--checkpoint-every") { Description = "Write a checkpoint after so many steps, too. Default: each minute." };
    private static readonly Option<string?> _from = new("--from") { Description = "Begin with the weights of this model zip, of the same network, and train it on." };
    private static readonly Option<string[]> _freeze = new("--freeze") { Description = "Leave these weights as they are: 'convolution1', 'dense*'. 'sconce inspect' lists them.", AllowMultipleArgumentsPerToken = true };

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
            result.AddError("--resume needs --run: the name that the training was given.");
        if (result.GetResult(_checkpointEvery) is not null)
            result.AddError("--checkpoint-every needs --run: the name of the folder to write them to.");
    }

    /// <summary>Refuses a name that leads to the folder of all runs, or out of it: what is in a run's folder is replaced.</summary>
    public static void ValidateName(CommandResult result, Option<string?> option)
    {
        if (result.GetValue(option)?.Trim() is "" or "." or "..")
            result.AddError($"{option.Name} is '{result.GetValue(option)}', which is not a name; give a name, or a folder as a path.");
    }

    /// <summary>The run folder; null where none was asked for.</summary>
    public static string? FolderOf(ParseResult result) => result.GetValue(_run) is { } run ? FolderOf(run) : null;

    /// <summary>The folder of a run or a search that is given by its name, or by a path.</summary>
    public static string FolderOf(string name) => name.AsSpan().ContainsAny(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar) ? name : Path.Combine(Folder, name);

    /// <summary>Keeps what a trained model came to on a test set, where there is a run folder.</summary>
    public static void Keep(ParseResult result, Func<Evaluation> evaluate)
    {
        if (FolderOf(result) is { } folder)
            evaluate().Save(folder);
    }

    /// <summary>Puts what the user gave in place of a recipe's own values.</summary>
    public static TOptions Apply<TOptions>(ParseResult result, TOptions options)
        where TOptions : TrainingOptions => options with
        {
            RunFolder = FolderOf(result) ?? options.RunFolder,
            Resume = result.GetValue(_resume) || options.Resume,
            Checkpoints = result.GetValue(_checkpointEvery) is { } steps ? new Checkpoints { EverySteps = steps } : options.Checkpoints,
            // It is needed until the training has begun, and freed with the process.
            PreviousModel = result.GetValue(_from) is { } model ? new MLContext().Model.LoadVerified(model, out _) : options.PreviousModel,
            FrozenParameters = result.GetValue(_freeze) is { Length: > 0 } frozen ? frozen : options.FrozenParameters,
        };
}
