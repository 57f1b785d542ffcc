using System.CommandLine;
using System.CommandLine.Completions;
using Sconce.Host.Commands;
using Sconce.Pipelines;

namespace Sconce.Host;

/// <summary>
/// The last sentence of an error message: a hint at the command or option to use. Libraries know neither, so it is derived from the facts
/// of their exceptions.
/// </summary>
internal static class ErrorHints
{
    /// <summary>The hint for a command; null if there is none.</summary>
    public static string? Of(ErrorFacts facts, Command command)
    {
        var option = facts.Property is { Length: > 0 } property ? OptionNames.Of(property, command) : null;
        return facts.Conflict is { } conflict ? OfConflict(conflict, command)
            : facts.Needed is { } needed ? OfModel(needed)
            : option is not null ? OfOption(option, command)
            : facts is { Column: InputArguments.DefaultLabel, Row: null, Property: null } && OptionNames.Of(nameof(FileScoringOptions.LabelColumnName), command) is { } label ? $"Name the label column with {label}."
            : facts.Property == nameof(Trainers.TrainingOptions.RunFolder) ? "Train with --run NAME to write a run folder."
            : null;
    }

    private static string? OfConflict(OutputConflict conflict, Command command) => (conflict, Has(command, "--force"), Has(command, "--resume")) switch
    {
        (OutputConflict.Exists, true, _) => "Pass --force to replace it.",
        (OutputConflict.Interrupted, true, _) => "Pass --resume to continue it, or --force to start over.",
        (OutputConflict.Interrupted, _, true) => "Pass --resume to continue it.",
        (OutputConflict.NothingToResume or OutputConflict.Different, true, _) => "Pass --force instead of --resume to start over.",
        (OutputConflict.Different, _, true) when Has(command, "--from") => "Leave out --resume to start over, or pass the model with --from to continue training it.",
        (OutputConflict.NothingToResume or OutputConflict.Different, _, true) => "Leave out --resume to start over.",
        (OutputConflict.Different, _, _) when Has(command, "--name") => "Choose another --name.",
        _ => null,
    };

    private static string? OfModel(ModelKind needed) => needed switch
    {
        ModelKind.Network => "Train a network with 'sconce train'.",
        ModelKind.Classifier => "Train a classifier with 'sconce train cnn'.",
        ModelKind.Autoencoder => "Train an autoencoder with 'sconce train autoencoder'.",
        ModelKind.SequenceToSequence => "Train a text-to-text model with 'sconce train dates'.",
        ModelKind.Forecaster => "Train a forecasting model with 'sconce train forecast'.",
        ModelKind.Images => "Train a model of image files with 'sconce train cnn --images FOLDER'.",
        _ => null,
    };

    private static string? OfOption(string option, Command command) => option switch
    {
        "--on-error" when Takes(command, option, "quarantine") => "Pass --on-error skip to skip rows that cannot be used, or --on-error quarantine to write them to a separate file.",
        "--on-error" => "Pass --on-error skip to skip rows that cannot be used.",
        "--quarantine" => "Choose another path with --quarantine.",
        "--resume" => "Pass --resume to continue from there.",
        "--force" => "Pass --force to start over.",
        "--decimal-marker" => "If decimals are written with a comma, pass --decimal-marker ','.",
        "--task" => "Choose the task with --task.",
        "--date-column" or "--value-column" or "--series-column" or "--label" or "--label-column" => $"Name the column with {option}.",
        "--input-format" or "--format" => $"Name the format with {option}.",
        "--missing" => "Pass --missing previous or --missing linear to fill in missing values.",
        "--network" => "Choose one with --network.",
        _ => null,
    };

    private static bool Has(Command command, string option) => command.Options.Any(each => each.Name == option);

    private static bool Takes(Command command, string option, string word) =>
        command.Options.First(each => each.Name == option).GetCompletions(CompletionContext.Empty).Any(completion => completion.Label == word);
}
