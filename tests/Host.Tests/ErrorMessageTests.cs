using System.CommandLine;
using System.Reflection;
using Sconce.Core.Errors;
using Sconce.Trainers;

namespace Sconce.Host.Tests;

/// <summary>What the facts of an exception become on the command line: names of options, a hint at the end, an exit code.</summary>
public class ErrorMessageTests
{
    private static readonly RootCommand _root = Program.Root;

    /// <summary>Reflection and static constructors wrap what went wrong in exceptions that say nothing of it.</summary>
    [Fact]
    public void A_message_is_about_the_cause()
    {
        var cause = new DllNotFoundException("Cannot load libtorch: the system refused it.");
        foreach (var wrapped in (Exception[])[cause, new TargetInvocationException(cause), new TypeInitializationException("torch", new TargetInvocationException(cause)), new AggregateException(cause)])
            Assert.Equal(new ErrorMessage(cause.Message, IsUsage: false), ErrorMessage.Of(wrapped, new Command("any")));
    }

    [Theory]
    [InlineData("BatchSize", "BatchSize is 0; it has to be at least 1.", "--batch-size is 0; it has to be at least 1.")]
    [InlineData("EscapeCharacter", "EscapeCharacter is 'x'.", "--escape-char is 'x'.")]
    [InlineData("QuarantinePath", "Rows go to a stream: QuarantinePath is needed.", "Rows go to a stream: --quarantine is needed.")]
    [InlineData("RowsPerPart, for 3 files,", "RowsPerPart, for 3 files, is 0.", "--rows-per-part, for 3 files, is 0.")]
    public void A_property_is_an_option_and_a_wrong_value_is_wrong_usage(string property, string message, string said)
    {
        Assert.Equal(new ErrorMessage(said, IsUsage: true), ErrorMessage.Of(new ArgumentException(message, property), Find("score")));
        Assert.Equal(new ErrorMessage(said, IsUsage: true), ErrorMessage.Of(new ArgumentOutOfRangeException(property, message), Find("score")));
    }

    [Fact]
    public void A_property_of_options_within_options_is_an_option()
    {
        Assert.Equal(new ErrorMessage("--shift is -1.", IsUsage: true), ErrorMessage.Of(new ArgumentOutOfRangeException("Augmentation.Shift", "Augmentation.Shift is -1."), Find("train", "cnn")));
        Assert.False(ErrorMessage.Of(new ArgumentOutOfRangeException("Rows.Count", "Rows.Count is 0."), Find("reconstruct")).IsUsage);
    }

    /// <summary>A column may be called as a property is, and a word of a sentence may be one.</summary>
    [Theory]
    [InlineData(null, "'x.csv' has no column 'Age'. Its columns are: BatchSize, A.")]
    [InlineData("OnError", "'x.csv' has no column 'Age'. Its columns are: BatchSize, A.")]
    [InlineData("BatchSize", "The column 'BatchSize' is not a number.")]
    [InlineData("Resume", "'x.csv' was written by another version. Resume with that version.")]
    [InlineData("batchSize", "batchSize is 0.")]
    public void What_is_the_users_stays(string? property, string message)
    {
        var found = ErrorMessage.Of(new InvalidDataException(message).About(property: property), Find("score")).Text;
        Assert.StartsWith(message, found, StringComparison.Ordinal);
    }

    [Fact]
    public void A_property_that_the_command_has_no_option_for_is_no_wrong_usage()
    {
        Assert.Equal(new ErrorMessage("BatchSize is 0.", IsUsage: false), ErrorMessage.Of(new ArgumentOutOfRangeException("BatchSize", "BatchSize is 0."), Find("inspect")));
        // Of methods most parameters are no options, whatever they are called.
        Assert.False(ErrorMessage.Of(new ArgumentException("The data has no rows.", "data"), Find("train", "cnn")).IsUsage);
        Assert.True(ErrorMessage.Of(new ArgumentException("size is 1; it has to be at least 2.", "size"), Find("plot", "plane")).IsUsage);
    }

    public static TheoryData<string, OutputConflict, string?> Conflicts => new()
    {
        { "score", OutputConflict.Exists, "Pass --force to replace it." },
        { "score", OutputConflict.Interrupted, "Pass --resume to continue it, or --force to start over." },
        { "score", OutputConflict.NothingToResume, "Pass --force instead of --resume to start over." },
        { "score", OutputConflict.Different, "Pass --force instead of --resume to start over." },
        { "score", OutputConflict.InUse, null },
        { "train cnn", OutputConflict.Exists, null },
        { "train cnn", OutputConflict.Interrupted, "Pass --resume to continue it." },
        { "train cnn", OutputConflict.NothingToResume, "Leave out --resume to start over." },
        { "train cnn", OutputConflict.Different, "Leave out --resume to start over, or pass the model with --from to continue training it." },
        { "tune cnn", OutputConflict.Different, "Choose another --name." },
    };

    [Theory]
    [MemberData(nameof(Conflicts))]
    public void A_conflict_has_a_hint_that_the_command_can_follow(string command, OutputConflict conflict, string? hint) =>
        AssertHint(command, hint, new IOException("'out.csv' is there.").About(file: "out.csv", conflict: conflict, property: "Force"));

    public static TheoryData<ModelKind, string?> Kinds => new()
    {
        { ModelKind.Network, "sconce train" },
        { ModelKind.Classifier, "sconce train cnn" },
        { ModelKind.Autoencoder, "sconce train autoencoder" },
        { ModelKind.SequenceToSequence, "sconce train dates" },
        { ModelKind.Forecaster, "sconce train forecast" },
        { ModelKind.Images, "sconce train cnn --images FOLDER" },
        { ModelKind.Rows, null },
    };

    /// <summary>The command that the hint names is one, with its options.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_model_of_another_kind_has_a_hint_that_names_the_command_for_it(ModelKind kind, string? command)
    {
        var message = ErrorMessage.Of(new InvalidDataException("'m.zip' is another model.").About(file: "m.zip", needed: kind), Find("score"));
        Assert.False(message.IsUsage);
        if (command is null)
        {
            Assert.Equal("'m.zip' is another model.", message.Text);
            return;
        }

        Assert.EndsWith($" with '{command}'.", message.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(_root.Parse(command["sconce ".Length..]).Errors, error => !error.Message.StartsWith("Required command", StringComparison.Ordinal));
    }

    public static TheoryData<string, string, string?> Properties => new()
    {
        { "score", "OnError", "Pass --on-error skip to skip rows that cannot be used, or --on-error quarantine to write them to a separate file." },
        { "evaluate", "OnError", "Pass --on-error skip to skip rows that cannot be used." },
        { "inspect", "OnError", null },
        { "score", "QuarantinePath", "Choose another path with --quarantine." },
        { "score", "Resume", "Pass --resume to continue from there." },
        { "score", "Force", "Pass --force to start over." },
        { "forecast", "DecimalMarker", "If decimals are written with a comma, pass --decimal-marker ','." },
        { "forecast", "Value", "Name the column with --value-column." },
        { "score", "Format", "Name the format with --input-format." },
        { "score", "LabelColumnName", "Name the column with --label." },
        { "evaluate", "LabelColumnName", "Name the column with --label-column." },
        { "score", "Columns", null },
        { "train forecast", "MissingValues", "Pass --missing previous or --missing linear to fill in missing values." },
        { "weights export", "network", "Choose one with --network." },
        { "report", "RunFolder", "Train with --run NAME to write a run folder." },
    };

    [Theory]
    [MemberData(nameof(Properties))]
    public void A_property_that_remedies_an_error_has_a_hint(string command, string property, string? hint) =>
        AssertHint(command, hint, new InvalidDataException("'in.csv', row 3: it cannot be used.").About(file: "in.csv", row: 3, property: property));

    [Fact]
    public void A_message_that_names_the_option_has_no_hint_beside_it()
    {
        var exception = new InvalidDataException("'x' is no number; DecimalMarker says how decimals are written.").About(property: "DecimalMarker");
        Assert.Equal("'x' is no number; --decimal-marker says how decimals are written.", ErrorMessage.Of(exception, Find("forecast")).Text);
    }

    [Fact]
    public void A_message_that_names_another_option_than_the_hint_keeps_the_hint()
    {
        var exception = new InvalidDataException("'run' has another training: NumberOfEpochs is 2 there and 4 here.")
            .About(file: "run", conflict: OutputConflict.Different, property: "NumberOfEpochs");
        Assert.Equal(
            new ErrorMessage("'run' has another training: --epochs is 2 there and 4 here. Leave out --resume to start over, or pass the model with --from to continue training it.", IsUsage: false),
            ErrorMessage.Of(exception, Find("train", "cnn")));
    }

    [Fact]
    public void Facts_of_a_wrapped_exception_count()
    {
        var inner = new IOException("'out.csv' exists.").About(file: "out.csv", conflict: OutputConflict.Exists);
        Assert.EndsWith("Pass --force to replace it.", ErrorMessage.Of(new IOException("'day.csv' failed: 'out.csv' exists.", inner), Find("score")).Text, StringComparison.Ordinal);
    }

    /// <summary>ML.NET's reading threads wrap what they met in an exception that hides the file, the row, and the column.</summary>
    [Fact]
    public void The_exception_with_facts_is_the_cause_of_one_without()
    {
        var inner = new InvalidDataException("'in.csv', row 3: field 2 ('A') is 'x'; a number is expected.").About(file: "in.csv", row: 3, column: "A", property: "OnError");
        foreach (var wrapped in (Exception[])[new InvalidOperationException("Worker encountered exception", inner), new TargetInvocationException(new InvalidOperationException("Worker", inner))])
            Assert.StartsWith(inner.Message, ErrorMessage.Of(wrapped, Find("score")).Text, StringComparison.Ordinal);
        // One with facts of its own is the better description.
        var outer = new InvalidDataException("'in.csv' cannot be read: it is damaged.", inner).About(file: "in.csv");
        Assert.Equal(outer.Message, ErrorMessage.Of(outer, Find("score")).Text);
    }

    [Fact]
    public void A_missing_label_column_has_a_hint_where_there_is_an_option_for_it()
    {
        var exception = new InvalidDataException("'in.csv' has no column 'Label'. Its columns are: A, B.").About(file: "in.csv", column: "Label");
        Assert.Equal($"{exception.Message} Name the label column with --label-column.", ErrorMessage.Of(exception, Find("train", "cnn")).Text);
        Assert.Equal($"{exception.Message} Name the label column with --label.", ErrorMessage.Of(exception, Find("score")).Text);
        Assert.Equal(exception.Message, ErrorMessage.Of(exception, Find("inspect")).Text);
    }

    [Fact]
    public void A_sentence_ends_before_its_hint() =>
        Assert.Equal("It is there. Pass --force to replace it.", ErrorMessage.Of(new IOException("It is there").About(conflict: OutputConflict.Exists), Find("score")).Text);

    /// <summary>A renamed option or property must not leave the table behind.</summary>
    [Fact]
    public void Every_name_in_the_table_is_there()
    {
        var options = Below(_root).SelectMany(command => command.Options).Select(option => option.Name).ToHashSet(StringComparer.Ordinal);
        Type[] types = [.. ((Type[])[typeof(TrainingOptions), typeof(Pipelines.FileScorer)]).SelectMany(type => type.Assembly.GetTypes())];
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var names = types.SelectMany(type => type.GetProperties(All).Select(property => property.Name)
            .Concat(type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)).SelectMany(method => method.GetParameters()).Select(parameter => parameter.Name ?? "")))
            .ToHashSet(StringComparer.Ordinal);
        // These are said in words, not by a property.
        Assert.All(OptionNames.Others.Concat(OptionNames.ByCommand.SelectMany(pair => pair.Value, (pair, option) => KeyValuePair.Create(pair.Key, option))), pair =>
        {
            Assert.Contains(pair.Value, options);
            Assert.Contains(pair.Key.Split('.')[^1], names);
        });
    }

    private static void AssertHint(string command, string? hint, Exception exception)
    {
        var said = ErrorMessage.Of(exception, Find(command.Split(' ')));
        Assert.Equal(new ErrorMessage(hint is null ? exception.Message : $"{exception.Message} {hint}", IsUsage: false), said);
    }

    private static Command Find(params string[] path) => path.Aggregate((Command)_root, (command, name) => command.Subcommands.Single(below => below.Name == name));

    private static IEnumerable<Command> Below(Command command) => command.Subcommands.SelectMany(Below).Prepend(command);
}
